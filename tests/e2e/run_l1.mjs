// Entry of the test `e2e_l1_anvil`: installs the pinned packages beside a copy of this folder, then
// runs l1_anvil.mjs there.
//   node run_l1.mjs PROGRAM WORK_DIRECTORY [arguments of l1_anvil.mjs]
// With arguments it takes as long as it takes.
// Exit code 77 (skipped) only when the package registry can not be reached; everything else that
// goes wrong is a failure. E2E_SEED repeats a run.
import { runOnAnvil } from './on_anvil.mjs';

const args = process.argv.slice(2);
process.exit(runOnAnvil('l1_anvil.mjs', args, args.length === 2 ? 540_000 : undefined));
