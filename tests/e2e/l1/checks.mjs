// At the end: what engines and nodes have, against the chain that was derived here.
import assert from 'node:assert/strict';
import { hashOfRpcBlock } from '../lib/header.mjs';

/// The L2 block that L1 can not take back: the last one of the newest proposal whose L1 block is
/// final.
async function finalTip(oracle, anvil) {
  const { number } = await anvil.rpc.result('eth_getBlockByNumber', ['finalized', false]);
  const final = oracle.steps.filter((step) => step.number <= Number(number));
  return final.at(-1).tip;
}

async function checkNode(oracle, final, { open, rpc }) {
  const head = await open.result('eth_getBlockByNumber', ['latest', false]);
  assert.equal(head.hash, oracle.tip.hash, 'head of the engine');
  for (const expected of oracle.chain) {
    const number = '0x' + expected.header.number.toString(16);
    const block = await open.result('eth_getBlockByNumber', [number, false]);
    assert.equal(block.hash, expected.hash, `block ${expected.header.number}`);
    assert.equal(hashOfRpcBlock(block), block.hash, 'hash of its own fields');
  }
  const { safe, finalized, unsafe } = await rpc.result('preconf_status');
  const at = (tip) => ({ number: Number(tip.number), hash: tip.hash });
  assert.deepEqual(unsafe, at(oracle.tip), 'executed head');
  assert.deepEqual(safe, at(oracle.tip), 'safe head');
  if (final.number > 0n) assert.deepEqual(finalized, at(final), 'finalized head');
  return open.result('taiko_headL1Origin');
}

/// All of `nodes` have the oracle's chain: hashes at every height, head L1 origin, safe and
/// finalized heads.
export async function checkAgainst(oracle, anvil, nodes) {
  const final = await finalTip(oracle, anvil);
  await Promise.all(nodes.map((node) => node.until(
    ({ finalized }) => final.number === 0n || finalized?.hash === final.hash, 60_000,
    `finalized head ${final.number}`)));
  const landed = oracle.steps.at(-1);
  for (const node of nodes) {
    const origin = await checkNode(oracle, final, node);
    assert.equal(BigInt(origin.blockId), oracle.tip.number, 'head L1 origin');
    assert.equal(origin.l1BlockHash, landed.hash, 'L1 block of the head L1 origin');
    assert.equal(BigInt(origin.l1BlockHeight), BigInt(landed.number));
  }
}
