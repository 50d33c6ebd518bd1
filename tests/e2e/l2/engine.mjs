// The L2 engine under test, whoever made it: started and ended if it was told how, and asked what
// it has. Nothing here tells it anything about blocks; that is the node's part.
import { readFileSync } from 'node:fs';
import { getBytes, hexlify } from 'ethers';
import { hexQuantity } from '../lib/numbers.mjs';
import { Process } from '../lib/process.mjs';
import { HttpRpc, withDeadline } from '../lib/rpc.mjs';

const START_MS = 180_000;

/// HOST:PORT of a plain http URL.
const addressOf = (url) => new URL(url).host;

export class Engine {
  /// `start`: a command for /bin/sh that stays in the foreground; `ready`: what it prints when its
  /// ports are open.
  constructor({ http, auth, jwtFile, start, ready, logFile }) {
    Object.assign(this, { jwtFile, start, ready, logFile, starts: 0 });
    this.ports = { http: addressOf(http), auth: addressOf(auth) };
    const text = readFileSync(jwtFile, 'utf8').trim();
    this.secret = hexlify(getBytes(text.startsWith('0x') ? text : `0x${text}`));
    this.#connect();
  }

  #connect() {
    this.open = new HttpRpc(this.ports.http);
    this.auth = new HttpRpc(this.ports.auth, this.secret, 60_000);
  }

  get canRestart() { return this.start !== undefined; }

  /// Starts it, if it is ours to start; says who it is.
  async begin() {
    if (this.canRestart) await this.#launch();
    this.version = await this.open.result('web3_clientVersion').catch((error) => error.message);
    this.genesis = await this.block(0);
    return this.version;
  }

  async #launch() {
    let seen;
    const isReady = new Promise((resolve) => { seen = resolve; });
    // Ports are opened in no order: all of the texts must have been seen.
    const awaited = new Set(this.ready);
    const look = (line) => {
      for (const text of awaited) if (line.includes(text)) awaited.delete(text);
      if (awaited.size === 0) seen();
    };
    this.process = new Process('/bin/sh', ['-c', `exec ${this.start}`], this.logFile, look);
    this.process.lines.on('line', look);
    const ended = this.process.exited.then(({ code, signal }) => {
      throw new Error(`the engine ended before it was ready: code ${code}, signal ${signal}\n` +
                      this.process.tail.join('\n'));
    });
    const what = `"${this.ready.join('", "')}" of the engine`;
    await withDeadline(Promise.race([isReady, ended]), START_MS, what);
    ended.catch(() => {});
    ++this.starts;
  }

  /// Ends it with `signal` and starts it again on what it kept. Returns its head then.
  async restart(signal) {
    await this.process.end(signal);
    this.open.close();
    this.auth.close();
    this.#connect();
    await this.#launch();
    return this.block('latest');
  }

  /// Where its peers find it, if it listens on loopback: enode URL. It must serve `admin`.
  async enode() {
    const { enode } = await this.open.result('admin_nodeInfo');
    const url = new URL(enode);
    return `enode://${url.username}@127.0.0.1:${url.port}`;
  }

  async end() {
    this.open.close();
    this.auth.close();
    if (this.canRestart) await this.process.end('SIGTERM');
  }

  /// By number or tag; null where there is none.
  async block(which, full = false) {
    const tag = typeof which === 'string' ? which : hexQuantity(which);
    const answer = await this.open.call('eth_getBlockByNumber', [tag, full]);
    // A tag that was never set is null for some engines and an error for others.
    return answer.error ? null : answer.result;
  }

  /// Origin row of a block, of the head pointer's; undefined when there is none.
  async #row(method, params) {
    const answer = await this.open.call(method, params);
    if (answer.error?.message === 'not found') return undefined;
    if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }

  origin(number) { return this.#row('taiko_l1OriginByID', [hexQuantity(number)]); }
  headOrigin() { return this.#row('taiko_headL1Origin', []); }

  /// Last block of a proposal, as the mapping says; null without one.
  async lastBlockOf(proposal) {
    const answer = await this.auth.result('taikoAuth_lastBlockIDByBatchID',
                                          [hexQuantity(proposal)]);
    return answer === null ? null : Number(answer);
  }

  /// Receipts of a block; undefined from an engine that keeps none.
  async receipts(number) {
    const answer = await this.open.call('eth_getBlockReceipts', [hexQuantity(number)]);
    return answer.error ? undefined : answer.result;
  }

  async nonce(address) {
    return Number(await this.open.result('eth_getTransactionCount', [address, 'latest']));
  }
}
