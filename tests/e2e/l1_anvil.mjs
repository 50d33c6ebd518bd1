// `preconf node` on a real L1 node:
//   node l1_anvil.mjs PROGRAM DIRECTORY [--full] [--proposals N] [--seed SEED]
//                     [--unsettled]
// anvil mines what is told to it: an inbox of tests/e2e/contracts, proposals in blobs with real
// commitments, reorgs and restarts. Ends with exit code 0 when the node has the chain that is
// derived here from the final L1, as has a second node that saw nothing else, and when both logs
// replay. The seed names the time of L1's first block, too.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { genesis } from './lib/chain.mjs';
import { Random } from './lib/random.mjs';
import { selfcheck } from './lib/selfcheck.mjs';
import { Anvil, freePort, SLOT_SECONDS } from './l1/anvil.mjs';
import { Beacon } from './l1/beacon.mjs';
import { checkAgainst } from './l1/checks.mjs';
import { Follower } from './l1/follower.mjs';
import { compileInbox } from './l1/inbox.mjs';
import { Oracle } from './l1/oracle.mjs';
import { L1_CHAIN_ID, Sender } from './l1/sender.mjs';
import { Story } from './l1/story.mjs';

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: {
  full: { type: 'boolean', default: false }, proposals: { type: 'string' },
  seed: { type: 'string' }, unsettled: { type: 'boolean', default: false } } });
const [program, directory] = positionals;
const proposals = Number(options.proposals ?? (options.full ? 500 : 16));
/// Between the first block's time and now lie all blocks of a run.
const AGE_SECONDS = 40_000 + proposals * 60;
/// The plan's seed, then the time of L1's first block: both are needed to repeat a run.
const plan = options.seed ?? randomBytes(4).toString('hex');
const seed = plan.includes('-') ? plan : `${plan}-${Math.floor(Date.now() / 1000) - AGE_SECONDS}`;
const say = (text) => console.log(`[${process.uptime().toFixed(1)} s] ${text}`);
console.log(`seed ${seed}`);
process.on('unhandledRejection', (error) => { throw error; });

/// Before which proposal what happens.
function planOf(random) {
  const depths = options.full ? [1, 3, 12, 64] : [1, 3, 12];
  const rounds = options.full ? 4 : 1;
  const events = Array.from({ length: rounds }, () => [
    ...depths.flatMap((depth) => [`empty ${depth}`, `revert ${depth}`]),
    'anvil', 'engine', 'node', 'node', 'node']).flat();
  const first = 4;
  return random.shuffled(events).map((event, i) => ({
    event, at: first + Math.floor((proposals - first) * i / events.length) }));
}

class Run {
  constructor(random) { this.random = random; }

  async setUp() {
    const start = Number(seed.split('-').at(-1));
    this.anvil = new Anvil({ port: await freePort(), genesis: start,
      state: join(directory, 'anvil.json'), logFile: join(directory, 'anvil.log') });
    this.sender = new Sender(this.anvil);
    const here = dirname(fileURLToPath(import.meta.url));
    const code = compileInbox(join(here, 'contracts', 'Inbox.sol'));
    await this.anvil.start();
    await this.anvil.mine(this.random.between(1, 4));
    await this.sender.deploy(code, genesis().hash);
    this.anvil.floor = await this.anvil.height();
    this.oracle = new Oracle(this.anvil, this.sender.inbox, this.sender.blobs, new Set());
    this.beacon = new Beacon(this.anvil, this.sender.blobs);
    await this.beacon.start();
    const deployment = join(directory, 'deployment.toml');
    writeFileSync(deployment, `l1_chain_id = ${L1_CHAIN_ID}\ngenesis_time = ${start}\n` +
      `slot_seconds = ${SLOT_SECONDS}\ninbox = "${this.sender.inbox}"\n`);
    this.l1 = { http: this.anvil.address, beacon: this.beacon.address, deployment };
    this.story = new Story(this);
    await this.anvil.mine(this.random.between(12, 20));
    say(`inbox ${this.sender.inbox} on anvil at ${this.anvil.address}`);
  }

  follower(name) {
    return new Follower({ program, directory: join(directory, name), secret: this.random.word(),
                          l1: this.l1 });
  }

  synced() { return this.node.at(this.oracle.steps.at(-1)); }

  /// Now and then the node has to be where L1 is; otherwise it is somewhere on the way.
  async sometimesSynced() { if (this.random.between(0, 1) === 0) await this.synced(); }

  async restartNode(whileDown = async () => {}) {
    await this.node.kill();
    await whileDown();
    await this.node.startNode();
  }

  /// With --unsettled, L1 may be reorganized before the node has seen what its engine lost.
  async replaceEngine() {
    if (!options.unsettled) await this.node.settledAt(this.oracle.tip);
    await this.node.replaceEngine();
    if (options.unsettled) return;
    await this.node.engineAt(this.oracle.tip);
    await this.node.settledAt(this.oracle.tip);
  }

  async happen(event) {
    say(`L1 ${await this.anvil.height()}, proposal ${this.oracle.proposals}, ` +
        `L2 ${this.oracle.tip.number}: ${event}`);
    const [what, depth] = event.split(' ');
    await this.sometimesSynced();
    if (what === 'empty') await this.story.reorgToEmpty(Number(depth));
    if (what === 'revert') {
      const isDown = this.random.between(0, 2) === 0;
      await this.story.reorgByRevert(Number(depth), () => this.sometimesSynced(),
        async () => { if (isDown) await this.node.kill(); });
      if (isDown) await this.node.startNode();
    }
    if (what === 'anvil') await this.anvil.restart();
    if (what === 'engine') await this.replaceEngine();
    if (what === 'node') {
      await this.restartNode(async () => {
        if (this.random.between(0, 1) === 0) await this.story.propose();
      });
    }
    await this.sometimesSynced();
  }

  async play() {
    this.node = this.follower('first');
    await this.story.propose();
    await this.node.start();
    const plan = planOf(this.random);
    while (this.story.counts.proposed < proposals) {
      while (plan.length > 0 && this.story.counts.proposed >= plan[0].at) {
        await this.happen(plan.shift().event);
      }
      await this.story.propose();
      if (this.random.between(0, 2) === 0) await this.synced();
    }
    for (const { event } of plan) await this.happen(event);
    // A fresh proposal replaces whatever an undone one left above the safe head.
    await this.story.propose();
    await this.node.endsAt(this.oracle.tip);
    say(`L1 ${await this.anvil.height()}, L2 ${this.oracle.tip.number}; ` +
        JSON.stringify({ ...this.story.counts, fates: this.story.fates, kills: this.node.kills,
                         anvilRestarts: this.anvil.restarts, blobs: this.beacon.counts }));
  }

  async end() {
    const second = this.follower('second');
    await second.start();
    await second.endsAt(this.oracle.tip);
    await checkAgainst(this.oracle, this.anvil, [this.node, second]);
    say(`both nodes have the ${this.oracle.chain.length} blocks that are derived here`);
    for (const node of [this.node, second]) {
      await node.stop();
      for (const args of [[], ['--verify']]) {
        const { code, output } = await node.replay(...args);
        say(`replay ${args.join(' ')}: exit ${code}\n${output}`);
        assert.equal(code, 0, 'replay');
      }
    }
    this.beacon.stop();
    await this.anvil.process.end('SIGTERM');
  }
}

async function main() {
  selfcheck();
  mkdirSync(directory, { recursive: true });
  const run = new Run(new Random(seed));
  await run.setUp();
  await run.play();
  await run.end();
}

main().then(() => { say('done'); process.exit(0); }, (error) => {
  console.error(`seed ${seed}: ${error.stack}`);
  process.exit(1);
});
