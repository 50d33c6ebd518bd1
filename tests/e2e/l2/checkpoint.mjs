// Checkpoint sync between two engines: the story's engine has the chain, a second one has genesis,
// and the node before that one has --l2.checkpoint. What is below the checkpoint the second engine
// fetches from the first one by itself; what is above its node derives.
import assert from 'node:assert/strict';
import { FINALITY_BLOCKS, honoured, promised, unpromised } from './story.mjs';

/// The checkpoint's height at least: engines of the reth family run their pipeline of stages for
/// gaps above 32 blocks, and take smaller ones block by block.
const HEIGHT_MIN = 50;
const PROVER = 2;

/// Proves on L1 that the newest proposal ends where it ends, and waits for that to be final.
/// Returns what L1 says then.
async function prove(world) {
  const { hash, number } = world.settled.tip;
  await world.sender.call('prove', [world.proposals, hash], { account: PROVER });
  await world.anvil.mine();
  world.sender.settled();
  await world.anvil.mine(FINALITY_BLOCKS + 2);
  const { lastFinalized, lastFinalizedHash } = await world.sender.view('getCoreState');
  assert.equal(Number(lastFinalized), world.proposals, 'proven proposal');
  assert.equal(lastFinalizedHash, hash, 'proven block');
  return { proposal: world.proposals, number: Number(number), hash };
}

/// The engines have the same chain up to `head`, the same blocks at `tags`, and the same rows where
/// a driver made the block in both.
async function checkEqual(first, second, checkpoint, head, tags) {
  for (let number = 0; number <= head; ++number) {
    const at = `block ${number} of the second engine`;
    assert.deepEqual(await second.block(number, true), await first.block(number, true), at);
    const row = await second.origin(number);
    if (number <= checkpoint.number) {
      assert.equal(row, undefined, `${at} has no row`);
    } else {
      assert.deepEqual(row, await first.origin(number), `row of ${at}`);
    }
  }
  assert.deepEqual(await second.headOrigin(), await first.headOrigin(), 'head L1 origin');
  for (const tag of tags) {
    assert.equal((await second.block(tag))?.hash, (await first.block(tag))?.hash, tag);
  }
}

/// `engine`: the second one, not yet begun; `makeNode`: of the node before it. Returns that node.
export async function checkpointSync(world, engine, makeNode) {
  while (Number(world.settled.tip.number) < HEIGHT_MIN) await unpromised(world);
  const checkpoint = await prove(world);
  await promised(world);
  await honoured(world);
  await unpromised(world);

  world.say(`second engine: ${await engine.begin()}`);
  assert.equal(engine.genesis.hash, world.engine.genesis.hash, 'genesis of the second engine');
  assert.equal((await engine.block('latest')).number, '0x0', 'the second engine has genesis only');
  const node = makeNode();
  const since = Date.now();
  await node.start();
  const height = Number(world.settled.tip.number);
  const heads = await node.settled(world.proposals, height);
  assert.equal(heads.safe.hash, world.settled.tip.hash, 'safe head of the second node');
  await checkEqual(world.engine, engine, checkpoint, height, ['latest', 'safe']);
  world.say(`second engine: ${checkpoint.number} blocks by its own sync, ` +
            `${height - checkpoint.number} derived, ${Date.now() - since} ms`);

  // Both live on, and L1's finality reaches both.
  await unpromised(world);
  await world.anvil.mine(FINALITY_BLOCKS + 2);
  const { number } = world.node.heads.safe;
  for (const one of [world.node, node]) {
    await one.until(({ finalized }) => finalized?.number === number, 60_000,
                    `finalized head ${number}`);
  }
  await unpromised(world);
  await node.settled(world.proposals, Number(world.settled.tip.number));
  await checkEqual(world.engine, engine, checkpoint, Number(world.settled.tip.number),
                   ['latest', 'safe', 'finalized']);
  return { node, checkpoint };
}

/// The log of the node, which has ended, says where derivation began.
export async function checkRecord(node, checkpoint) {
  const records = await node.events('checkpoint_reached');
  assert.equal(records.length, 1, `one checkpoint_reached: ${records.join('\n')}`);
  assert.ok(records[0].includes(`block ${checkpoint.number} `), records[0]);
  return records[0];
}
