// Entry of the story with an L2 engine of somebody else's, run by hand: installs the pinned
// packages beside a copy of this folder, then runs l2_engine.mjs there.
//   node run_engine.mjs PROGRAM WORK_DIRECTORY --engine-http URL --engine-auth URL --jwt FILE
//                       [further arguments of l2_engine.mjs, as --checkpoint-engine-*]
// Exit code 77 (skipped) only when the package registry can not be reached; everything else that
// goes wrong is a failure. docs/interop.md says what was seen.
import { runOnAnvil } from './on_anvil.mjs';

process.exit(runOnAnvil('l2_engine.mjs', process.argv.slice(2)));
