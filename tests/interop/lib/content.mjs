// Commitments and transaction lists as bytes: signed by a key made from the seed, framed as the
// network does. Made with ethers: no code of the node is involved.
import { createHash } from 'node:crypto';
import { SigningKey, concat, getBytes, keccak256 } from 'ethers';

const DOMAIN = new TextEncoder().encode('TAIKO_PRECONF_DOMAIN_PLACEHOLDER');

const little = (value, size) => {
  const out = new Uint8Array(size);
  let rest = BigInt(value);
  for (let i = 0; rest > 0n; ++i, rest >>= 8n) out[i] = Number(rest & 0xffn);
  return out;
};

/// Numbers and bytes that depend on nothing but the seed.
export class Random {
  constructor(seed) {
    this.seed = `${seed}`;
    this.count = 0;
    this.pool = Buffer.alloc(0);
  }

  bytes(size) {
    const out = Buffer.alloc(size);
    for (let at = 0; at < size; at += 32) {
      this.count += 1;
      createHash('sha256').update(`${this.seed} ${this.count}`).digest().copy(out, at);
    }
    return new Uint8Array(out);
  }
  below(bound) {
    return Number(Buffer.from(this.bytes(6)).readUIntBE(0, 6) % bound);
  }
  /// Log-uniform between 1 and `max`: as many small as large ones.
  size(max) {
    return Math.max(1, Math.floor(Math.exp((this.below(1 << 24) / (1 << 24)) * Math.log(max))));
  }
}

/// Hashes of the lists that were made.
const used = new Set();

/// RawTxListGossip of `size` bytes of content: hash | offset | content.
/// No two of one run are equal, or the second one would be a duplicate: there are only 256 of one
/// byte, and once those are used up a byte is added. Small ones begin with a length above 2 MiB, so
/// that none is a snappy block by chance: those have other message ids (one in some 100,000 is).
export function txListGossip(random, size) {
  for (let tries = 0; ; tries += 1) {
    const list = random.bytes(tries < 1000 ? size : size + 1);
    const hash = getBytes(keccak256(list));
    const maySnappy = size < 1000 && hash.subarray(0, 3).some((byte) => byte < 0x80);
    if (maySnappy || used.has(hex(hash))) continue;
    used.add(hex(hash));
    return getBytes(concat([hash, little(36, 4), list]));
  }
}

/// SignedCommitment, 382 bytes, for L2 block `number`.
export function signedCommitment(random, number, key) {
  const commitment = getBytes(
    concat([
      little(0, 1),
      little(number, 32),
      little(1_700_000_000 + number, 32),
      little(30_000_000, 32),
      random.bytes(20),
      little(1000, 32),
      random.bytes(32),
      random.bytes(32),
      little(1_700_000_012 + number, 32),
      random.bytes(20),
      little(7, 32),
      random.bytes(20),
    ]),
  );
  const { r, s, yParity } = new SigningKey(key).sign(keccak256(concat([DOMAIN, commitment])));
  return getBytes(concat([commitment, r, s, little(yParity, 1)]));
}

export const keyOf = (random) => random.bytes(32);

export function head(number) {
  return getBytes(concat([little(number, 32), little(1_700_000_000, 32)]));
}
export const headRequest = () => Uint8Array.of(4, 0, 0, 0);
export function commitmentsRequest(start, count) {
  return getBytes(concat([little(start, 32), little(count, 4)]));
}

export const base64 = (bytes) => Buffer.from(bytes).toString('base64');
export const hex = (bytes) => Buffer.from(bytes).toString('hex');
export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
/// Message id of content that is no snappy block.
export const messageId = (bytes) =>
  createHash('sha256').update(Buffer.alloc(4)).update(bytes).digest('hex').slice(0, 40);
