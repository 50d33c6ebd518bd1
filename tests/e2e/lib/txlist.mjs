// Transaction lists (preconf.md 3) and the anchor transaction (derivation.md 6.5).
import { deflateSync } from 'node:zlib';
import { AbiCoder, concat, decodeRlp, encodeRlp, getAddress, getBytes, hexlify, keccak256,
         Signature, Transaction } from 'ethers';

export const GOLDEN_TOUCH = getAddress('0x0000777735367b36bC9B61C50022d9D0700dB4Ec');
const GOLDEN_TOUCH_SECRET = 0x92954368afd3caa1f3ce3ead0069c1af414054aefe1ef9aeacc1bf426222ce38n;
const ANCHOR_V4_SELECTOR = '0x523e6854';
export const ANCHOR_GAS_LIMIT = 1_000_000n;

const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const GENERATOR_X = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n;

/// Decimal chain id, zeros up to 35 digits, then 10001.
export const anchorAddress = (chainId) => '0x' + String(chainId).padEnd(35, '0') + '10001';

/// ECDSA of golden touch with nonce k = 1: r is the generator's x, s = digest + r * d.
function signWithUnitNonce(digest) {
  const s = (BigInt(digest) + GENERATOR_X * GOLDEN_TOUCH_SECRET) % CURVE_ORDER;
  if (s === 0n) throw new Error('k = 1 gives s = 0; this client does not go on to k = 2');
  const isHigh = s > CURVE_ORDER / 2n;
  const word = (value) => '0x' + value.toString(16).padStart(64, '0');
  return Signature.from({
    r: word(GENERATOR_X), s: word(isHigh ? CURVE_ORDER - s : s), yParity: isHigh ? 1 : 0,
  });
}

/// The anchor transaction in EIP-2718 form, as hex. `overrides` replaces transaction fields.
export function anchorTransaction({ chainId, nonce, baseFee, anchor, overrides = {} }) {
  const call = AbiCoder.defaultAbiCoder().encode(
    ['tuple(uint48,bytes32,bytes32)'], [[anchor.number, anchor.hash, anchor.stateRoot]]);
  const transaction = Transaction.from({
    type: 2, chainId, nonce, maxPriorityFeePerGas: 0, maxFeePerGas: baseFee,
    gasLimit: ANCHOR_GAS_LIMIT, to: getAddress(anchorAddress(chainId)), value: 0,
    data: concat([ANCHOR_V4_SELECTOR, call]), accessList: [], ...overrides,
  });
  transaction.signature = signWithUnitNonce(transaction.unsignedHash);
  return transaction.serialized;
}

/// RLP list in network form: typed transactions are strings, legacy ones are lists.
export function encodeList(transactions) {
  return encodeRlp(transactions.map((raw) => getBytes(raw)[0] >= 0xc0 ? decodeRlp(raw) : raw));
}

/// What travels: the zlib stream of the list. The level changes the bytes and so the identity.
export const compress = (rlp, level = 6) => hexlify(deflateSync(getBytes(rlp), { level }));

/// A transaction list with its identities.
export function txList(transactions, level = 6) {
  const rlp = encodeList(transactions);
  const compressed = compress(rlp, level);
  return { transactions, rlp, compressed, hash: keccak256(compressed), rlpHash: keccak256(rlp) };
}
