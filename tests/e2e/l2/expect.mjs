// What an engine must have at a height, from the rules and its own parent: everything but what
// execution alone can say.
import assert from 'node:assert/strict';
import { keccak256 } from 'ethers';
import { CHAIN_ID, MIN_BASE_FEE, SHARING_PCTG } from '../lib/chain.mjs';
import { ZERO32 } from '../lib/commitment.mjs';
import { baseFeeAfter, extraData, hashOfRpcBlock, mixHash, payloadId } from '../lib/header.mjs';
import { anchorTransaction, txList } from '../lib/txlist.mjs';

/// A block of the engine's RPC as a parent; `parentTimestamp` is its own parent's.
export const parentFrom = (block, parentTimestamp) => ({
  number: BigInt(block.number), hash: block.hash, timestamp: BigInt(block.timestamp),
  gasLimit: BigInt(block.gasLimit), gasUsed: BigInt(block.gasUsed),
  baseFee: BigInt(block.baseFeePerGas), difficulty: BigInt(block.difficulty), parentTimestamp,
});

/// The block that the rules make of `plan` on `parent`: header fields, list, payload id. `plan`:
/// timestamp, coinbase, gasLimit (the header's), proposalId, anchor {number, hash, stateRoot},
/// transactions, and those of them that are included.
export function blockOf(parent, plan) {
  const baseFee = baseFeeAfter(parent, parent.parentTimestamp, MIN_BASE_FEE);
  const anchorTx = anchorTransaction({
    chainId: CHAIN_ID, nonce: Number(parent.number), baseFee, anchor: plan.anchor });
  const list = txList([anchorTx, ...plan.transactions]);
  const mix = mixHash(parent.difficulty, parent.number + 1n);
  const extra = extraData(SHARING_PCTG, plan.proposalId);
  const id = payloadId({ parentHash: parent.hash, timestamp: plan.timestamp, mix,
                         coinbase: plan.coinbase, rlpHash: list.rlpHash, extra });
  return { number: Number(parent.number) + 1, parentHash: parent.hash, baseFee, mix, extra, list,
           payloadId: id, plan, included: [anchorTx, ...plan.included] };
}

function checkFields(block, wanted, at) {
  const { plan } = wanted;
  assert.equal(hashOfRpcBlock(block), block.hash, `${at}: hash of its own fields`);
  assert.equal(block.parentHash, wanted.parentHash, `${at}: parent`);
  assert.equal(BigInt(block.timestamp), BigInt(plan.timestamp), `${at}: timestamp`);
  assert.equal(block.miner.toLowerCase(), plan.coinbase.toLowerCase(), `${at}: coinbase`);
  assert.equal(BigInt(block.gasLimit), BigInt(plan.gasLimit), `${at}: gas limit`);
  assert.equal(BigInt(block.baseFeePerGas), wanted.baseFee, `${at}: base fee`);
  assert.equal(block.mixHash, wanted.mix, `${at}: mix hash`);
  assert.equal(block.extraData, wanted.extra, `${at}: extra data`);
  assert.deepEqual(block.transactions, wanted.included.map((raw) => keccak256(raw)),
                   `${at}: transactions`);
}

const bytesOf = (numbers) => '0x' + Buffer.from(numbers).toString('hex');

/// `landed`: the L1 block {number, hash} of the proposal; undefined for what is promised only.
function checkRow(row, block, wanted, landed, at) {
  assert.ok(row, `${at}: origin row`);
  assert.equal(Number(row.blockID ?? row.blockId), wanted.number, `${at}: row's number`);
  assert.equal(row.l2BlockHash, block.hash, `${at}: row's hash`);
  assert.equal(bytesOf(row.buildPayloadArgsId ?? row.buildPayloadArgsID), wanted.payloadId,
               `${at}: payload id`);
  assert.equal(Number(row.l1BlockHeight ?? 0), landed?.number ?? 0, `${at}: L1 height`);
  assert.equal(row.l1BlockHash ?? ZERO32, landed?.hash ?? ZERO32, `${at}: L1 hash`);
}

async function checkReceipts(engine, block, at) {
  const receipts = await engine.receipts(Number(block.number));
  receipts?.forEach(({ status }, i) => assert.equal(status, '0x1', `${at}: transaction ${i}`));
}

/// The engine's blocks above `parent`, in order, are what `plans` say. Returns the last one as a
/// parent, and all of them as the engine tells them.
export async function checkBlocks(engine, parent, plans, landed) {
  const blocks = [];
  let below = parent;
  for (const plan of plans) {
    const wanted = blockOf(below, plan);
    const at = `block ${wanted.number}`;
    const block = await engine.block(wanted.number);
    assert.ok(block, `${at} is there`);
    checkFields(block, wanted, at);
    checkRow(await engine.origin(wanted.number), block, wanted, landed, at);
    await checkReceipts(engine, block, at);
    blocks.push(block);
    below = parentFrom(block, below.timestamp);
  }
  return { tip: below, blocks };
}

/// Labels, head pointer and mapping are where the node's heads say. `proposal`: the newest one that
/// was derived; 0 for none.
export async function checkHeads(engine, heads, proposal) {
  const latest = await engine.block('latest');
  assert.equal(latest.hash, heads.unsafe.hash, 'latest of the engine is the executed head');
  if (proposal === 0) return;
  const safe = await engine.block('safe');
  assert.equal(safe?.hash, heads.safe.hash, 'safe of the engine');
  const origin = await engine.headOrigin();
  assert.equal(Number(origin.blockID ?? origin.blockId), heads.safe.number, 'head L1 origin');
  assert.equal(origin.l2BlockHash, heads.safe.hash, 'hash of the head L1 origin');
  assert.equal(await engine.lastBlockOf(proposal), heads.safe.number,
               `last block of proposal ${proposal}`);
  if (!heads.finalized) return;
  const finalized = await engine.block('finalized');
  assert.equal(finalized?.hash, heads.finalized.hash, 'finalized of the engine');
}
