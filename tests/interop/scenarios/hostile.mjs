// Peers that send garbage at each layer, say nothing, or say it one byte at a time; meanwhile an
// honest one must not notice.
import { connect, Peer } from '../lib/peer.mjs';
import { assert } from '../lib/check.mjs';
import { hex } from '../lib/content.mjs';
import { shout, shouts, silences } from '../peers/hostile/raw.mjs';
import { commitments, compare, pour } from './gossip.mjs';

/// How long a peer may take to answer an attack, ms: over its longest time-out.
const ATTACK_MS = 12_000;

async function withHonest({ left, right, random }, body) {
  const start = (kind, name) =>
    Peer.start(kind, name, { key_type: 'ed25519', secret: hex(random.bytes(32)) });
  const [target, honest] = await Promise.all([start(left, 'target'), start(right, 'honest')]);
  await connect(honest, target);
  const before = await target.ask({ op: 'stats' });
  const messages = commitments(random, 200);
  await pour(honest, target, messages.slice(0, 100));
  const note = await body(target);
  await pour(honest, target, messages.slice(100));
  compare(target, honest, messages);
  assert.deepEqual([honest.faults, honest.events('disconnected')], [[], []]);
  const after = await target.ask({ op: 'stats' });
  assert.equal(after.peers, 1, 'only the honest peer is left');
  await Promise.all([target.stop(), honest.stop()]);
  const mebibytes = [before, after].map(({ rss_kib: kib }) => Math.round(kib / 1024));
  return `${note}; ${mebibytes[0]} MiB before, ${mebibytes[1]} after`;
}

export function shoutScenario(options) {
  return withHonest(options, async (target) => {
    const cases = shouts();
    // All at once: what is cut by a time-out takes ten seconds.
    await Promise.all(
      cases.flatMap(([name, bytes]) =>
        (bytes.length < 20_000 ? [false, true] : [false]).map((drip) =>
          shout(target.addr, bytes, { drip }).catch((error) => {
            throw new Error(`${name}${drip ? ', byte by byte' : ''}: ${error.message}`);
          }),
        ),
      ),
    );
    return `${cases.length} kinds of garbage before the secure channel`;
  });
}

export function silenceScenario(options) {
  return withHonest(options, async (target) => {
    const took = await Promise.all(silences().map(([, bytes]) => shout(target.addr, bytes)));
    return `silent peers are cut after ${took.join(', ')} ms`;
  });
}

export function insideScenario(options) {
  return withHonest(options, async (target) => {
    const attacker = new Peer('hostile', 'attacker');
    attacker.send({ op: 'start' });
    const { attacks } = await attacker.event('started');
    for (const { name, mayGoOn } of attacks) {
      const order = { op: 'attack', name, addr: target.addr, deadline: ATTACK_MS };
      const gone = target.next('the attacker gone', ({ ev }) => ev === 'disconnected');
      const { how } = await attacker.ask(order, 60_000);
      assert.ok(mayGoOn || how !== 'open', `${name}: the peer goes on as if nothing had been`);
      await gone.catch((error) => {
        throw new Error(`${name}: ${error.message}`);
      });
    }
    await attacker.stop();
    return `${attacks.length} kinds of garbage inside of it`;
  });
}
