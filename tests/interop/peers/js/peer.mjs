// A node of the permissionless preconfirmation network on js-libp2p, as a process that a test
// drives: one JSON object per line in (orders) and out (what happened). README.md two folders up
// lists both.
import { createInterface } from 'node:readline';
import { createHash } from 'node:crypto';

import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { generateKeyPairFromSeed, privateKeyFromRaw } from '@libp2p/crypto/keys';
import { gossipsub } from '@libp2p/gossipsub';
import { identify } from '@libp2p/identify';
import { peerIdFromString } from '@libp2p/peer-id';
import { ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';

import { Served } from './serving.mjs';
import { readFrame, writeFrame } from './frames.mjs';

const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const base64 = (text) => new Uint8Array(Buffer.from(text ?? '', 'base64'));

const CAPS = {
  get_head: { request: 128, response: 65_536 },
  get_commitments_by_number: { request: 512, response: 1_048_576 },
  get_raw_txlist: { request: 256, response: 2_101_248 },
};

/// The message id of the network: SHA-256 over a domain and the content, 20 bytes, no topic.
/// Content that is a snappy block has another domain; commitments and transaction lists never are
/// one, and no decoder of npm is strict about it, so that branch is left to the Rust peer.
function messageId(message) {
  const hash = createHash('sha256')
    .update(Uint8Array.of(0, 0, 0, 0))
    .update(message.data);
  return new Uint8Array(hash.digest().subarray(0, 20));
}

async function identity(order) {
  const secret = Buffer.from(order.secret, 'hex');
  if (order.key_type === 'ed25519') return generateKeyPairFromSeed('Ed25519', secret);
  return privateKeyFromRaw(secret);
}

class Peer {
  constructor(order) {
    this.chain = order.chain ?? 167000;
    this.topics = {
      commitments: `/taiko/${this.chain}/0/preconfirmationCommitments`,
      txlists: `/taiko/${this.chain}/0/rawTxLists`,
    };
    this.served = new Served({});
    this.reject = '';
    this.ignore = '';
  }

  async start(order) {
    this.node = await createLibp2p({
      privateKey: await identity(order),
      addresses: { listen: [order.listen] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      // A test brings many peers of one host; a strange one must not count against the others.
      connectionManager: {
        inboundConnectionThreshold: 10_000,
        maxIncomingPendingConnections: 1000,
      },
      services: {
        identify: identify(),
        ping: ping(),
        pubsub: gossipsub({
          globalSignaturePolicy: 'StrictSign',
          D: 8,
          Dlo: 6,
          Dhi: 12,
          Dlazy: 6,
          Dout: 2,
          Dscore: 4,
          msgIdFn: messageId,
          heartbeatInterval: 500,
          mcacheLength: 12,
          mcacheGossip: 3,
          seenTTL: 120_000,
          fanoutTTL: 60_000,
          floodPublish: false,
          doPX: false,
          emitSelf: false,
          fallbackToFloodsub: true,
          allowPublishToZeroTopicPeers: false,
          maxInboundDataLength: 10 * 1024 * 1024,
          idontwantMinDataSize: 1000,
          scoreParams: { IPColocationFactorWeight: 0 },
        }),
      },
    });
    for (const protocol of Object.keys(CAPS)) await this.serve(protocol);
    const { pubsub } = this.node.services;
    for (const [name, topic] of Object.entries(this.topics)) {
      pubsub.topicValidators.set(topic, (source, message) => this.verdict(message));
      pubsub.subscribe(topic);
      this.topics[name] = topic;
    }
    this.listen();
    const address = this.node.getMultiaddrs()[0].toString();
    tell({ ev: 'started', peer_id: this.node.peerId.toString(), addr: address });
  }

  verdict(message) {
    const begins = (prefix) =>
      prefix !== '' && hex(message.data.subarray(0, prefix.length / 2)) === prefix;
    if (begins(this.reject)) return 'reject';
    return begins(this.ignore) ? 'ignore' : 'accept';
  }

  nameOf(topic) {
    return Object.keys(this.topics).find((name) => this.topics[name] === topic) ?? 'other';
  }

  listen() {
    const { node } = this;
    node.addEventListener('connection:open', ({ detail }) =>
      tell({
        ev: 'connected',
        peer: detail.remotePeer.toString(),
        inbound: detail.direction === 'inbound',
      }),
    );
    node.addEventListener('connection:close', ({ detail }) => {
      const left = node.getConnections(detail.remotePeer).length;
      tell({ ev: 'disconnected', peer: detail.remotePeer.toString(), left });
    });
    node.addEventListener('peer:identify', ({ detail }) =>
      tell({
        ev: 'identified',
        peer: detail.peerId.toString(),
        protocols: detail.protocols,
        agent: detail.agentVersion,
        version: detail.protocolVersion,
        observed: detail.observedAddr?.toString(),
      }),
    );
    const { pubsub } = node.services;
    pubsub.addEventListener('gossipsub:message', ({ detail }) =>
      tell({
        ev: 'message',
        topic: this.nameOf(detail.msg.topic),
        id: Buffer.from(detail.msgId, 'base64').toString('hex'),
        source: detail.propagationSource.toString(),
        from: detail.msg.from?.toString(),
        size: detail.msg.data.length,
        sha256: createHash('sha256').update(detail.msg.data).digest('hex'),
      }),
    );
    pubsub.addEventListener('subscription-change', ({ detail }) => {
      for (const { topic, subscribe } of detail.subscriptions) {
        if (subscribe)
          tell({ ev: 'subscribed', peer: detail.peerId.toString(), topic: this.nameOf(topic) });
      }
    });
  }

  protocolId(name) {
    return `/taiko/${this.chain}/preconf/1/${name}`;
  }

  async serve(name) {
    await this.node.handle(
      this.protocolId(name),
      async (stream, connection) => {
        const peer = connection.remotePeer.toString();
        try {
          const request = await readFrame(stream, CAPS[name].request);
          const body = this.served.admits(peer, name)
            ? this.served.answer(name, request)
            : undefined;
          if (body === undefined) throw new Error('rate or undecodable');
          await writeFrame(stream, body);
          await stream.close();
        } catch (error) {
          tell({ ev: 'fault', peer, protocol: name, reason: `${error.message}` });
          stream.abort(error);
        }
      },
      { maxInboundStreams: 100, maxOutboundStreams: 100 },
    );
  }

  async request({ peer, protocol, body, ref }) {
    const begin = performance.now();
    try {
      const stream = await this.node.dialProtocol(
        peerIdFromString(peer),
        this.protocolId(protocol),
        { signal: AbortSignal.timeout(10_000) },
      );
      const answer = readFrame(stream, CAPS[protocol].response);
      await writeFrame(stream, base64(body));
      await stream.close();
      const response = await answer;
      tell({
        ev: 'response',
        ref,
        body: Buffer.from(response).toString('base64'),
        ms: performance.now() - begin,
      });
    } catch (error) {
      tell({ ev: 'request_failed', ref, peer, reason: `${error.message}` });
    }
  }

  async publish({ topic, data, ref }) {
    const bytes = base64(data);
    try {
      const { recipients } = await this.node.services.pubsub.publish(this.topics[topic], bytes);
      tell({ ev: 'published', ref, id: hex(messageId({ data: bytes })), peers: recipients.length });
    } catch (error) {
      tell({ ev: 'publish_failed', ref, reason: `${error.message}` });
    }
  }

  async ping({ peer, ref }) {
    try {
      tell({
        ev: 'pong',
        ref,
        peer,
        ms: await this.node.services.ping.ping(peerIdFromString(peer)),
      });
    } catch (error) {
      tell({ ev: 'fault', ref, peer, reason: `ping: ${error.message}` });
    }
  }

  stats({ ref }) {
    const cpu = process.cpuUsage();
    const mesh = Object.fromEntries(
      Object.entries(this.topics).map(([name, topic]) => [
        name,
        this.node.services.pubsub.getMeshPeers(topic).length,
      ]),
    );
    tell({
      ev: 'stats',
      ref,
      cpu_ms: (cpu.user + cpu.system) / 1000,
      rss_kib: process.resourceUsage().maxRSS,
      mesh,
      peers: this.node.getPeers().length,
    });
  }

  async order(order) {
    switch (order.op) {
      case 'dial':
        try {
          await this.node.dial(multiaddr(order.addr), { signal: AbortSignal.timeout(15_000) });
        } catch (error) {
          tell({ ev: 'dial_failed', reason: `${error.message}` });
        }
        return;
      case 'hangup':
        await this.node.hangUp(peerIdFromString(order.peer));
        return;
      case 'publish':
        await this.publish(order);
        return;
      case 'request':
        await this.request(order);
        return;
      case 'ping':
        await this.ping(order);
        return;
      case 'stats':
        this.stats(order);
        return;
      case 'serve':
        this.served = new Served(order);
        tell({ ev: 'serving', ref: order.ref });
        return;
      case 'verdicts':
        this.reject = order.reject ?? '';
        this.ignore = order.ignore ?? '';
        tell({ ev: 'verdicts_set', ref: order.ref });
        return;
      default:
        tell({ ev: 'unknown_order', op: order.op });
    }
  }
}

const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
let peer;
lines.on('line', async (line) => {
  const order = JSON.parse(line);
  if (peer === undefined) {
    peer = new Peer(order);
    await peer.start(order);
  } else {
    await peer.order(order);
  }
});
lines.on('close', () => process.exit(0));
