// What the stories on anvil have in common: the pinned packages beside a copy of this folder, and
// an empty data directory.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

/// Time of L1's first block where E2E_SEED names none: with it a seed is the same run every day.
const FIRST_BLOCK_TIME = 1_795_780_000;

/// Runs `story` with `args`: program, work directory, and what is for the story; for `timeout`
/// milliseconds, if there is one. Returns its exit code; ends the program with 77 when the package
/// registry can not be reached. E2E_SEED repeats a run.
export function runOnAnvil(story, args, timeout) {
  const source = dirname(fileURLToPath(import.meta.url));
  const [program, directory] = args.slice(0, 2).map((path) => resolve(path));
  mkdirSync(directory, { recursive: true });
  for (const name of ['lib', 'l1', 'l2', 'contracts', story]) {
    rmSync(join(directory, name), { recursive: true, force: true });
    cpSync(join(source, name), join(directory, name), { recursive: true });
  }
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
    cpSync(join(source, 'l1', name), join(directory, name));
  }
  // anvil and the KZG library are optional packages, one per platform; their install scripts only
  // look for them.
  install(directory, ['--ignore-scripts'], 240, 'L1 node');

  // The last run stays for a look.
  const run = join(directory, 'run');
  rmSync(run, { recursive: true, force: true });
  const named = process.env.E2E_SEED;
  const seed = named && !named.includes('-') ? `${named}-${FIRST_BLOCK_TIME}` : named;
  const e2e = spawnSync(process.execPath, [join(directory, story), program, run,
                                           ...(seed ? ['--seed', seed] : []), ...args.slice(2)],
      { stdio: 'inherit', timeout });
  if (e2e.signal) console.error(`${story} ended by ${e2e.signal}`);
  return e2e.status ?? 1;
}
