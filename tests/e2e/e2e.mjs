// Drives `preconf node` as an independent client would:
//   node e2e.mjs PROGRAM DIRECTORY [SEED]
// PROGRAM is the preconf binary, DIRECTORY an empty folder for everything the run writes. Ends with
// exit code 0 when every answer and the whole chain are as computed here.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkChain } from './lib/checks.mjs';
import { Client } from './lib/client.mjs';
import { honestChain, scheduleJson, SLASHER } from './lib/honest.mjs';
import { Process, run } from './lib/process.mjs';
import { Random } from './lib/random.mjs';
import { HttpRpc } from './lib/rpc.mjs';
import { Scenario } from './lib/scenario.mjs';
import { selfcheck } from './lib/selfcheck.mjs';

const BLOCKS = 200;
const KILLS = 10;
const WINDOWS = 6;

const [program, directory, seed = randomBytes(6).toString('hex')] = process.argv.slice(2);
const say = (text) => console.log(`[${process.uptime().toFixed(1)} s] ${text}`);
console.log(`seed ${seed}`);
process.on('unhandledRejection', (error) => { throw error; });

/// One kill in each tenth of the chain, each at another moment of delivery.
function killPlan(random) {
  const moments = random.shuffled(['sent', 'sent', 'sent', 'acked', 'acked', 'decision', 'decision',
                                   'decision', 'decision', 'recovery']);
  const slice = BLOCKS / KILLS;
  return moments.map((moment, i) => ({
    moment, height: i * slice + random.between(2, Math.floor(slice * 3 / 4)) }));
}

async function startEngine(jwtFile, secret) {
  const engine = new Process(program, ['devnet', 'engine', '--jwt.secret', jwtFile, '--http',
    '127.0.0.1:0', '--auth', '127.0.0.1:0'], join(directory, 'engine.log'));
  const ready = await engine.ready();
  return { process: engine, ready, open: new HttpRpc(ready.http),
           control: new HttpRpc(ready.auth, secret) };
}

function nodeArguments(engine, jwtFile) {
  const schedule = join(directory, 'schedule.json');
  writeFileSync(schedule, JSON.stringify(scheduleJson(WINDOWS)));
  return ['node', '--datadir', join(directory, 'node'), '--chain', 'devnet',
    '--l2.http', `http://${engine.ready.http}`, '--l2.auth', `http://${engine.ready.auth}`,
    '--jwt.secret', jwtFile, '--preconf.rpc.addr', '127.0.0.1:0', '--schedule', schedule,
    '--preconf.slasher', SLASHER, '--l1.static-proposals', '0', '--snapshot.events', '700',
    '--invariants.events', '1'];
}

/// Moves the confirmed boundary some blocks below the engine's head.
async function moveBoundary(engine, random) {
  const head = Number(await engine.open.result('eth_blockNumber'));
  const boundary = Math.max(head - random.between(6, 15), 0);
  if (boundary > 0) await engine.control.result('sim_setHeadL1Origin', [boundary]);
  return boundary;
}

/// What an engine may do to a node that has to go on: each hits one call.
const FAULTS = [
  { kind: 'drop', method: 'engine_newPayloadV2' },
  { kind: 'error', method: 'engine_forkchoiceUpdatedV2' },
  { kind: 'http', method: 'engine_getPayloadV2' },
  { kind: 'garbage', method: 'engine_forkchoiceUpdatedV2' },
  { kind: 'status', status: 'SYNCING', method: 'engine_newPayloadV2' },
  { kind: 'drop', method: 'engine_forkchoiceUpdatedV2' },
];

async function main() {
  selfcheck();
  const random = new Random(seed);
  const { blocks, handoffs } = honestChain(random, BLOCKS);
  say(`${BLOCKS} blocks made, head ${blocks.at(-1).hash}`);

  mkdirSync(directory, { recursive: true });
  const secret = random.word();
  const jwtFile = join(directory, 'jwt.hex');
  writeFileSync(jwtFile, secret, { mode: 0o600 });
  const engine = await startEngine(jwtFile, secret);

  let scenario;
  const client = new Client({
    program, args: nodeArguments(engine, jwtFile), logFile: join(directory, 'node.log'),
    beforeRestart: async () => {
      if (client.kills % 4 === 3) scenario.boundary = await moveBoundary(engine, random);
    },
  });
  await client.start();
  say(`node ready at ${client.recoveries[0].rpc}`);
  const kills = killPlan(random);
  say(`kills: ${kills.map(({ moment, height }) => `${height} ${moment}`).join(', ')}`);
  scenario = new Scenario({ random, client, blocks, handoffs, kills,
    scheduleEnd: scheduleJson(WINDOWS).windows.at(-1).end });

  const faults = [...FAULTS];
  let hasMovedLive = false;
  await scenario.run(async (height) => {
    if (faults.length > 0 && height > (BLOCKS / FAULTS.length) * (FAULTS.length - faults.length)) {
      await engine.control.result('sim_fault', [faults.shift()]);
    }
    if (!hasMovedLive && height > BLOCKS / 2) {
      hasMovedLive = true;
      await client.headAtLeast(height);
      const boundary = await moveBoundary(engine, random);
      await client.until(() => client.confirmed >= boundary, 20_000, `boundary ${boundary}`);
      await scenario.boundaryMoved(boundary);
    }
  });
  say(`head ${client.head}; ${JSON.stringify(scenario.counts)}`);
  say(`invalid: ${[...scenario.invalid].map(([name, n]) => `${name} x${n}`).join(', ')}`);
  say(`${client.kills} kills; replayed ` + client.recoveries.slice(1)
    .map(({ replayed, recovery_ms: ms }) => `${replayed} events in ${ms} ms`).join(', '));
  assert.ok(client.kills >= KILLS, `only ${client.kills} kills`);

  assert.ok(scenario.counts.stale >= 4 && scenario.counts.duplicates > 0 &&
            scenario.counts.reordered > 0 && scenario.counts.equivocations > 0);
  const hits = await engine.control.result('sim_faultCounts');
  assert.equal(hits.waiting, 0, `faults that hit nothing: ${JSON.stringify(hits)}`);

  await checkChain(engine.open, blocks);
  say('the engine has the chain computed here, header by header');
  assert.equal(await client.http.result('preconf_tip'), '0x' + BLOCKS.toString(16));
  const status = await client.http.result('preconf_status');
  assert.equal(status.unsafe.hash, blocks.at(-1).hash);
  assert.equal(status.confirmed, scenario.boundary);
  assert.ok(status.evidenceRecords >= scenario.counts.equivocations, 'evidence is kept');
  assert.deepEqual(await client.stop(), { code: 0, signal: null });
  await engine.process.end('SIGTERM');

  for (const args of [['replay'], ['replay', '--verify'], ['log', 'verify']]) {
    const { code, output } = await run(program, [...args, join(directory, 'node')],
                                       join(directory, 'replay.log'));
    say(`preconf ${args.join(' ')}: exit ${code}\n${output}`);
    assert.equal(code, 0, `preconf ${args.join(' ')}`);
  }
}

main().then(() => say('done'), (error) => {
  console.error(`seed ${seed}: ${error.stack}`);
  process.exit(1);
});
