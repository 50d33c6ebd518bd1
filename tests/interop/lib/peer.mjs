// A peer process: orders go in as JSON lines, what happened comes out as JSON lines. Every wait is
// for an event and has a deadline; nothing here waits for time to pass.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onDeadline } from './deadline.mjs';

const running = new Set();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.exit(1));
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export const DEADLINE_MS = 30_000;

/// Where the programs of each kind of peer are: {kind: [program, argument...]}.
export const programs = {};

export class Peer {
  /// Starts a peer of `kind` and waits until it listens. `options` are merged into the order.
  static async start(kind, name, options) {
    const peer = new Peer(kind, name);
    peer.send({ op: 'start', chain: 167000, listen: '/ip4/127.0.0.1/tcp/0', ...options });
    const { peer_id: id, addr } = await peer.event('started');
    Object.assign(peer, { id, addr });
    return peer;
  }

  constructor(kind, name) {
    this.kind = kind;
    this.name = `${name}(${kind})`;
    this.log = [];
    this.faults = [];
    this.waiting = new Set();
    this.references = 0;
    const [program, ...args] = programs[kind];
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    running.add(this.child);
    this.child.stdin.on('error', () => {});
    this.exited = new Promise((resolve) =>
      this.child.on('close', (code, signal) => {
        running.delete(this.child);
        this.isGone = true;
        for (const waiting of [...this.waiting]) waiting.fail(`ended with ${code ?? signal}`);
        resolve({ code, signal });
      }),
    );
    createInterface({ input: this.child.stdout }).on('line', (line) => this.take(JSON.parse(line)));
  }

  take(event) {
    if (event.ev === 'fault') this.faults.push(event);
    this.log.push(event);
    for (const waiting of [...this.waiting]) waiting.offer(event);
  }

  send(order) {
    this.child.stdin.write(`${JSON.stringify(order)}\n`);
  }

  /// Resolves with the first event, past ones included, for which `matches` holds.
  until(what, matches, deadline = DEADLINE_MS) {
    const found = this.log.find(matches);
    return found ? Promise.resolve(found) : this.next(what, matches, deadline);
  }

  /// As until(), for events from now on.
  next(what, matches, deadline = DEADLINE_MS) {
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        cancel();
        this.waiting.delete(waiting);
        settle(value);
      };
      const waiting = {
        offer: (event) => matches(event) && end(resolve, event),
        fail: (why) => end(reject, new Error(`${this.name}: ${why}, waiting for ${what}`)),
      };
      const cancel = onDeadline(deadline, () => {
        const last = JSON.stringify(this.log.slice(-5));
        waiting.fail(`nothing within ${deadline} ms; last events: ${last}`);
      });
      this.waiting.add(waiting);
      if (this.isGone) waiting.fail('ended');
    });
  }

  event(ev, filter = {}, deadline = DEADLINE_MS) {
    const wanted = Object.entries(filter);
    return this.until(
      `${ev} ${JSON.stringify(filter)}`,
      (event) => event.ev === ev && wanted.every(([key, value]) => event[key] === value),
      deadline,
    );
  }

  /// Sends the order under a reference of its own; resolves with the first event that carries it.
  ask(order, deadline = DEADLINE_MS) {
    this.references += 1;
    const ref = `${this.references}`;
    const answer = this.next(`answer to ${order.op}`, (event) => event.ref === ref, deadline);
    this.send({ ...order, ref });
    return answer;
  }

  events(ev) {
    return this.log.filter((event) => event.ev === ev);
  }
  messages() {
    return this.events('message');
  }

  /// Resolves when `count` messages have come in all.
  async received(count, deadline = DEADLINE_MS) {
    let seen = this.messages().length;
    if (seen >= count) return;
    await this.next(
      `${count} messages, has ${seen}`,
      (event) => {
        if (event.ev === 'message') seen += 1;
        return seen >= count;
      },
      deadline,
    );
  }

  async stop() {
    this.child.stdin.end();
    return this.exited;
  }
}

/// `from` dials `to`; both know of it, and each has seen the other's subscriptions to both topics.
export async function connect(from, to) {
  from.send({ op: 'dial', addr: to.addr });
  const sides = [
    [from, to],
    [to, from],
  ];
  await Promise.all(sides.map(([self, other]) => self.event('connected', { peer: other.id })));
  await Promise.all(
    sides.flatMap(([self, other]) =>
      ['commitments', 'txlists'].map((topic) =>
        self.event('subscribed', { peer: other.id, topic }),
      ),
    ),
  );
}
