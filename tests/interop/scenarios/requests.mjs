// The three request/response protocols, both ways.
import { connect, Peer } from '../lib/peer.mjs';
import { assert } from '../lib/check.mjs';
import {
  base64,
  commitmentsRequest,
  head,
  headRequest,
  hex,
  keyOf,
  signedCommitment,
  txListGossip,
} from '../lib/content.mjs';

async function exchange(client, server, protocol, body) {
  const answer = await client.ask({ op: 'request', peer: server.id, protocol, body: base64(body) });
  assert.equal(answer.ev, 'response', `${client.name} ${protocol}: ${answer.reason}`);
  return new Uint8Array(Buffer.from(answer.body, 'base64'));
}

const same = (got, wanted) => assert.equal(hex(got), hex(wanted));

async function oneWay(client, server, random) {
  same(await exchange(client, server, 'get_head', headRequest()), new Uint8Array(64));
  const key = keyOf(random);
  const commitments = Array.from({ length: 300 }, (_, i) => signedCommitment(random, 100 + i, key));
  const lists = [1, 1000, 262_144, 1_048_577, 2_097_152].map((size) => txListGossip(random, size));
  await server.ask({
    op: 'serve',
    head: base64(head(399)),
    commitments: commitments.map(base64),
    txlists: lists.map(base64),
  });
  same(await exchange(client, server, 'get_head', headRequest()), head(399));
  for (const [start, count, from, size] of [
    [100, 1, 0, 1],
    [100, 64, 0, 64],
    [0, 256, 0, 256],
    [100, 1000, 0, 256],
    [390, 64, 290, 10],
    [1000, 64, 0, 0],
  ]) {
    const page = Buffer.concat([
      Buffer.from([4, 0, 0, 0]),
      ...commitments.slice(from, from + size),
    ]);
    same(
      await exchange(client, server, 'get_commitments_by_number', commitmentsRequest(start, count)),
      page,
    );
  }
  for (const list of lists)
    same(await exchange(client, server, 'get_raw_txlist', list.subarray(0, 32)), list);
  const unknown = random.bytes(32);
  same(
    await exchange(client, server, 'get_raw_txlist', unknown),
    Buffer.concat([unknown, Buffer.from([36, 0, 0, 0])]),
  );
}

export async function requestScenario({ left, right, random }) {
  const start = (kind, name) =>
    Peer.start(kind, name, { key_type: 'ed25519', secret: hex(random.bytes(32)) });
  const [a, b] = await Promise.all([start(left, 'a'), start(right, 'b')]);
  await connect(a, b);
  await oneWay(a, b, random);
  await oneWay(b, a, random);
  assert.deepEqual([a.faults, b.faults], [[], []]);
  await Promise.all([a.stop(), b.stop()]);
  return '13 requests each way, responses up to 2 MiB';
}
