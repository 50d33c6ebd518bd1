// An attacker with a valid identity: js-libp2p with a muxer or with streams that misbehave. Started
// and ordered as the other peers; `attack` runs one by name and reports how it ended.
import { createInterface } from 'node:readline';
import { randomBytes } from 'node:crypto';

import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import { ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';

import { onDeadline } from '../../lib/deadline.mjs';

const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const SYN = 1,
  ACK = 2,
  FIN = 4,
  RST = 8;

function header(type, flags, stream, length, version = 0) {
  const out = Buffer.alloc(12);
  out.writeUInt8(version, 0);
  out.writeUInt8(type, 1);
  out.writeUInt16BE(flags, 2);
  out.writeUInt32BE(stream, 4);
  out.writeUInt32BE(length, 8);
  return out;
}

const MUXER_ATTACKS = {
  'yamux: random bytes': () => randomBytes(4096),
  'yamux: version 7': () => header(0, SYN, 1, 0, 7),
  'yamux: type 9': () => header(9, SYN, 1, 0),
  "yamux: SYN with the listener's parity": () => header(0, SYN, 2, 0),
  'yamux: SYN on a live stream': () => Buffer.concat([header(1, SYN, 1, 0), header(1, SYN, 1, 0)]),
  'yamux: body of 4 GiB announced': () =>
    Buffer.concat([header(1, SYN, 1, 0), header(0, 0, 1, 0xffff_ffff)]),
  'yamux: body over the window': () =>
    Buffer.concat([header(1, SYN, 1, 0), header(0, 0, 1, 300_000), Buffer.alloc(300_000)]),
  'yamux: window overflow': () =>
    Buffer.concat([header(1, SYN, 1, 0), header(1, 0, 1, 0xffff_ffff)]),
  'yamux: data on stream 0': () => Buffer.concat([header(0, 0, 0, 4), Buffer.alloc(4)]),
  'yamux: unasked pong': () => header(2, ACK, 0, 77),
  'yamux: 5000 streams': () =>
    Buffer.concat(Array.from({ length: 5000 }, (_, i) => header(1, SYN, 2 * i + 1, 0))),
  'yamux: opened and reset, 5000 times': () =>
    Buffer.concat(
      Array.from({ length: 5000 }, (_, i) =>
        Buffer.concat([header(1, SYN, 2 * i + 1, 0), header(1, RST, 2 * i + 1, 0)]),
      ),
    ),
  'yamux: go away': () => header(3, 0, 0, 0),
  'yamux: ended twice': () =>
    Buffer.concat([header(1, SYN, 1, 0), header(1, FIN, 1, 0), header(1, FIN, 1, 0)]),
};

const varint = (value) => {
  const out = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      out.push(rest);
      return Buffer.from(out);
    }
    out.push((rest % 128) | 128);
  }
};
const framed = (body) => Buffer.concat([varint(body.length), body]);
const field = (number, body) => Buffer.concat([varint(number * 8 + 2), varint(body.length), body]);
const TOPIC = Buffer.from('/taiko/167000/0/rawTxLists');

const STREAM_ATTACKS = {
  'gossipsub: a frame that is no message': [
    '/meshsub/1.1.0',
    () => framed(Buffer.concat([Buffer.from([7]), randomBytes(5000)])),
  ],
  'gossipsub: frame of 10 MiB and one byte': ['/meshsub/1.1.0', () => varint(10 * 1024 * 1024 + 1)],
  'gossipsub: length of ten bytes': ['/meshsub/1.1.0', () => Buffer.alloc(10, 0xff)],
  'gossipsub: message without signature': [
    '/meshsub/1.1.0',
    () => framed(field(2, Buffer.concat([field(2, randomBytes(64)), field(4, TOPIC)]))),
  ],
  'gossipsub: message with a wrong signature': [
    '/meshsub/1.1.0',
    () =>
      framed(
        field(
          2,
          Buffer.concat([
            field(1, randomBytes(38)),
            field(2, randomBytes(64)),
            field(3, randomBytes(8)),
            field(4, TOPIC),
            field(5, randomBytes(64)),
          ]),
        ),
      ),
  ],
  'gossipsub: 50,000 subscriptions': [
    '/meshsub/1.1.0',
    () =>
      framed(
        Buffer.concat(
          Array.from({ length: 50_000 }, (_, i) =>
            field(1, Buffer.concat([Buffer.from([8, 1]), field(2, Buffer.from(`t${i}`))])),
          ),
        ),
      ),
  ],
  'gossipsub: IWANT of 50,000 ids': [
    '/meshsub/1.1.0',
    () =>
      framed(
        field(
          3,
          field(2, Buffer.concat(Array.from({ length: 50_000 }, () => field(1, randomBytes(20))))),
        ),
      ),
  ],
  'get_head: empty frame': ['/taiko/167000/preconf/1/get_head', () => Buffer.from([0])],
  'get_head: frame over its cap': [
    '/taiko/167000/preconf/1/get_head',
    () => framed(randomBytes(129)),
  ],
  'get_head: length not minimal': [
    '/taiko/167000/preconf/1/get_head',
    () => Buffer.from([0x84, 0x00, 4, 0, 0, 0]),
  ],
  'get_head: half a frame, then the end': [
    '/taiko/167000/preconf/1/get_head',
    () => Buffer.from([4, 4]),
  ],
  'commitments: number over 64 bits': [
    '/taiko/167000/preconf/1/get_commitments_by_number',
    () => framed(Buffer.concat([Buffer.alloc(32, 0xff), Buffer.alloc(4, 0xff)])),
  ],
  'identify: pushed garbage': ['/ipfs/id/push/1.0.0', () => framed(randomBytes(3000))],
  'identify: push of 1 MiB announced': ['/ipfs/id/push/1.0.0', () => varint(1 << 20)],
  'ping: half a ping, then the end': ['/ipfs/ping/1.0.0', () => randomBytes(31)],
};

/// What a peer may count and otherwise pass over, its connection unharmed.
const MAY_GO_ON = new Set([
  'yamux: opened and reset, 5000 times',
  'yamux: ended twice',
  'yamux: 5000 streams',
  'yamux: unasked pong',
  'gossipsub: message without signature',
  'gossipsub: message with a wrong signature',
  'gossipsub: 50,000 subscriptions',
  'gossipsub: IWANT of 50,000 ids',
]);
const attacks = [...Object.keys(MUXER_ATTACKS), ...Object.keys(STREAM_ATTACKS)].map((name) => ({
  name,
  mayGoOn: MAY_GO_ON.has(name),
}));

/// A muxer that says `bytes` and nothing else.
class SayingMuxer extends EventTarget {
  constructor(channel, bytes) {
    super();
    Object.assign(this, { protocol: '/yamux/1.0.0', streams: [], status: 'open', channel });
    channel.addEventListener('message', () => {});
    channel.send(bytes);
  }
  get listenerCount() {
    return () => 0;
  }
  safeDispatchEvent(type, init) {
    return this.dispatchEvent(new CustomEvent(type, init));
  }
  async createStream() {
    throw new Error('no streams');
  }
  async close() {
    this.status = 'closed';
  }
  abort() {
    this.status = 'closed';
  }
}

function node(muxer) {
  return generateKeyPair('Ed25519').then((privateKey) =>
    createLibp2p({
      privateKey,
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [muxer],
      connectionMonitor: { enabled: false },
      services: muxer === yamuxFactory ? { identify: identify(), ping: ping() } : {},
    }),
  );
}
const yamuxFactory = yamux();

/// Resolves with how the attack ended: `closed` (connection), `stream ended`, or `open`.
async function attack(name, addr, deadline) {
  const isMuxer = name in MUXER_ATTACKS;
  const muxer = () => ({
    protocol: '/yamux/1.0.0',
    toString: () => 'saying',
    createStreamMuxer: (channel) => new SayingMuxer(channel, MUXER_ATTACKS[name]()),
  });
  const attacker = await node(isMuxer ? muxer : yamuxFactory);
  const late = new Promise((resolve) => onDeadline(deadline, () => resolve('open')));
  const sent = MAY_GO_ON.has(name) ? Promise.resolve('sent') : new Promise(() => {});
  const connection = await attacker.dial(multiaddr(addr), { signal: AbortSignal.timeout(20_000) });
  const closed = new Promise((resolve) =>
    connection.addEventListener('close', () => resolve('closed')),
  );
  let ended = new Promise(() => {});
  if (!isMuxer) {
    const [protocol, bytes] = STREAM_ATTACKS[name];
    const stream = await connection.newStream(protocol, { signal: AbortSignal.timeout(10_000) });
    ended = new Promise((resolve) => {
      stream.addEventListener('close', () => resolve('stream ended'));
      stream.addEventListener('remoteCloseWrite', () => resolve('stream ended'));
    });
    const all = bytes();
    for (let at = 0; at < all.length; at += 65_536) {
      if (!stream.send(all.subarray(at, at + 65_536)))
        await Promise.race([stream.onDrain(), ended, closed, late]);
    }
    if (name.endsWith('then the end')) await stream.close();
  }
  const how = await Promise.race([closed, ended, sent, late]);
  await attacker.stop();
  return how;
}

const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
lines.on('line', async (line) => {
  const order = JSON.parse(line);
  if (order.op === 'start') {
    tell({ ev: 'started', peer_id: 'none', addr: 'none', attacks });
    return;
  }
  try {
    const how = await attack(order.name, order.addr, order.deadline);
    tell({ ev: 'attacked', ref: order.ref, how });
  } catch (error) {
    tell({ ev: 'attacked', ref: order.ref, how: `refused: ${error.message}` });
  }
});
lines.on('close', () => process.exit(0));
