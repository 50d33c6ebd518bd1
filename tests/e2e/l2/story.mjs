// What the engine has to go through, each step checked on its own RPC.
import assert from 'node:assert/strict';
import { computeAddress } from 'ethers';
import { checkBlocks, checkHeads } from './expect.mjs';

/// Sends propose(): account 0 of anvil's mnemonic.
const PROPOSER = computeAddress(
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');
/// anvil calls final what two epochs stand on.
export const FINALITY_BLOCKS = 64;

const hashAt = async (world, number) => (await world.engine.block(number)).hash;
const heightOf = (state) => Number(state.tip.number);

/// Blocks that nobody but the preconfer knows.
export async function promised(world) {
  await world.preconfirm(await world.plans(1));
  await world.preconfirm(await world.plans(3));
  await checkHeads(world.engine, world.node.heads, 0);
}

/// L1 proposes all promises that are not proposed, as they are: nothing is built anew.
export async function honoured(world) {
  const base = world.settled;
  const plans = world.promises;
  const before = world.state.tip.hash;
  const landed = await world.propose(plans);
  await world.derived(base, plans, landed, { isPromised: true });
  assert.equal(world.state.tip.hash, before, 'the promised blocks stay');
  return landed;
}

/// L1 proposes blocks that nobody promised.
export async function unpromised(world) {
  const base = world.state;
  const plans = await world.plans(3);
  const landed = await world.propose(plans);
  await world.derived(base, plans, landed);
}

/// Three promised blocks; L1 has the first one, another second, and no third.
async function contradicted(world) {
  const base = world.state;
  const plans = await world.plans(3);
  await world.preconfirm(plans);
  const [first, second] = [heightOf(base) + 1, heightOf(base) + 2];
  const before = [await hashAt(world, first), await hashAt(world, second)];
  const other = { ...plans[1], coinbase: world.random.bytes(20) };
  const landed = await world.propose([plans[0], other]);
  const heads = await world.derived(base, [plans[0], other], landed);
  assert.equal(await hashAt(world, first), before[0], 'the honoured block stays');
  assert.notEqual(await hashAt(world, second), before[1], 'the contradicted block is replaced');
  assert.equal(heads.unsafe.number, second, 'nothing stands on the contradicted block');
  assert.equal(await world.engine.block(second + 1), null, 'the engine has no third block');
}

/// A payload that is no manifest becomes the default block.
async function defaulted(world) {
  const base = world.state;
  const landed = await world.propose(await world.plans(1), (payload) => { payload[31] = 2; });
  await world.derived(base, [world.defaultPlan(base, landed, PROPOSER)], landed);
}

/// L1 takes back a proposal with promised blocks and one without; first there is nothing in their
/// place, then another proposal.
async function reorganized(world) {
  const base = world.state;
  const known = world.proposals;
  const snapshot = await world.anvil.rpc.result('evm_snapshot');
  const kept = await world.plans(2);
  await world.preconfirm(kept);
  await world.derived(base, kept, await world.propose(kept), { isPromised: true });
  const middle = world.state;
  const more = await world.plans(2);
  const { safe: undone } = await world.derived(middle, more, await world.propose(more));

  assert.equal(await world.anvil.rpc.result('evm_revert', [snapshot]), true);
  await world.anvil.rpc.result('anvil_dropAllTransactions');
  world.sender.settled();
  world.proposals = known;
  await world.anvil.mine(3);
  const heads = await world.node.settled(known, heightOf(base));
  assert.equal(heads.safe.hash, base.tip.hash, 'safe head below the undone proposals');
  await checkHeads(world.engine, heads, world.proposals);

  const others = await world.plans(3, base);
  const landed = await world.propose(others);
  const after = await world.derived(base, others, landed);
  assert.equal(after.unsafe.number, heightOf(base) + 3, 'executed head is the safe one');
  assert.notEqual(after.safe.hash, undone.hash);
}

/// SIGKILL; L1 goes on while the node is down. Then it takes promises again.
async function nodeRestarted(world) {
  const base = world.state;
  const plans = await world.plans(3);
  await world.preconfirm(plans);
  await world.node.kill();
  const landed = await world.propose(plans);
  await world.node.startNode();
  await world.derived(base, plans, landed, { isPromised: true });
  await world.preconfirm(await world.plans(2));
  await world.node.kill();
  await world.node.startNode();
  await world.preconfirm(await world.plans(1));
  await honoured(world);
}

/// The engine ends and comes back with what it kept, which may be less than it had told; in the end
/// it has all blocks again.
async function engineRestarted(world, signal) {
  const base = world.state;
  const plans = await world.plans(3);
  await world.preconfirm(plans);
  const landed = await honoured(world);
  const middle = world.state;
  const more = await world.plans(2);
  await world.preconfirm(more);
  const told = heightOf(world.state);
  const back = await world.engine.restart(signal);
  world.say(`engine ended by ${signal} at ${told}, came back at ${Number(back.number)}`);
  await world.preconfirm(await world.plans(1));
  await checkBlocks(world.engine, base.tip, plans, landed);
  await checkBlocks(world.engine, middle.tip, more);
  await checkHeads(world.engine, world.node.heads, world.proposals);
  await honoured(world);
}

/// L1's finality reaches the engine with the next proposal.
async function finalized(world) {
  await world.anvil.mine(FINALITY_BLOCKS + 2);
  const { number } = world.node.heads.safe;
  await world.node.until(({ finalized: one }) => one?.number === number, 60_000,
                         `finalized head ${number}`);
  await unpromised(world);
}

/// Name and what happens, in order; those that restart the engine need to be told how.
export const stepsFor = (engine) => [
  ['promised blocks', promised], ['proposed as promised', honoured],
  ['proposed, never promised', unpromised], ['promise contradicted', contradicted],
  ['no manifest', defaulted], ['L1 reorganized', reorganized],
  ['finalized', finalized], ['node restarted', nodeRestarted],
  ...(engine.canRestart ? [
    ['engine ended', (world) => engineRestarted(world, 'SIGTERM')],
    ['engine killed', (world) => engineRestarted(world, 'SIGKILL')]] : []),
  ['L1 reorganized again', reorganized], ['finalized again', finalized],
];
