// The honest chain: every block computed here in full, header hash included, before the node sees
// anything of it. The synthetic parts of the simulated engine (engine.md 9) are restated: gas used
// is the
// intrinsic gas, a state root is keccak256(parent state root | transaction hashes), zk gas is
// 243,000 per transaction plus the gas used.
import { concat, getBytes, encodeRlp, keccak256, toBeHex, toUtf8Bytes, Transaction } from 'ethers';
import { preconfHash, preconfirmation, signedCommitment, ZERO20, ZERO32 } from './commitment.mjs';
import { baseFeeAfter, EMPTY_BLOOM, extraData, headerHash, mixHash, payloadId } from './header.mjs';
import { quantity } from './numbers.mjs';
import { EMPTY_ROOT, orderedRoot } from './trie.mjs';
import { anchorTransaction, txList } from './txlist.mjs';

export const CHAIN_ID = 167001;
export const MIN_BASE_FEE = 5_000_000n;
export const SHARING_PCTG = 75;
const ZK_GAS_PER_TRANSACTION = 243_000n;

export function genesis() {
  const header = {
    parentHash: ZERO32, coinbase: ZERO20, transactionsRoot: EMPTY_ROOT, receiptsRoot: EMPTY_ROOT,
    stateRoot: keccak256(concat([toUtf8Bytes('preconf simulated genesis state'),
                                 toBeHex(CHAIN_ID, 8)])),
    difficulty: 0n, number: 0n, gasLimit: 15_000_000n, gasUsed: 0n, timestamp: 0n, extra: '0x',
    mix: ZERO32, baseFee: 10_000_000n,
  };
  return { header, hash: headerHash(header), parentTimestamp: 0n, preconfHash: ZERO32 };
}

function intrinsicGas(transaction) {
  const bytes = getBytes(transaction.data);
  const zeros = bytes.filter((byte) => byte === 0).length;
  let gas = 21_000 + 4 * zeros + 16 * (bytes.length - zeros);
  if (transaction.to === null) gas += 32_000 + 2 * Math.ceil(bytes.length / 32);
  for (const entry of transaction.accessList ?? []) gas += 2_400 + 1_900 * entry.storageKeys.length;
  return BigInt(gas);
}

const decoded = new Map();

/// What matters of a transaction here. Remembered: long ones are expensive and come often.
function decode(raw) {
  if (!decoded.has(raw)) {
    const transaction = Transaction.from(raw);
    const { type, chainId, gasLimit } = transaction;
    decoded.set(raw, {
      type, chainId, gasLimit, hash: keccak256(raw),
      maxFee: transaction.maxFeePerGas ?? transaction.gasPrice,
      intrinsicGas: intrinsicGas(transaction) });
  }
  return decoded.get(raw);
}

/// What the engine includes, in order: it passes silently over what can not pay the base fee, was
/// signed for another chain, or does not fit into the gas that is left.
const isIncluded = (transaction, baseFee, gasLeft) =>
  transaction.maxFee >= baseFee &&
  (transaction.chainId === 0n || transaction.chainId === BigInt(CHAIN_ID)) &&
  transaction.gasLimit <= gasLeft;

/// Receipts are [status, cumulative gas, empty bloom, no logs], with the type in front (EIP-2718).
function receiptOf(transaction, cumulativeGas) {
  const body = encodeRlp([quantity(1), quantity(cumulativeGas), EMPTY_BLOOM, []]);
  return transaction.type === 0 ? body : concat([toBeHex(transaction.type, 1), body]);
}

/// Executes `list` on `parent`; returns the block with its header hash and payload id.
export function execute(parent, fields, list, baseFee) {
  const receipts = [];
  const included = [];
  const state = [parent.header.stateRoot];
  let gasUsed = 0n;
  for (const raw of list.transactions) {
    const transaction = decode(raw);
    if (!isIncluded(transaction, baseFee, BigInt(fields.gasLimit) - gasUsed)) continue;
    gasUsed += transaction.intrinsicGas;
    included.push(raw);
    receipts.push(receiptOf(transaction, gasUsed));
    state.push(transaction.hash);
  }
  const header = {
    parentHash: parent.hash, coinbase: fields.coinbase, stateRoot: keccak256(concat(state)),
    transactionsRoot: orderedRoot(included), receiptsRoot: orderedRoot(receipts),
    difficulty: ZK_GAS_PER_TRANSACTION * BigInt(included.length) + gasUsed,
    number: parent.header.number + 1n, gasLimit: BigInt(fields.gasLimit), gasUsed,
    timestamp: BigInt(fields.timestamp), extra: extraData(SHARING_PCTG, fields.proposalId),
    mix: mixHash(parent.header.difficulty, parent.header.number + 1n), baseFee,
  };
  return {
    header, hash: headerHash(header), parentTimestamp: parent.header.timestamp, included,
    payloadId: payloadId({
      parentHash: parent.hash, timestamp: header.timestamp, mix: header.mix,
      coinbase: header.coinbase, rlpHash: list.rlpHash, extra: header.extra }),
  };
}

/// A block on `parent`, as its preconfer makes it: transaction list with the anchor in front,
/// commitment, signature, and what execution will give. `fields`: timestamp, gasLimit, coinbase,
/// proposalId, windowEnd, anchor {number, hash, stateRoot}, eop; `transactions` follow the anchor.
export function makeBlock(parent, fields, { transactions = [], level = 6, signer, slasher }) {
  const baseFee = baseFeeAfter(parent.header, parent.parentTimestamp, MIN_BASE_FEE);
  const number = parent.header.number + 1n;
  const anchor = anchorTransaction({
    chainId: CHAIN_ID, nonce: Number(number) - 1, baseFee, anchor: fields.anchor });
  const list = txList([anchor, ...transactions], level);
  const block = execute(parent, fields, list, baseFee);
  const preconf = {
    eop: fields.eop ?? false, blockNumber: number, timestamp: fields.timestamp,
    gasLimit: fields.gasLimit, coinbase: fields.coinbase, anchorBlockNumber: fields.anchor.number,
    rawTxListHash: list.hash, parentPreconfirmationHash: fields.link ?? parent.preconfHash,
    submissionWindowEnd: fields.windowEnd, proverAuth: fields.proverAuth ?? ZERO20,
    proposalId: fields.proposalId,
  };
  return {
    ...block, number: Number(number), fields: preconf, list, signer,
    preconfHash: preconfHash(preconfirmation(preconf)),
    commitment: signedCommitment(preconf, slasher, signer),
  };
}
