// The node under test and this client's side of it: starts it, kills it, starts it again, and
// delivers every request until it is answered.
import assert from 'node:assert/strict';
import { ConnectionLost, HttpRpc, subscribe, withDeadline } from './rpc.mjs';
import { Process, ProcessEnded } from './process.mjs';

export class Client {
  #waiters = new Set();
  #restart = null;
  #killAfterDecisions = 0;
  #killAtRecovery = false;

  /// `args`: of `preconf node`; `beforeRestart` runs while the node is down.
  constructor({ program, args, logFile, beforeRestart }) {
    Object.assign(this, { program, args, logFile, beforeRestart });
    this.head = 0;
    this.confirmed = 0;
    this.kills = 0;
    this.recoveries = [];
  }

  async start() {
    for (;;) {
      const node = new Process(this.program, this.args, this.logFile, (line) => this.#onLog(line));
      this.node = node;
      this.isAlive = true;
      try {
        const ready = await node.ready();
        this.recoveries.push(ready);
        this.http = new HttpRpc(ready.rpc);
        // What was published was durable: a head never goes back, whatever is killed.
        assert.ok(Number(ready.head) >= this.head, `head ${ready.head} after ${this.head}`);
        await this.#listen(ready.rpc);
        node.exited.then(() => this.#onEnd(node));
        return;
      } catch (error) {
        const wasKilled = !this.isAlive &&
          (error instanceof ProcessEnded || error instanceof ConnectionLost);
        if (!wasKilled) throw error;
        await node.exited;
      }
    }
  }

  /// Subscribes, then asks once for what was published before that.
  async #listen(address) {
    this.socket = await subscribe(address, ['heads', 'decisions'], (topic, notice) => {
      if (topic === 'heads') this.#sawHeads(notice);
      if (topic === 'decisions') this.#sawDecisions();
    });
    this.#sawHeads(await this.http.result('preconf_status'));
  }

  #onLog(line) {
    if (!this.#killAtRecovery || !line.includes('recovered')) return;
    this.#killAtRecovery = false;
    this.kill();
  }

  #onEnd(node) {
    if (this.node !== node || !this.isAlive || this.isStopping) return;
    this.isAlive = false;
    this.failure = new Error(`the node ended by itself:\n${node.tail.join('\n')}`);
    this.#settleWaiters();
  }

  /// Notices and the answer of preconf_status may overtake each other.
  #sawHeads({ unsafe, confirmed }) {
    this.head = Math.max(this.head, unsafe?.number ?? 0);
    this.confirmed = Math.max(this.confirmed, confirmed ?? 0);
    this.#settleWaiters();
  }

  #sawDecisions() {
    if (this.#killAfterDecisions > 0 && --this.#killAfterDecisions === 0) this.kill();
  }

  #settleWaiters() {
    for (const waiter of this.#waiters) {
      if (this.failure) waiter.reject(this.failure);
      else if (!this.isAlive) waiter.reject(new ConnectionLost('killed'));
      else if (waiter.isDone()) waiter.resolve();
      else continue;
      this.#waiters.delete(waiter);
    }
  }

  /// SIGKILL, now.
  kill() {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#killAfterDecisions = 0;
    this.node.child.kill('SIGKILL');
    ++this.kills;
    this.#settleWaiters();
  }

  /// SIGKILL at the `count`th notification of decisions from now on.
  killAfterDecisions(count) { this.#killAfterDecisions = count; }

  /// SIGKILL when the next start says that it has recovered, before it serves.
  killAtRecovery() { this.#killAtRecovery = true; }

  /// Makes sure that a node runs; after a kill, starts it again once.
  async #ensureRunning() {
    if (this.failure) throw this.failure;
    if (this.isAlive && !this.#restart) {
      // The connection broke before the end of the process was seen.
      const ended = await withDeadline(this.node.exited, 5_000, 'end of the unreachable node');
      throw new Error(`the node ended by itself: ${JSON.stringify(ended)}\n` +
                      this.node.tail.join('\n'));
    }
    this.#restart ??= (async () => {
      await this.node.exited;
      this.http?.close();
      this.socket?.terminate();
      await this.beforeRestart();
      await this.start();
    })().finally(() => { this.#restart = null; });
    await this.#restart;
  }

  /// Calls until there is an answer; restarts a killed node. Returns {answer, attempts}.
  async deliver({ method, params, body }, onSent) {
    for (let attempts = 1; ; ++attempts) {
      try {
        const answer = body === undefined ? await this.http.call(method, params, onSent)
                                          : await this.http.post(body, onSent);
        return { answer, attempts };
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        await this.#ensureRunning();
      }
    }
  }

  /// Waits for notifications until `isDone()`.
  async until(isDone, ms, what) {
    for (;;) {
      try {
        if (isDone()) return;
        await withDeadline(new Promise((resolve, reject) => {
          this.#waiters.add({ isDone, resolve, reject });
          this.#settleWaiters();
        }), ms, what);
        return;
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        await this.#ensureRunning();
      }
    }
  }

  headAtLeast(number) {
    return this.until(() => this.head >= number, 30_000, `head ${number} (is ${this.head})`);
  }

  async stop() {
    this.isStopping = true;
    this.socket.terminate();
    this.http.close();
    return this.node.end('SIGTERM');
  }
}
