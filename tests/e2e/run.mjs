// Entry of the test `e2e_independent_client`: installs the pinned packages beside a copy of this
// folder, then runs e2e.mjs there.
//   node run.mjs PROGRAM WORK_DIRECTORY
// Exit code 77 (skipped) only when the package registry can not be reached; everything else that
// goes wrong is a failure. Uses nothing but what Node.js brings. E2E_SEED repeats a run.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

const source = dirname(fileURLToPath(import.meta.url));
const [program, directory] = process.argv.slice(2).map((path) => resolve(path));
const files = ['package.json', 'package-lock.json', '.npmrc', 'e2e.mjs', 'make_vectors.mjs', 'lib'];

mkdirSync(directory, { recursive: true });
rmSync(join(directory, 'lib'), { recursive: true, force: true });
for (const name of files) {
  cpSync(join(source, name), join(directory, name), { recursive: true });
}

// Optional packages are native helpers that nothing here needs.
install(directory, ['--omit=optional'], 60, 'independent client');

// Every run begins on an empty data directory; the last one stays for a look.
const run = join(directory, 'run');
rmSync(run, { recursive: true, force: true });
const seed = process.env.E2E_SEED;
const e2e = spawnSync(process.execPath, [join(directory, 'e2e.mjs'), program, run,
                                         ...(seed ? [seed] : [])],
    { stdio: 'inherit', timeout: 230_000 });
if (e2e.signal) console.error(`e2e.mjs ended by ${e2e.signal}`);
process.exit(e2e.status ?? 1);
