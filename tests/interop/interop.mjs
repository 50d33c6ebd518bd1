// The scenarios, for the pairs of peers that are there.
//   node interop.mjs PEER_PROGRAM NODE_PROGRAM [--rust PROGRAM | --rust-if-built PROGRAM]
//                   [--pairs a-b,...] [--only TEXT] [--full | --brief]
// A pair without `cpp` checks the test itself: two foreign implementations must pass it as well.
// INTEROP_SEED repeats a run.
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Report } from './lib/check.mjs';
import { Random } from './lib/content.mjs';
import { programs } from './lib/peer.mjs';
import { connectScenario, wrongPeerScenario } from './scenarios/connect.mjs';
import { gossipScenario, middleScenario } from './scenarios/gossip.mjs';
import { insideScenario, shoutScenario, silenceScenario } from './scenarios/hostile.mjs';
import { costScenario, handshakeCostScenario, loadScenario } from './scenarios/load.mjs';
import { nodeCatchUpScenario, nodeGossipScenario } from './scenarios/node.mjs';
import { requestScenario } from './scenarios/requests.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rust: { type: 'string' },
    'rust-if-built': { type: 'string' },
    pairs: { type: 'string' },
    only: { type: 'string', default: '' },
    full: { type: 'boolean', default: false },
    brief: { type: 'boolean', default: false }, // for every run of the suite: no measurements
  },
});
const here = dirname(fileURLToPath(import.meta.url));
programs.cpp = [positionals[0]];
programs.js = [process.execPath, join(here, 'peers', 'js', 'peer.mjs')];
programs.hostile = [process.execPath, join(here, 'peers', 'hostile', 'inside.mjs')];
const built = values['rust-if-built'];
if (built && existsSync(built)) values.rust = built;
if (values.rust) programs.rust = [values.rust];

const seed = process.env.INTEROP_SEED ?? randomBytes(4).toString('hex');
console.log(`INTEROP_SEED=${seed}, Node.js ${process.version}`);
const sizes = {
  full: { commitmentCount: 1000, listCount: 200 },
  usual: { commitmentCount: 200, listCount: 30 },
  brief: { commitmentCount: 50, listCount: 16 },
};
const size = sizes[values.full ? 'full' : values.brief ? 'brief' : 'usual'];

const pairs = values.pairs?.split(',').map((pair) => pair.split('-')) ?? [
  ['cpp', 'js'],
  ['js', 'cpp'],
  ...(values.rust
    ? [
        ['cpp', 'rust'],
        ['rust', 'cpp'],
      ]
    : []),
];
const report = new Report();

async function step(name, scenario, options) {
  if (!name.includes(values.only)) return;
  await report.step(name, () => scenario({ ...options, random: new Random(`${seed} ${name}`) }));
}

for (const [left, right] of pairs) {
  const pair = { left, right };
  await step(`connect ${left} to ${right}`, connectScenario, pair);
  await step(`wrong peer id ${left} to ${right}`, wrongPeerScenario, pair);
  await step(`requests ${left} and ${right}`, requestScenario, pair);
  await step(`gossip ${left} and ${right}`, gossipScenario, { ...pair, ...size });
}
const middles = values.pairs ? pairs : [['js', 'js'], ...(values.rust ? [['js', 'rust']] : [])];
const middle = values.pairs ? pairs[0][1] : 'cpp';
for (const [left, right] of middles) {
  await step(`gossip ${left} through ${middle} to ${right}`, middleScenario, {
    left,
    right,
    middle,
    ...sizes.brief,
  });
}

for (const [left, right] of pairs.filter(([one]) => one === 'cpp' || values.pairs)) {
  const seconds = Number(process.env.INTEROP_SECONDS ?? 5);
  await step(`load ${left} and ${right}`, loadScenario, { left, right, seconds });
}
const kinds = ['cpp', 'js', ...(values.rust ? ['rust'] : [])];
for (const kind of values.pairs || values.brief ? [] : kinds) {
  const same = { left: kind, right: kind, count: values.full ? 5000 : 500 };
  await step(`cost of ${kind} to ${kind}`, costScenario, same);
  // Our peer lets 100 handshakes begin at once, then 50 a second.
  const connections = { left: kind, right: kind, count: values.full ? 80 : 20 };
  await step(`cost of connecting ${kind} to ${kind}`, handshakeCostScenario, connections);
}
const target = values.pairs ? pairs[0][0] : 'cpp';
const attacked = { left: target, right: 'js' };
await step(`garbage before the secure channel, ${target}`, shoutScenario, attacked);
await step(`silent strangers, ${target}`, silenceScenario, attacked);
await step(`garbage inside the secure channel, ${target}`, insideScenario, attacked);

const foreign = values.pairs ? [] : ['js', ...(values.rust ? ['rust'] : [])];
for (const kind of foreign) {
  const program = positionals[1];
  const directory = (name) => join(here, 'run', `${name}-${kind}`);
  rmSync(join(here, 'run'), { recursive: true, force: true });
  await step(`node and ${kind}: gossip`, nodeGossipScenario, {
    kind,
    program,
    directory: directory('gossip'),
    blockCount: values.full ? 200 : 30,
  });
  await step(`node and ${kind}: catch-up`, nodeCatchUpScenario, {
    kind,
    program,
    directory: directory('catch-up'),
    blockCount: values.full ? 60 : 12,
  });
}

console.log(`${report.passed} passed, ${report.failed.length} failed`);
process.exit(report.failed.length === 0 ? 0 : 1);
