// `preconf node` between anvil and an L2 engine that is already there or is started by a command:
//   node l2_engine.mjs PROGRAM DIRECTORY --engine-http URL --engine-auth URL --jwt FILE
//                      [--engine-start COMMAND [--engine-ready TEXT]...] [--seed SEED]
//                      [--checkpoint-engine-http URL --checkpoint-engine-auth URL
//                       [--checkpoint-engine-start COMMAND]]
// The engine's chain is the devnet's (chain id 167001, Unzen from genesis on) and has no block but
// genesis. Ends with exit code 0 when the engine has, after each step, what the rules make of it,
// and when the node's log replays. The steps that end the engine need --engine-start.
// With --checkpoint-engine-* a second, empty engine with the same --jwt is brought to the first
// one's chain in the end, by checkpoint sync. The word ENODE in its COMMAND stands for the first
// engine's address as a peer, which that one tells over admin_nodeInfo.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CHAIN_ID } from './lib/chain.mjs';
import { Random } from './lib/random.mjs';
import { selfcheck } from './lib/selfcheck.mjs';
import { Anvil, freePort, SLOT_SECONDS } from './l1/anvil.mjs';
import { Beacon } from './l1/beacon.mjs';
import { compileInbox } from './l1/inbox.mjs';
import { L1_CHAIN_ID, Sender } from './l1/sender.mjs';
import { checkpointSync, checkRecord } from './l2/checkpoint.mjs';
import { Engine } from './l2/engine.mjs';
import { Node } from './l2/node.mjs';
import { stepsFor } from './l2/story.mjs';
import { scheduleFrom, World } from './l2/world.mjs';

/// Between the first L1 block's time and now lie all blocks of a run.
const AGE_SECONDS = 14_400;

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: {
  'engine-http': { type: 'string' }, 'engine-auth': { type: 'string' }, jwt: { type: 'string' },
  'engine-start': { type: 'string' },
  'engine-ready': { type: 'string', multiple: true,
                    default: ['RPC HTTP server started', 'RPC auth server started'] },
  'checkpoint-engine-http': { type: 'string' }, 'checkpoint-engine-auth': { type: 'string' },
  'checkpoint-engine-start': { type: 'string' },
  seed: { type: 'string' } } });
const [program, directory] = positionals;
/// The plan's seed, then the time of L1's first block: both are needed to repeat a run.
const plan = options.seed ?? randomBytes(4).toString('hex');
const seed = plan.includes('-') ? plan : `${plan}-${Math.floor(Date.now() / 1000) - AGE_SECONDS}`;
const hasSecondEngine = options['checkpoint-engine-http'] !== undefined;
const say = (text) => console.log(`[${process.uptime().toFixed(1)} s] ${text}`);
process.on('unhandledRejection', (error) => { throw error; });

/// The engine of --NAME-*; `start`: its command, if there is one.
const engineFrom = (name, start) => new Engine({
  http: options[`${name}-http`], auth: options[`${name}-auth`], jwtFile: options.jwt, start,
  ready: options['engine-ready'], logFile: join(directory, `${name}.log`) });

async function startEngine() {
  for (const name of ['engine-http', 'engine-auth', 'jwt']) {
    if (options[name] === undefined) throw new Error(`--${name} is missing`);
  }
  const engine = engineFrom('engine', options['engine-start']);
  say(`engine: ${await engine.begin()}, genesis ${engine.genesis?.hash}`);
  assert.equal(Number(await engine.open.result('eth_chainId')), CHAIN_ID, 'chain id');
  assert.equal((await engine.block('latest')).number, '0x0', 'the engine has genesis only');
  return engine;
}

/// anvil, the inbox on it, and what the node is told of both.
async function startL1(random, time, genesis) {
  const here = dirname(fileURLToPath(import.meta.url));
  const code = compileInbox(join(here, 'contracts', 'Inbox.sol'));
  const anvil = new Anvil({ port: await freePort(), genesis: time,
    state: join(directory, 'anvil.json'), logFile: join(directory, 'anvil.log') });
  await anvil.start();
  await anvil.mine(2);
  const sender = new Sender(anvil);
  await sender.deploy(code, genesis);
  const beacon = new Beacon(anvil, sender.blobs);
  await beacon.start();
  await anvil.mine(random.between(12, 20));
  const deployment = join(directory, 'deployment.toml');
  writeFileSync(deployment, `l1_chain_id = ${L1_CHAIN_ID}\ngenesis_time = ${time}\n` +
    `slot_seconds = ${SLOT_SECONDS}\ninbox = "${sender.inbox}"\n`);
  return { anvil, sender, beacon,
           addresses: { http: anvil.address, beacon: beacon.address, deployment } };
}

/// The second engine, the node before it, and the block it was synced to.
async function syncSecond(world, { l1, schedule }) {
  const command = options['checkpoint-engine-start'];
  const needsPeer = command?.includes('ENODE');
  const start = needsPeer ? command.replace('ENODE', await world.engine.enode()) : command;
  const engine = engineFrom('checkpoint-engine', start);
  const synced = await checkpointSync(world, engine, () => new Node({
    program, directory: join(directory, 'second'), engine, l1, schedule,
    checkpoint: options['engine-http'] }));
  return { engine, ...synced };
}

async function stopAndReplay(node) {
  await node.stop();
  for (const args of [[], ['--verify']]) {
    const { code, output } = await node.replay(...args);
    say(`replay ${args.join(' ')}: exit ${code}\n${output}`);
    assert.equal(code, 0, 'replay');
  }
}

async function main() {
  console.log(`seed ${seed}`);
  selfcheck();
  mkdirSync(directory, { recursive: true });
  const random = new Random(seed);
  const time = Number(seed.split('-').at(-1));
  const engine = await startEngine();
  const l1 = await startL1(random, time, engine.genesis.hash);
  const schedule = join(directory, 'schedule.json');
  writeFileSync(schedule, JSON.stringify(scheduleFrom(time)));
  const node = new Node({ program, directory: join(directory, 'first'), engine,
                          l1: l1.addresses, schedule });
  await node.start();
  const world = new World({ random, engine, node, time, say, ...l1 });
  for (const [name, step] of stepsFor(engine)) {
    await step(world);
    const { safe, unsafe, finalized } = node.heads;
    say(`${name}: executed ${unsafe.number}, safe ${safe?.number ?? 0}, ` +
        `finalized ${finalized?.number ?? 0}`);
  }
  const second = hasSecondEngine ? await syncSecond(world, { l1: l1.addresses, schedule })
                                 : undefined;
  say(JSON.stringify({ ...world.counts, kills: node.kills, engineStarts: engine.starts }));
  await stopAndReplay(node);
  if (second) {
    await stopAndReplay(second.node);
    say(await checkRecord(second.node, second.checkpoint));
    await second.engine.end();
  }
  await engine.end();
  l1.beacon.stop();
  await l1.anvil.process.end('SIGTERM');
}

main().then(() => { say('done'); process.exit(0); }, (error) => {
  console.error(`seed ${seed}: ${error.stack}`);
  process.exit(1);
});
