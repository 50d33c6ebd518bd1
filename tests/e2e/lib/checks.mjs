// The engine's chain against the chain computed here.
import assert from 'node:assert/strict';
import { keccak256 } from 'ethers';
import { genesis } from './chain.mjs';
import { hashOfRpcBlock } from './header.mjs';
import { hexQuantity } from './numbers.mjs';

/// Every header field that the node, not the engine, is answerable for, and the hash over all.
function checkBlock(block, expected) {
  const { header, number } = expected;
  const at = `block ${number}`;
  assert.equal(hashOfRpcBlock(block), block.hash, `${at}: hash of its own fields`);
  assert.equal(block.parentHash, header.parentHash, `${at}: parent`);
  assert.equal(BigInt(block.timestamp), header.timestamp, `${at}: timestamp`);
  assert.equal(block.miner.toLowerCase(), header.coinbase, `${at}: coinbase`);
  assert.equal(block.extraData, header.extra, `${at}: extraData`);
  assert.equal(block.mixHash, header.mix, `${at}: mixHash`);
  assert.equal(BigInt(block.gasLimit), header.gasLimit, `${at}: gasLimit`);
  assert.equal(BigInt(block.baseFeePerGas), header.baseFee, `${at}: baseFee`);
  assert.deepEqual(block.transactions, expected.included.map((raw) => keccak256(raw)),
                   `${at}: transactions`);
  assert.equal(block.hash, expected.hash, `${at}: hash`);
}

/// `open`: the engine's public port.
export async function checkChain(open, blocks) {
  const first = await open.result('eth_getBlockByNumber', ['0x0', false]);
  assert.equal(first.hash, genesis().hash, 'genesis');
  for (const expected of blocks) {
    const number = hexQuantity(expected.number);
    checkBlock(await open.result('eth_getBlockByNumber', [number, false]), expected);
    const origin = await open.result('taiko_l1OriginByID', [number]);
    assert.equal(Buffer.from(origin.buildPayloadArgsId).toString('hex'),
                 expected.payloadId.slice(2), `block ${expected.number}: payload id`);
  }
  const latest = await open.result('eth_getBlockByNumber', ['latest', false]);
  assert.equal(latest.hash, blocks.at(-1).hash, 'latest');
}
