// The node beside an engine that is not its own: waits by height, since only the engine knows
// hashes before they are there.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Follower } from '../l1/follower.mjs';
import { run } from '../lib/process.mjs';

/// An engine's own sync of a small chain, with looks at it that are 12 s apart in the end.
const SYNC_MS = 180_000;

export class Node extends Follower {
  /// `checkpoint`: URL of an L2 node by which the engine is synced before the node is ready.
  constructor({ program, directory, engine, l1, schedule, checkpoint }) {
    super({ program, directory, secret: engine.secret, l1 });
    Object.assign(this, { owner: engine, ports: engine.ports, jwtFile: engine.jwtFile });
    this.nodeOptions = ['--schedule', schedule];
    if (checkpoint === undefined) return;
    this.nodeOptions.push('--l2.checkpoint', checkpoint);
    this.startMs = SYNC_MS;
  }

  async start() {
    mkdirSync(this.directory, { recursive: true });
    await this.startNode();
  }

  /// Waits until `proposal` is the last one that is derived, the safe head is at `number`, and
  /// nothing of L1 is left to be done.
  async settled(proposal, number) {
    await this.until(({ derived, safe, gateOpen, confirmed }) =>
      (derived ?? 0) === proposal && (safe?.number ?? 0) === number && gateOpen &&
        (confirmed ?? 0) === number,
    120_000, `proposal ${proposal} with safe head ${number}`);
    return this.heads;
  }

  /// Waits until `number` is executed, and open for more.
  async executed(number) {
    await this.until(({ unsafe, gateOpen }) => unsafe?.number === number && gateOpen, 120_000,
                     `executed head ${number}`);
    return this.heads;
  }

  /// One line for each event of this kind in its log. The node must have ended.
  async events(kind) {
    const { code, output } = await run(this.program, ['log', 'ls', this.datadir, '--kind', kind],
                                       join(this.directory, 'replay.log'));
    if (code !== 0) throw new Error(`preconf log ls: exit ${code}\n${output}`);
    return output.split('\n').filter((line) => line.includes(kind));
  }

  /// Ends the node alone; throws unless it ends well.
  async stop() {
    this.isAlive = false;
    this.socket.terminate();
    this.rpc.close();
    const { code, signal } = await this.node.end('SIGTERM');
    if (code !== 0) throw new Error(`the node ended with code ${code}, signal ${signal}`);
  }
}
