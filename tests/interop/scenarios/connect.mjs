// Connecting, both ways round and with both kinds of key; identify and ping.
import { connect, Peer } from '../lib/peer.mjs';
import { assert } from '../lib/check.mjs';
import { hex } from '../lib/content.mjs';

const PROTOCOLS = [
  '/meshsub/1.2.0',
  '/meshsub/1.1.0',
  '/ipfs/id/1.0.0',
  '/ipfs/ping/1.0.0',
  ...['get_head', 'get_commitments_by_number', 'get_raw_txlist'].map(
    (name) => `/taiko/167000/preconf/1/${name}`,
  ),
];

async function identified(self, other) {
  const { protocols } = await self.event('identified', { peer: other.id });
  for (const protocol of PROTOCOLS)
    assert.ok(protocols.includes(protocol), `${other.name} lists ${protocol}`);
}

async function answersPing(self, other) {
  if (self.kind === 'rust')
    await self.event('pong', { peer: other.id }); // pings by itself
  else assert.equal((await self.ask({ op: 'ping', peer: other.id })).ev, 'pong');
}

export async function connectScenario({ left, right, random }) {
  const notes = [];
  for (const keys of [
    ['ed25519', 'ed25519'],
    ['secp256k1', 'secp256k1'],
    ['ed25519', 'secp256k1'],
  ]) {
    const [a, b] = await Promise.all([
      Peer.start(left, 'dialler', { key_type: keys[0], secret: hex(random.bytes(32)) }),
      Peer.start(right, 'listener', { key_type: keys[1], secret: hex(random.bytes(32)) }),
    ]);
    await connect(a, b);
    await Promise.all([identified(a, b), identified(b, a)]);
    await Promise.all([answersPing(a, b), answersPing(b, a)]);
    assert.deepEqual([a.faults, b.faults], [[], []]);
    const gone = b.event('disconnected', { peer: a.id });
    a.send({ op: 'hangup', peer: b.id });
    await gone;
    await Promise.all([a.stop(), b.stop()]);
    notes.push(keys.join('-'));
  }
  return notes.join(', ');
}

/// A dial to an address with another peer's id must fail: the identity is what was asked for.
export async function wrongPeerScenario({ left, right, random }) {
  const start = (kind, name) =>
    Peer.start(kind, name, { key_type: 'ed25519', secret: hex(random.bytes(32)) });
  const [a, b, c] = await Promise.all([
    start(left, 'dialler'),
    start(right, 'listener'),
    start(right, 'other'),
  ]);
  const failed = a.event('dial_failed');
  a.send({ op: 'dial', addr: b.addr.replace(b.id, c.id) });
  const { reason } = await failed;
  await Promise.all([a.stop(), b.stop(), c.stop()]);
  return reason.split('\n')[0].slice(0, 120);
}
