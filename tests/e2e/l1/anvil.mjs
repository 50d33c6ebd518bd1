// anvil, Foundry's L1 node: started, restarted with its saved state, and told when to mine.
import { createRequire } from 'node:module';
import net from 'node:net';
import { Process } from '../lib/process.mjs';
import { HttpRpc, withDeadline } from '../lib/rpc.mjs';

export const SLOT_SECONDS = 12;
/// So far behind its head lies what anvil calls finalized: a real L1 takes no more back.
export const FINALITY_BLOCKS = 64;
const PLATFORMS = { x64: 'linux-amd64', arm64: 'linux-arm64' };

/// A port of loopback that nobody has: anvil comes back at the same one after a restart.
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function programPath() {
  const name = `@foundry-rs/anvil-${PLATFORMS[process.arch]}/bin/anvil`;
  return createRequire(import.meta.url).resolve(name);
}

export class Anvil {
  /// `genesis`: time of block 0; `state`: file for what outlives a restart.
  constructor({ port, genesis, state, logFile }) {
    Object.assign(this, { port, genesis, state, logFile, address: `127.0.0.1:${port}` });
    this.#connect();
    this.restarts = 0;
    /// Reorgs keep this block and those below.
    this.floor = 0;
  }

  /// The first blob after a start takes seconds: anvil reads its trusted setup then.
  #connect() { this.rpc = new HttpRpc(this.address, undefined, 300_000); }

  async start() {
    this.process = new Process(programPath(), [
      '--port', String(this.port), '--no-mining', '--order', 'fifo', '--hardfork', 'prague',
      '--timestamp', String(this.genesis), '--state', this.state, '--preserve-historical-states',
      // States beyond the 500 of its default go to a disk cache, from which it undoes nothing.
      '--prune-history', '5000',
      '--no-request-size-limit',
    ], this.logFile);
    await withDeadline(new Promise((resolve, reject) => {
      this.process.lines.on('line', (line) => {
        if (line.startsWith('Listening on')) resolve();
      });
      this.process.exited.then(() => reject(new Error(
        `anvil ended before it listened:\n${this.process.tail.join('\n')}`)), reject);
    }), 30_000, 'anvil');
    await this.rpc.result('anvil_setBlockTimestampInterval', [SLOT_SECONDS]);
  }

  /// Ends anvil, which writes its state, and starts it again with that. After anvil_reorg the
  /// state has hashes of blocks that were replaced, and the contracts of the next block see one of
  /// them as its parent's: the inbox would store a proposal that no L1 has. So that block is empty.
  async restart() {
    await this.process.end('SIGTERM');
    this.rpc.close();
    this.#connect();
    await this.start();
    await this.mine();
    this.floor = await this.height();
    ++this.restarts;
  }

  async height() { return Number(await this.rpc.result('eth_blockNumber')); }

  block(number) {
    return this.rpc.result('eth_getBlockByNumber', ['0x' + number.toString(16), false]);
  }

  /// One block a slot; the first one after `skipped` empty slots. After a restart anvil's own
  /// clock begins at its genesis, so every time is told.
  async mine(blocks = 1, skipped = 0) {
    let { timestamp } = await this.rpc.result('eth_getBlockByNumber', ['latest', false]);
    timestamp = Number(timestamp) + SLOT_SECONDS * skipped;
    for (let i = 0; i < blocks; ++i) {
      timestamp += SLOT_SECONDS;
      await this.rpc.result('evm_setNextBlockTimestamp', [timestamp]);
      await this.rpc.result('evm_mine');
    }
  }
}
