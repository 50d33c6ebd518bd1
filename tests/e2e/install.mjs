// Installs pinned packages beside a copy of the sources that use them. Uses nothing but what
// Node.js brings.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const SKIPPED = 77;
/// What npm says when there is no way to the registry; anything else is not a network's fault.
const UNREACHABLE = new RegExp('\\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|' +
  'ESOCKETTIMEDOUT|ERR_SOCKET_TIMEOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|' +
  'UND_ERR_CONNECT_TIMEOUT)\\b');

/// `npm ci` of the package list in `directory`, unless that was done. Ends the program when it
/// fails: with SKIPPED only when the registry can not be reached; `without` says what is missing
/// then.
export function install(directory, options, seconds, without) {
  const lock = createHash('sha256').update(readFileSync(join(directory, 'package-lock.json')))
    .digest('hex');
  const stamp = join(directory, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  const npm = spawnSync('npm', ['ci', ...options, '--no-audit', '--no-fund', '--prefer-offline',
    '--fetch-retries=1', '--fetch-timeout=20000'],
    { cwd: directory, encoding: 'utf8', timeout: seconds * 1000 });
  process.stdout.write(`npm ci: ${npm.stdout ?? ''}${npm.stderr ?? ''}`);
  if (npm.error?.code === 'ENOENT') {
    console.error('npm is not installed; `./dev test` installs it');
    process.exit(1);
  }
  if (npm.status !== 0) {
    const isUnreachable = npm.error?.code === 'ETIMEDOUT' || UNREACHABLE.test(npm.stderr ?? '');
    console.error(isUnreachable
      ? `SKIPPED: the npm registry can not be reached, so there is no ${without}`
      : 'FAILED: npm could not install the packages, and not for want of a network');
    process.exit(isUnreachable ? SKIPPED : 1);
  }
  writeFileSync(stamp, lock);
}
