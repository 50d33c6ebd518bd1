// Entry of the story with an L2 engine for ctest: the engine is `preconf devnet engine`, so that
// the story stays true between runs with engines of others; the second one, which is synced by
// checkpoint in the end, is in the same process.
//   node run_engine_simulated.mjs PROGRAM WORK_DIRECTORY [further arguments of l2_engine.mjs]
// Exit code 77 (skipped) only when the package registry can not be reached.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { runOnAnvil } from './on_anvil.mjs';

/// A port that was free a moment ago: the engine must come back where it was.
function freePort() {
  return new Promise((done, failed) => {
    const server = createServer().on('error', failed).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

const [program, directory] = process.argv.slice(2, 4).map((path) => resolve(path));
mkdirSync(directory, { recursive: true });
const jwt = join(directory, 'jwt.hex');
writeFileSync(jwt, randomBytes(32).toString('hex'), { mode: 0o600 });
const [http, auth, peerHttp, peerAuth] = (await Promise.all(
  Array.from({ length: 4 }, freePort))).map((port) => `127.0.0.1:${port}`);
process.exit(runOnAnvil('l2_engine.mjs', [
  program, directory, '--engine-http', `http://${http}`, '--engine-auth', `http://${auth}`,
  '--jwt', jwt, '--engine-ready', 'ready ',
  '--engine-start', `${program} devnet engine --jwt.secret ${jwt} --http ${http} --auth ${auth} ` +
    `--peer.http ${peerHttp} --peer.auth ${peerAuth}`,
  '--checkpoint-engine-http', `http://${peerHttp}`,
  '--checkpoint-engine-auth', `http://${peerAuth}`,
  ...process.argv.slice(4),
]));
