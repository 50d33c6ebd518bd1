// A node that follows L1, and its engine; both can be killed and come back at the same addresses.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SLASHER } from '../lib/honest.mjs';
import { Process, run } from '../lib/process.mjs';
import { HttpRpc, subscribe, withDeadline } from '../lib/rpc.mjs';

export class Follower {
  #waiters = new Set();
  /// The node's heads and derived proposal, as it told them last.
  heads = {};
  /// Further options of `preconf node`.
  nodeOptions = [];
  /// How long the node may take until its ports are open.
  startMs = 30_000;

  /// `l1`: addresses { http, beacon } and the deployment file; `secret`: of the engine's auth port.
  constructor({ program, directory, secret, l1 }) {
    Object.assign(this, { program, directory, secret, l1, kills: 0 });
    this.datadir = join(directory, 'node');
    this.ports = { http: '127.0.0.1:0', auth: '127.0.0.1:0' };
  }

  async start() {
    mkdirSync(this.directory, { recursive: true });
    this.jwtFile = join(this.directory, 'jwt.hex');
    writeFileSync(this.jwtFile, this.secret, { mode: 0o600 });
    await this.startEngine();
    await this.startNode();
  }

  async startEngine() {
    this.engine = new Process(this.program, ['devnet', 'engine', '--jwt.secret', this.jwtFile,
      '--http', this.ports.http, '--auth', this.ports.auth], join(this.directory, 'engine.log'));
    this.ports = await this.engine.ready();
    this.open?.close();
    this.open = new HttpRpc(this.ports.http);
    this.control?.close();
    this.control = new HttpRpc(this.ports.auth, this.secret, 120_000);
  }

  async startNode() {
    this.node = new Process(this.program, ['node', '--datadir', this.datadir,
      '--chain', 'devnet', '--l2.http', `http://${this.ports.http}`,
      '--l2.auth', `http://${this.ports.auth}`, '--jwt.secret', this.jwtFile,
      '--preconf.rpc.addr', '127.0.0.1:0', '--preconf.slasher', SLASHER,
      '--l1.http', `http://${this.l1.http}`, '--l1.ws', `ws://${this.l1.http}`,
      '--l1.beacon', `http://${this.l1.beacon}`, '--l1.deployment', this.l1.deployment,
      '--l1.poll-interval', '250', '--snapshot.events', '500', '--invariants.events', '16',
      ...this.nodeOptions,
    ], join(this.directory, 'node.log'));
    const node = this.node;
    const ready = await node.ready(this.startMs);
    this.isAlive = true;
    node.exited.then(({ code, signal }) => {
      if (this.node !== node || !this.isAlive) return;
      this.#fail(new Error(`the node ended by itself: code ${code}, signal ${signal}\n` +
                           node.tail.join('\n')));
    });
    // What the last life told may never have become durable.
    this.heads = {};
    this.seen = { heads: 0, proposals: 0 };
    this.rpc?.close();
    this.rpc = new HttpRpc(ready.rpc);
    this.socket = await subscribe(ready.rpc, ['heads', 'proposals'],
                                  (topic, notice) => this.#saw(topic, notice));
    this.socket.on('error', () => {});
    const status = await this.rpc.result('preconf_status');
    this.#saw('heads', { ...status, seq: status.lastSeq });
    this.#saw('proposals', { derived: status.l1.derivedProposal, seq: status.lastSeq });
  }

  /// Notices and the answer of preconf_status may overtake each other.
  #saw(topic, notice) {
    if (notice.seq < this.seen[topic]) return;
    this.seen[topic] = notice.seq;
    Object.assign(this.heads, notice);
    for (const waiter of this.#waiters) {
      if (waiter.isDone(this.heads)) waiter.resolve();
    }
  }

  #fail(error) {
    this.failure = error;
    for (const waiter of this.#waiters) waiter.reject(error);
  }

  /// Waits for notices of heads and proposals until `isDone(heads)`.
  async until(isDone, ms, what) {
    if (this.failure) throw this.failure;
    if (isDone(this.heads)) return;
    let waiter;
    const done = new Promise((resolve, reject) => { waiter = { isDone, resolve, reject }; });
    this.#waiters.add(waiter);
    try {
      await withDeadline(done, ms, what);
    } catch (error) {
      const status = await this.rpc.call('preconf_status').catch((failed) => failed.message);
      throw new Error(`${error.message}; status ${JSON.stringify(status)}\n` +
                      this.node.tail.join('\n'));
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  /// Waits until proposal `id` is the last that is derived, and this L2 block the node's safe head.
  /// Blocks of proposals that a reorg of L1 took back may stand above it, as if they were promised,
  /// until L1 proposes others.
  at({ id, tip }, ms = 120_000) {
    return this.until(({ derived, safe }) => (derived ?? 0) === id && safe?.hash === tip.hash, ms,
                      `proposal ${id} with safe head ${tip.number} ${tip.hash}`);
  }

  /// Waits until nothing of L1 is left to be done either: the head L1 origin is there, too.
  settledAt(tip, ms = 120_000) {
    return this.until(({ safe, gateOpen, confirmed }) => safe?.hash === tip.hash && gateOpen &&
                        confirmed === Number(tip.number),
                      ms, `settled at ${tip.number} ${tip.hash}`);
  }

  /// Waits until this L2 block is the safe head and the executed one.
  endsAt(tip, ms = 120_000) {
    return this.until(({ safe, unsafe }) => safe?.hash === tip.hash && unsafe?.hash === tip.hash,
                      ms, `safe and executed head ${tip.number} ${tip.hash}`);
  }

  /// SIGKILL; the node is gone when this resolves.
  async kill() {
    this.isAlive = false;
    this.socket.terminate();
    await this.node.end('SIGKILL');
    ++this.kills;
  }

  /// SIGKILL; the next engine has the same addresses and not a block.
  async replaceEngine() {
    await this.engine.end('SIGKILL');
    await this.startEngine();
  }

  /// Waits until the engine has a block at this height.
  engineAt(tip) { return this.control.result('sim_waitHead', [Number(tip.number)]); }

  /// Ends both; throws unless the node ends well.
  async stop() {
    this.isAlive = false;
    this.socket.terminate();
    this.rpc.close();
    this.open.close();
    this.control.close();
    const { code, signal } = await this.node.end('SIGTERM');
    await this.engine.end('SIGTERM');
    if (code !== 0) throw new Error(`the node ended with code ${code}, signal ${signal}`);
  }

  /// What `preconf replay` says of its log: { code, output }.
  replay(...options) {
    return run(this.program, ['replay', ...options, this.datadir],
               join(this.directory, 'replay.log'));
  }
}
