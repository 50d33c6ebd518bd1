// `preconf node` as a whole, with an engine of `preconf devnet engine`, among foreign peers: it
// executes what they gossip, forwards it, serves it, and catches up from them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getBytes } from 'ethers';
import { honestChain, scheduleJson, SLASHER } from '../e2e/honest.mjs';
import { Process, run } from '../e2e/process.mjs';
import { Random as ChainRandom } from '../e2e/random.mjs';
import { HttpRpc, subscribe } from '../e2e/rpc.mjs';
import { assert } from '../lib/check.mjs';
import { base64, commitmentsRequest, head, headRequest, hex, messageId } from '../lib/content.mjs';
import { Peer } from '../lib/peer.mjs';
import { pour } from './gossip.mjs';

const WINDOWS = 6;

/// RawTxListGossip of a block's list: hash | offset 36 | bytes.
function listMessage(list) {
  const offset = Buffer.from([36, 0, 0, 0]);
  return Buffer.concat([getBytes(list.hash), offset, getBytes(list.compressed)]);
}

const commitmentMessage = (item) => Buffer.from(getBytes(item.commitment));

/// A chain of `count` blocks, as what is gossiped and served: in order, EOP-only commitments first.
function chainOf(seed, count) {
  const { blocks, handoffs } = honestChain(new ChainRandom(seed), count, { heavyBlocks: 0 });
  const items = blocks.flatMap((block) => {
    const handoff = handoffs.get(block.number);
    return handoff ? [handoff, block] : [block];
  });
  return { blocks, items };
}

/// Engine and node as processes; `node.id` and `node.addr` as those of a peer.
class NodeUnderTest {
  constructor(program, directory) {
    Object.assign(this, { program, directory, head: 0, waiting: [] });
    this.name = 'node';
  }

  async start(options = []) {
    mkdirSync(this.directory, { recursive: true });
    const jwt = join(this.directory, 'jwt.hex');
    const schedule = join(this.directory, 'schedule.json');
    writeFileSync(jwt, '0x' + '5a'.repeat(32), { mode: 0o600 });
    writeFileSync(schedule, JSON.stringify(scheduleJson(WINDOWS)));
    const log = (name) => join(this.directory, `${name}.log`);
    const any = '127.0.0.1:0';
    this.engine = new Process(
      this.program,
      ['devnet', 'engine', '--jwt.secret', jwt, '--http', any, '--auth', any],
      log('engine'),
    );
    const engine = await this.engine.ready();
    const args = ['node', '--datadir', join(this.directory, 'data'), '--chain', 'devnet'];
    args.push('--l2.http', `http://${engine.http}`, '--l2.auth', `http://${engine.auth}`);
    args.push('--jwt.secret', jwt, '--preconf.rpc.addr', any, '--schedule', schedule);
    args.push('--preconf.slasher', SLASHER, '--l1.static-proposals', '0', '--p2p.listen', any);
    args.push('--invariants.events', '1');
    this.process = new Process(this.program, [...args, ...options], log('node'));
    const ready = await this.process.ready();
    this.addr = ready.p2p;
    this.id = ready.p2p.split('/p2p/')[1];
    this.rpc = new HttpRpc(ready.rpc);
    const see = ({ unsafe }) => {
      this.head = Math.max(this.head, unsafe?.number ?? 0);
      this.waiting = this.waiting.filter(({ number, resolve }) => {
        if (this.head >= number) resolve();
        return this.head < number;
      });
    };
    this.socket = await subscribe(ready.rpc, ['heads'], (topic, notice) => see(notice));
    see(await this.rpc.result('preconf_status'));
    return this;
  }

  headAtLeast(number) {
    if (this.head >= number) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ number, resolve }));
  }

  async stop() {
    this.socket.terminate();
    this.rpc.close();
    assert.deepEqual(await this.process.end('SIGTERM'), { code: 0, signal: null });
    await this.engine.end('SIGTERM');
    for (const args of [['replay'], ['replay', '--verify'], ['log', 'verify']]) {
      const { code, output } = await run(
        this.program,
        [...args, join(this.directory, 'data')],
        join(this.directory, 'replay.log'),
      );
      assert.equal(code, 0, `preconf ${args.join(' ')}: ${output}`);
    }
  }
}

const start = (kind, name, random) =>
  Peer.start(kind, name, { key_type: 'ed25519', secret: hex(random.bytes(32)) });

/// `peer` dials the node and knows of its subscriptions.
async function joinNetwork(peer, node) {
  peer.send({ op: 'dial', addr: node.addr });
  await peer.event('connected', { peer: node.id });
  const topics = ['commitments', 'txlists'];
  await Promise.all(topics.map((topic) => peer.event('subscribed', { peer: node.id, topic })));
}

async function body(peer, node, protocol, request) {
  const answer = await peer.ask({ op: 'request', peer: node.id, protocol, body: base64(request) });
  assert.equal(answer.ev, 'response', `${peer.name} ${protocol}: ${answer.reason}`);
  return Buffer.from(answer.body, 'base64');
}

/// A foreign preconfer gossips; the node executes and forwards to a foreign follower; then both
/// ask it for everything.
export async function nodeGossipScenario({ kind, program, directory, random, blockCount }) {
  const { blocks, items } = chainOf(random.seed, blockCount);
  const node = await new NodeUnderTest(program, directory).start();
  const [preconfer, follower] = await Promise.all([
    start(kind, 'preconfer', random),
    start(kind, 'follower', random),
  ]);
  await Promise.all([joinNetwork(preconfer, node), joinNetwork(follower, node)]);
  const messages = items.flatMap((item) => [
    ...(item.isEopOnly ? [] : [{ topic: 'txlists', data: listMessage(item.list) }]),
    { topic: 'commitments', data: commitmentMessage(item) },
  ]);
  await pour(preconfer, follower, messages);
  const got = follower.messages().map(({ id }) => id);
  const wanted = messages.map(({ data }) => messageId(data));
  assert.deepEqual(got.sort(), wanted.sort());
  await node.headAtLeast(blockCount);
  const status = await node.rpc.result('preconf_status');
  assert.equal(status.unsafe.hash, blocks.at(-1).hash);

  const served = await body(follower, node, 'get_head', headRequest());
  assert.equal(served.readBigUInt64LE(0), BigInt(blockCount));
  const page = await body(follower, node, 'get_commitments_by_number', commitmentsRequest(1, 256));
  assert.deepEqual(
    hex(page.subarray(4)),
    hex(Buffer.concat(items.map(commitmentMessage))),
    'commitments are served as they were signed',
  );
  for (const block of [blocks[0], blocks.at(-1)]) {
    const list = await body(follower, node, 'get_raw_txlist', getBytes(block.list.hash));
    assert.equal(hex(list), hex(listMessage(block.list)));
  }
  assert.deepEqual([preconfer.faults, follower.faults], [[], []]);
  await node.stop();
  await Promise.all([preconfer.stop(), follower.stop()]);
  return `${blockCount} blocks executed, ${messages.length} messages forwarded, all served`;
}

/// The node starts with nothing and two static peers that serve with the rate limit of the deployed
/// nodes; it must end at their head without a fault.
export async function nodeCatchUpScenario({ kind, program, directory, random, blockCount }) {
  const { blocks, items } = chainOf(random.seed, blockCount);
  const peers = await Promise.all([
    start(kind, 'server', random),
    start(kind, 'other server', random),
  ]);
  const last = blocks.at(-1);
  const serve = {
    op: 'serve',
    head: base64(head(last.number)),
    commitments: items.map((item) => base64(commitmentMessage(item))),
    txlists: blocks.map((block) => base64(listMessage(block.list))),
    rate: 8,
  };
  await Promise.all(peers.map((peer) => peer.ask(serve)));
  const options = ['--p2p.static-peers', peers.map(({ addr }) => addr).join(',')];
  const begin = performance.now();
  const node = await new NodeUnderTest(program, directory).start(options);
  await node.headAtLeast(last.number);
  const seconds = (performance.now() - begin) / 1000;
  const status = await node.rpc.result('preconf_status');
  assert.equal(status.unsafe.hash, last.hash);
  assert.deepEqual(
    peers.map(({ faults }) => faults),
    [[], []],
  );
  await node.stop();
  await Promise.all(peers.map((peer) => peer.stop()));
  return `${blockCount} blocks from two peers in ${seconds.toFixed(1)} s`;
}
