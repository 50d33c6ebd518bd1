// Derivation of L2 blocks from a proposal, written from the rules alone: manifest decoding,
// metadata validation, attributes. Numbers are BigInt.
import { inflateSync } from 'node:zlib';
import { concat, decodeRlp, encodeRlp, getBytes, hexlify, id, keccak256 } from 'ethers';
import { BLOB_BYTES, decodeBlob } from './blob.mjs';
import { baseFeeAfter, extraData, mixHash, payloadId } from './header.mjs';
import { max, min } from './numbers.mjs';
import { anchorTransaction } from './txlist.mjs';

const MILLION = 1_000_000n;
const ZERO_ADDRESS = '0x' + '00'.repeat(20);
export const CHAINS = {
  mainnet: { id: 167000, shasta: 1775135700n, unzen: 1786021200n, minFee: 10_000_000n, lag: 512n },
  hoodi: { id: 167013, shasta: 1770296400n, unzen: 1781787600n, minFee: 5_000_000n, lag: 128n },
  masaya: { id: 167011, shasta: 0n, unzen: 0n, minFee: 5_000_000n, lag: 128n },
  devnet: { id: 167001, shasta: 0n, unzen: 0n, minFee: 5_000_000n, lag: 128n },
};

export const defaultBlock = () => (
  { timestamp: 0n, coinbase: ZERO_ADDRESS, anchor: 0n, gasLimit: 0n, transactions: [] });

const number = (hex) => {
  const bytes = getBytes(hex);
  if (bytes.length > 8 || (bytes.length > 0 && bytes[0] === 0)) throw new Error('scalar');
  return bytes.length === 0 ? 0n : BigInt(hex);
};
const exactly = (list, count) => {
  if (!Array.isArray(list) || list.length !== count) throw new Error('list');
  return list;
};

/// Blocks of a manifest; throws when it is none. `isTransaction` judges an encoded element.
function decodeManifest(bytes, offset, isTransaction) {
  if (bytes.length - 64 < offset) throw new Error('short');
  const word = (at) => BigInt(hexlify(bytes.subarray(at, at + 32)));
  const version = word(offset);
  if (version >= 2n ** 64n || version % 2n ** 32n !== 1n) throw new Error('version');
  const size = word(offset + 32) % 2n ** 64n;
  const rest = bytes.subarray(offset + 64);
  if (size > BigInt(rest.length)) throw new Error('size');
  const rlp = inflateSync(rest.subarray(0, Number(size)));
  const [blocks] = exactly(decodeRlp(hexlify(rlp)), 1);
  if (!Array.isArray(blocks)) throw new Error('blocks');
  return blocks.map((fields) => {
    const [timestamp, coinbase, anchor, gasLimit, transactions] = exactly(fields, 5);
    if (getBytes(coinbase).length !== 20 || !Array.isArray(transactions)) throw new Error('field');
    if (!transactions.every((one) => isTransaction(encodeRlp(one)))) throw new Error('transaction');
    return { timestamp: number(timestamp), coinbase, anchor: number(anchor),
             gasLimit: number(gasLimit), transactions };
  });
}

function sourceBlocks(source, context) {
  if (source.blobs.length === 0 || source.offset > BLOB_BYTES - 64) return [defaultBlock()];
  const payloads = source.blobs.map(decodeBlob);
  if (payloads.includes(undefined)) return [defaultBlock()];
  const limit = context.landed.timestamp >= context.chain.unzen ? 768 : 192;
  try {
    const joined = Uint8Array.from(Buffer.concat(payloads));
    const blocks = decodeManifest(joined, source.offset, context.isTransaction);
    if (blocks.length > limit || (source.forced && blocks.length !== 1)) return [defaultBlock()];
    return blocks;
  } catch {
    return [defaultBlock()];
  }
}

const isDefault = (blocks) => blocks.length === 1 && blocks[0].timestamp === 0n &&
  blocks[0].coinbase === ZERO_ADDRESS && blocks[0].anchor === 0n && blocks[0].gasLimit === 0n &&
  blocks[0].transactions.length === 0;

const effectiveGas = (parent) =>
  (parent.number === 0n ? parent.gasLimit : max(parent.gasLimit - MILLION, 0n));

function lowerBound(context, before) {
  const lag = context.chain.lag * 12n;
  const { timestamp } = context.landed;
  return max(max(before + 1n, timestamp > lag ? timestamp - lag : 0n), context.chain.shasta);
}

function inherit(blocks, parent, context) {
  let before = parent.timestamp;
  return blocks.map((block) => {
    before = lowerBound(context, before);
    return { ...block, timestamp: before, coinbase: context.proposer, anchor: parent.anchor,
             gasLimit: effectiveGas(parent) };
  });
}

function isValid(blocks, parent, forced, context) {
  const { landed, chain } = context;
  const origin = landed.number - 1n;
  let { timestamp, anchor } = parent;
  let gas = effectiveGas(parent);
  const inOrder = blocks.every((block) => {
    const ok = lowerBound(context, timestamp) <= block.timestamp &&
      block.timestamp <= landed.timestamp;
    timestamp = block.timestamp;
    return ok;
  });
  const anchored = blocks.every((block) => {
    const ok = block.anchor >= anchor && block.anchor <= origin &&
      (origin <= chain.lag || block.anchor >= origin - chain.lag);
    anchor = block.anchor;
    return ok;
  });
  const gasInBounds = blocks.every((block) => {
    const high = min(gas * 1_000_200n / MILLION, 45n * MILLION);
    const low = min(max(gas * 999_800n / MILLION, 10n * MILLION), high);
    gas = block.gasLimit;
    return low <= block.gasLimit && block.gasLimit <= high;
  });
  return blocks.length > 0 && inOrder && anchored && gasInBounds &&
    (forced || anchor > parent.anchor);
}

export const l1Block = (anchor) => (
  { number: anchor, hash: id(`l1 hash ${anchor}`), stateRoot: id(`l1 state ${anchor}`) });

/// What an engine would make of the attributes, invented but the same for every reader.
function produced(attributes, parent, context, anchor) {
  return {
    number: attributes.number, hash: keccak256(concat([attributes.payloadId, attributes.rlpHash])),
    timestamp: attributes.timestamp, gasLimit: attributes.gasLimit, baseFee: attributes.baseFee,
    gasUsed: (attributes.timestamp * 7919n + attributes.number) % attributes.gasLimit,
    difficulty: attributes.timestamp >= context.chain.unzen ? attributes.number + 1000n : 0n,
    parentTimestamp: parent.timestamp, anchor,
  };
}

function attributesOf(block, parent, nonce, context) {
  const baseFee = baseFeeAfter(parent, parent.parentTimestamp, context.chain.minFee);
  const anchorTx = anchorTransaction(
    { chainId: context.chain.id, nonce, baseFee,
      anchor: (context.l1Block ?? l1Block)(block.anchor) });
  const rlpHash = keccak256(encodeRlp([anchorTx, ...block.transactions]));
  const out = {
    number: parent.number + 1n, parentHash: parent.hash, timestamp: block.timestamp,
    coinbase: block.coinbase, mix: mixHash(parent.difficulty, parent.number + 1n),
    gasLimit: block.gasLimit + MILLION, baseFee, extra: extraData(context.pctg, context.proposalId),
    rlpHash, anchorTxHash: keccak256(anchorTx), anchor: block.anchor,
    transactions: block.transactions.length,
  };
  // What an engine executes; not part of the vectors.
  const list = { anchorTx, items: block.transactions };
  return { ...out, payloadId: payloadId(out), list };
}

/// Every source's blocks as attributes. `context`: chain, landed, proposer, pctg, proposalId,
/// isTransaction, and where L1 or an engine are not invented, l1Block and produced; `sources`:
/// forced, offset, blobs.
export function derive(context, start, firstNonce, sources) {
  let parent = start;
  let nonce = firstNonce;
  return sources.map((source) => {
    let blocks = sourceBlocks(source, context);
    const decoded = !isDefault(blocks);
    if (source.forced || !decoded) blocks = inherit(blocks, parent, context);
    const replaced = !isValid(blocks, parent, source.forced, context);
    if (replaced) blocks = inherit([defaultBlock()], parent, context);
    const attributes = blocks.map((block) => {
      const one = attributesOf(block, parent, nonce++, context);
      parent = (context.produced ?? produced)(one, parent, context, block.anchor);
      return one;
    });
    return { decoded, replaced, blocks: attributes };
  });
}
