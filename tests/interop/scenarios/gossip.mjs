// Commitments and transaction lists of all sizes by gossip, both ways: every one arrives exactly
// once, byte for byte, under the same message id.
import { connect, Peer } from '../lib/peer.mjs';
import { assert } from '../lib/check.mjs';
import {
  base64,
  hex,
  keyOf,
  messageId,
  sha256,
  signedCommitment,
  txListGossip,
} from '../lib/content.mjs';

const LIST_BYTES_MAX = 2_097_152;
/// Content on its way at any time: what does not fit into the peers' send queues would be dropped.
const BURST_BYTES_MAX = 6 * 1024 * 1024;
const BURST_MESSAGES_MAX = 50;

export function commitments(random, count) {
  const key = keyOf(random);
  return Array.from({ length: count }, (_, i) => ({
    topic: 'commitments',
    data: signedCommitment(random, i + 1, key),
  }));
}

export function txLists(random, count) {
  const sizes = [
    1,
    2,
    999,
    1000,
    1001,
    16_383,
    16_384,
    65_536,
    262_143,
    262_144,
    262_145,
    1_048_576,
    LIST_BYTES_MAX - 1,
    LIST_BYTES_MAX,
  ];
  return Array.from({ length: count }, (_, i) => ({
    topic: 'txlists',
    data: txListGossip(random, sizes[i] ?? random.size(LIST_BYTES_MAX)),
  }));
}

/// Publishes all at `from` in bursts; `to` has received all of one burst before the next begins.
export async function pour(from, to, messages) {
  let burst = [];
  let bytes = 0;
  let expected = to.messages().length;
  const flush = async () => {
    if (burst.length === 0) return;
    expected += burst.length;
    const answers = await Promise.all(
      burst.map(({ topic, data }) => from.ask({ op: 'publish', topic, data: base64(data) })),
    );
    answers.forEach((answer, i) => {
      assert.equal(answer.ev, 'published', `${from.name}: ${answer.reason}`);
      assert.equal(answer.id, messageId(burst[i].data));
    });
    await to.received(expected);
    burst = [];
    bytes = 0;
  };
  for (const message of messages) {
    burst.push(message);
    bytes += message.data.length;
    if (burst.length >= BURST_MESSAGES_MAX || bytes >= BURST_BYTES_MAX) await flush();
  }
  await flush();
}

/// `to` has exactly `messages` of `author`, each once.
export function compare(to, author, messages) {
  const got = to.messages().filter(({ from }) => from === author.id);
  const key = ({ topic, id, sha256: hash }) => `${topic} ${id} ${hash}`;
  const wanted = messages.map(({ topic, data }) =>
    key({ topic, id: messageId(data), sha256: sha256(data) }),
  );
  assert.deepEqual(got.map(key).sort(), wanted.sort());
}

export async function gossipScenario({ left, right, random, commitmentCount, listCount }) {
  const start = (kind, name, key) =>
    Peer.start(kind, name, { key_type: key, secret: hex(random.bytes(32)) });
  const [a, b] = await Promise.all([start(left, 'a', 'ed25519'), start(right, 'b', 'secp256k1')]);
  await connect(a, b);
  let bytes = 0;
  for (const [from, to] of [
    [a, b],
    [b, a],
  ]) {
    const messages = [...commitments(random, commitmentCount), ...txLists(random, listCount)];
    await pour(from, to, messages);
    compare(to, from, messages);
    bytes += messages.reduce((sum, { data }) => sum + data.length, 0);
    const again = await from.ask({
      op: 'publish',
      topic: messages[0].topic,
      data: base64(messages[0].data),
    });
    assert.equal(again.ev, 'publish_failed', 'the same bytes twice within 120 s');
  }
  assert.deepEqual(
    [a.events('disconnected'), b.events('disconnected'), a.faults, b.faults],
    [[], [], [], []],
  );
  await Promise.all([a.stop(), b.stop()]);
  const megabytes = Math.round(bytes / 1e6);
  return `${commitmentCount} commitments and ${listCount} lists each way, ${megabytes} MB`;
}

/// a and c are not connected: all goes through `middle`, which forwards what it accepts and
/// neither what it rejects nor what it ignores.
export async function middleScenario({ left, right, middle, random, commitmentCount, listCount }) {
  const start = (kind, name) =>
    Peer.start(kind, name, { key_type: 'ed25519', secret: hex(random.bytes(32)) });
  const [a, b, c] = await Promise.all([
    start(left, 'a'),
    start(middle, 'middle'),
    start(right, 'c'),
  ]);
  await connect(a, b);
  await connect(c, b);
  for (const [from, to] of [
    [a, c],
    [c, a],
  ]) {
    const messages = [...commitments(random, commitmentCount), ...txLists(random, listCount)];
    const passed = b.messages().length + messages.length;
    await pour(from, to, messages);
    // The middle forwards before it tells: its last line may come after the receiver's.
    await b.received(passed);
    compare(to, from, messages);
    compare(b, from, messages);
  }
  await b.ask({ op: 'verdicts', ignore: 'dd' });
  const before = c.messages().length;
  const ignored = new Uint8Array(Buffer.concat([Buffer.from('dd', 'hex'), random.bytes(400)]));
  const [wanted] = commitments(random, 1);
  await a.ask({ op: 'publish', topic: 'txlists', data: base64(ignored) });
  await pour(a, c, [wanted]);
  assert.equal(c.messages().length, before + 1, 'an ignored message is not forwarded');
  assert.deepEqual([a.faults, b.faults, c.faults], [[], [], []]);
  await Promise.all([a.stop(), b.stop(), c.stop()]);
  return `${2 * (commitmentCount + listCount)} messages through ${b.name}`;
}
