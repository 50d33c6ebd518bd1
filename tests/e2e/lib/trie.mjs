// Root of the Merkle Patricia trie over an ordered list (yellow paper, appendix D): keys are the
// RLP of the positions.
import { encodeRlp, getBytes, hexlify, keccak256 } from 'ethers';
import { quantity } from './numbers.mjs';

export const EMPTY_ROOT = keccak256(encodeRlp('0x'));

const nibblesOf = (bytes) => [...bytes].flatMap((byte) => [byte >> 4, byte & 15]);

/// Hex-prefix encoding.
function compact(nibbles, isLeaf) {
  const flag = isLeaf ? 2 : 0;
  const padded = nibbles.length % 2 ? [flag + 1, ...nibbles] : [flag, 0, ...nibbles];
  const out = new Uint8Array(padded.length / 2);
  for (let i = 0; i < out.length; ++i) out[i] = (padded[2 * i] << 4) | padded[2 * i + 1];
  return hexlify(out);
}

/// How a parent refers to a node: itself when its RLP is short, else its hash.
const referenceTo = (node) => {
  const rlp = encodeRlp(node);
  return getBytes(rlp).length < 32 ? node : keccak256(rlp);
};

/// `entries`: [nibbles from `depth` on matter, value] with distinct keys, none a prefix of another.
function nodeOf(entries, depth) {
  if (entries.length === 1) return [compact(entries[0][0].slice(depth), true), entries[0][1]];
  let shared = 0;
  const [first] = entries[0];
  while (entries.every(([key]) => key[depth + shared] === first[depth + shared])) ++shared;
  if (shared > 0) {
    const path = first.slice(depth, depth + shared);
    return [compact(path, false), referenceTo(nodeOf(entries, depth + shared))];
  }
  const branch = [];
  for (let nibble = 0; nibble < 16; ++nibble) {
    const below = entries.filter(([key]) => key[depth] === nibble);
    branch.push(below.length === 0 ? '0x' : referenceTo(nodeOf(below, depth + 1)));
  }
  return [...branch, '0x'];
}

/// `values`: hex strings.
export function orderedRoot(values) {
  if (values.length === 0) return EMPTY_ROOT;
  const entries = values.map((value, i) => [nibblesOf(getBytes(encodeRlp(quantity(i)))), value]);
  return keccak256(encodeRlp(nodeOf(entries, 0)));
}
