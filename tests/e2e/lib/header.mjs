// Block headers and the numbers in them (derivation.md 6, preconf.md 7.4 and 7.5). Numbers are
// BigInt.
import { AbiCoder, concat, encodeRlp, keccak256, sha256, toBeHex } from 'ethers';
import { max, min, quantity } from './numbers.mjs';
import { EMPTY_ROOT } from './trie.mjs';
import { ZERO32 } from './commitment.mjs';

export const EMPTY_OMMERS = keccak256(encodeRlp([]));
export const EMPTY_REQUESTS = sha256('0x');
export const EMPTY_BLOOM = '0x' + '00'.repeat(256);

const INITIAL_BASE_FEE = 25_000_000n;
const MAX_BASE_FEE = 1_000_000_000n;

/// EIP-4396 variant. `parent`: number, gasLimit, gasUsed, timestamp, baseFee;
/// `grandparentTimestamp`.
export function baseFeeAfter(parent, grandparentTimestamp, minBaseFee) {
  if (parent.number === 0n) return INITIAL_BASE_FEE;
  const base = parent.gasLimit / 2n;
  const elapsed = max(parent.timestamp - grandparentTimestamp, 0n);
  const target = min(base * elapsed / 2n, parent.gasLimit * 95n / 100n);
  let fee = parent.baseFee;
  if (parent.gasUsed > target) fee += max(fee * (parent.gasUsed - target) / base / 8n, 1n);
  if (parent.gasUsed < target) fee -= fee * (target - parent.gasUsed) / base / 8n;
  return min(max(fee, minBaseFee), MAX_BASE_FEE);
}

/// Inclusive bounds of the header gas limit above a parent.
export function gasLimitBounds(parent) {
  const anchor = 1_000_000n;
  const effective = parent.number === 0n ? parent.gasLimit : parent.gasLimit - anchor;
  const high = min(effective * 1_000_200n / 1_000_000n, 45_000_000n);
  const low = min(max(effective * 999_800n / 1_000_000n, 10_000_000n), high);
  return { low: low + anchor, high: high + anchor };
}

export const mixHash = (parentDifficulty, number) =>
  keccak256(AbiCoder.defaultAbiCoder().encode(['uint256', 'uint256'], [parentDifficulty, number]));

/// basefeeSharingPctg and the proposal id as uint48.
export const extraData = (sharingPctg, proposalId) =>
  concat([toBeHex(sharingPctg, 1), toBeHex(proposalId, 6)]);

/// buildPayloadArgsId.
export function payloadId({ parentHash, timestamp, mix, coinbase, rlpHash, extra }) {
  const digest = sha256(
    concat([parentHash, toBeHex(timestamp, 8), mix, coinbase, '0xc0', rlpHash, extra]));
  return '0x02' + digest.slice(4, 18);
}

/// RLP of a header with the Unzen fields, as the engines of a devnet have it.
export function headerRlp(header) {
  return encodeRlp([
    header.parentHash, EMPTY_OMMERS, header.coinbase, header.stateRoot, header.transactionsRoot,
    header.receiptsRoot, EMPTY_BLOOM, quantity(header.difficulty), quantity(header.number),
    quantity(header.gasLimit), quantity(header.gasUsed), quantity(header.timestamp), header.extra,
    header.mix, '0x0000000000000000', quantity(header.baseFee), EMPTY_ROOT, quantity(0),
    quantity(0),
    ZERO32, EMPTY_REQUESTS,
  ]);
}

export const headerHash = (header) => keccak256(headerRlp(header));

/// The hash of a block as eth_getBlockByNumber shows it, from nothing but its fields.
export function hashOfRpcBlock(block) {
  const fields = [
    block.parentHash, block.sha3Uncles, block.miner, block.stateRoot, block.transactionsRoot,
    block.receiptsRoot, block.logsBloom, quantity(block.difficulty), quantity(block.number),
    quantity(block.gasLimit), quantity(block.gasUsed), quantity(block.timestamp), block.extraData,
    block.mixHash, block.nonce, quantity(block.baseFeePerGas),
  ];
  if (block.withdrawalsRoot !== undefined) fields.push(block.withdrawalsRoot);
  if (block.blobGasUsed !== undefined) {
    fields.push(quantity(block.blobGasUsed), quantity(block.excessBlobGas),
                block.parentBeaconBlockRoot);
  }
  if (block.requestsHash !== undefined) fields.push(block.requestsHash);
  return keccak256(encodeRlp(fields));
}
