// Entry of the test `e2e_independent_client`: installs the pinned packages beside a copy of this
// folder, then runs e2e.mjs there.
//   node run.mjs PROGRAM WORK_DIRECTORY
// Exit code 77 (skipped) only when the package registry can not be reached; everything else that
// goes wrong is a failure. Uses nothing but what Node.js brings. E2E_SEED repeats a run.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SKIPPED = 77;
/// What npm says when there is no way to the registry; anything else is not a network's fault.
const UNREACHABLE = new RegExp('\\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|' +
  'ESOCKETTIMEDOUT|ERR_SOCKET_TIMEOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|' +
  'UND_ERR_CONNECT_TIMEOUT)\\b');

const source = dirname(fileURLToPath(import.meta.url));
const [program, directory] = process.argv.slice(2).map((path) => resolve(path));
const files = ['package.json', 'package-lock.json', '.npmrc', 'e2e.mjs', 'make_vectors.mjs', 'lib'];

mkdirSync(directory, { recursive: true });
rmSync(join(directory, 'lib'), { recursive: true, force: true });
for (const name of files) {
  cpSync(join(source, name), join(directory, name), { recursive: true });
}

const lock = createHash('sha256').update(readFileSync(join(source, 'package-lock.json')))
  .digest('hex');
const stamp = join(directory, 'installed');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  // Optional packages are native helpers that nothing here needs.
  const npm = spawnSync('npm', ['ci', '--omit=optional', '--no-audit', '--no-fund',
    '--prefer-offline', '--fetch-retries=1', '--fetch-timeout=20000'],
    { cwd: directory, encoding: 'utf8', timeout: 60_000 });
  process.stdout.write(`npm ci: ${npm.stdout ?? ''}${npm.stderr ?? ''}`);
  if (npm.error?.code === 'ENOENT') {
    console.error('npm is not installed; `./dev test` installs it');
    process.exit(1);
  }
  if (npm.status !== 0) {
    const isUnreachable = npm.error?.code === 'ETIMEDOUT' || UNREACHABLE.test(npm.stderr ?? '');
    console.error(isUnreachable
      ? 'SKIPPED: the npm registry can not be reached, so there is no independent client'
      : 'FAILED: npm could not install the packages, and not for want of a network');
    process.exit(isUnreachable ? SKIPPED : 1);
  }
  writeFileSync(stamp, lock);
}

// Every run begins on an empty data directory; the last one stays for a look.
const run = join(directory, 'run');
rmSync(run, { recursive: true, force: true });
const seed = process.env.E2E_SEED;
const e2e = spawnSync(process.execPath, [join(directory, 'e2e.mjs'), program, run,
                                         ...(seed ? [seed] : [])],
    { stdio: 'inherit', timeout: 230_000 });
if (e2e.signal) console.error(`e2e.mjs ended by ${e2e.signal}`);
process.exit(e2e.status ?? 1);
