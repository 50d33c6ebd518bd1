// Two peers under load for a while: no disconnect, no fault, no growth; and what the same work
// costs each implementation.
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
import { commitments, pour } from './gossip.mjs';

async function pair({ left, right, random }) {
  const start = (kind, name) =>
    Peer.start(kind, name, { key_type: 'ed25519', secret: hex(random.bytes(32)) });
  const peers = await Promise.all([start(left, 'a'), start(right, 'b')]);
  await connect(...peers);
  return peers;
}

/// Twenty commitments and two lists.
function batch(random) {
  const lists = [random.size(200_000), random.size(200_000)].map((size) => ({
    topic: 'txlists',
    data: txListGossip(random, size),
  }));
  return [...commitments(random, 20), ...lists];
}

/// Gossip both ways and all three requests, for `seconds`. Memory may grow until the caches of
/// 120 s are full; a quarter more than at a third of the time is the bound after that.
export async function loadScenario({ left, right, random, seconds }) {
  const [a, b] = await pair({ left, right, random });
  const key = keyOf(random);
  const list = txListGossip(random, 100_000);
  const served = Array.from({ length: 64 }, (_, i) => signedCommitment(random, 1 + i, key));
  for (const peer of [a, b]) {
    // The rate limit of the deployed nodes is not what is measured here.
    await peer.ask({
      op: 'serve',
      head: base64(head(64)),
      commitments: served.map(base64),
      txlists: [base64(list)],
      rate: 1_000_000,
    });
  }
  const end = performance.now() + seconds * 1000;
  const third = performance.now() + (seconds * 1000) / 3;
  let early;
  let rounds = 0;
  const bodies = {
    get_head: headRequest(),
    get_commitments_by_number: commitmentsRequest(1, 64),
    get_raw_txlist: list.subarray(0, 32),
  };
  while (performance.now() < end) {
    const asked = [
      [a, b],
      [b, a],
    ].flatMap(([client, server]) =>
      Object.entries(bodies).map(([protocol, body]) =>
        client.ask({ op: 'request', peer: server.id, protocol, body: base64(body) }),
      ),
    );
    await pour(a, b, batch(random));
    await pour(b, a, batch(random));
    for (const answer of await Promise.all(asked)) assert.equal(answer.ev, 'response');
    rounds += 1;
    if (early === undefined && performance.now() > third) {
      early = await Promise.all([a, b].map((peer) => peer.ask({ op: 'stats' })));
    }
    for (const peer of [a, b]) peer.log = peer.events('started');
  }
  const late = await Promise.all([a, b].map((peer) => peer.ask({ op: 'stats' })));
  assert.deepEqual([a.faults, b.faults], [[], []]);
  assert.deepEqual(
    late.map(({ peers }) => peers),
    [1, 1],
  );
  if (left === 'cpp' && seconds >= 600) {
    assert.ok(late[0].rss_kib <= early[0].rss_kib * 1.25, `grew to ${late[0].rss_kib} KiB`);
  }
  await Promise.all([a.stop(), b.stop()]);
  const mebibytes = [early ?? late, late].map(([{ rss_kib: kib }]) => (kib / 1024).toFixed(1));
  return (
    `${rounds} rounds of 44 messages and 6 requests in ${seconds} s; ${a.name} ` +
    `${mebibytes[0]} MiB after a third, ${mebibytes[1]} MiB at the end`
  );
}

/// CPU of both sides for `count` commitments one way, after as many to warm up.
export async function costScenario({ left, right, random, count }) {
  const [a, b] = await pair({ left, right, random });
  await pour(a, b, commitments(random, count));
  const before = await Promise.all([a, b].map((peer) => peer.ask({ op: 'stats' })));
  const begin = performance.now();
  await pour(a, b, commitments(random, count));
  const took = performance.now() - begin;
  const after = await Promise.all([a, b].map((peer) => peer.ask({ op: 'stats' })));
  const cost = after.map(({ cpu_ms: cpu }, i) => ((cpu - before[i].cpu_ms) * 1000) / count);
  await Promise.all([a.stop(), b.stop()]);
  return (
    `publishing ${cost[0].toFixed(0)} us of CPU a message, receiving ${cost[1].toFixed(0)} us, ` +
    `${(took / count).toFixed(2)} ms elapsed; ` +
    `${after.map(({ rss_kib: kib }) => (kib / 1024).toFixed(0)).join(' and ')} MiB`
  );
}

/// CPU of both sides for `count` connections, one after the other: dialled, upgraded, subscriptions
/// exchanged, hung up.
export async function handshakeCostScenario({ left, right, random, count }) {
  const start = (kind, name) =>
    Peer.start(kind, name, { key_type: 'ed25519', secret: hex(random.bytes(32)) });
  const peers = await Promise.all([start(left, 'a'), start(right, 'b')]);
  const [a, b] = peers;
  const both = (ev) =>
    Promise.all(peers.map((peer) => peer.next(ev, (event) => event.ev === ev)));
  const once = async () => {
    const heard = [both('connected'), both('subscribed')];
    a.send({ op: 'dial', addr: b.addr });
    await Promise.all(heard);
    const gone = both('disconnected');
    a.send({ op: 'hangup', peer: b.id });
    await gone;
    for (const peer of peers) peer.log = [];
  };
  const warm = 10;
  for (let i = 0; i < warm; i += 1) await once();
  const before = await Promise.all(peers.map((peer) => peer.ask({ op: 'stats' })));
  const begin = performance.now();
  for (let i = 0; i < count; i += 1) await once();
  const took = performance.now() - begin;
  const after = await Promise.all(peers.map((peer) => peer.ask({ op: 'stats' })));
  const cost = after.map(({ cpu_ms: cpu }, i) => ((cpu - before[i].cpu_ms) * 1000) / count);
  await Promise.all([a.stop(), b.stop()]);
  return (
    `dialling ${cost[0].toFixed(0)} us of CPU a connection, accepting ${cost[1].toFixed(0)} us, ` +
    `${(took / count).toFixed(1)} ms elapsed`
  );
}
