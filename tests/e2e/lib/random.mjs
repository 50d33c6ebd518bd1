// Deterministic randomness: the same seed gives the same run on every machine.
import { concat, dataSlice, id, keccak256, toBeHex } from 'ethers';

export class Random {
  constructor(seed) {
    this.key = id(String(seed));
    this.counter = 0;
  }

  /// 32 bytes as hex.
  word() {
    return keccak256(concat([this.key, toBeHex(this.counter++, 8)]));
  }

  bytes(count) {
    const words = [];
    for (let i = 0; i < count; i += 32) words.push(this.word());
    return words.length === 0 ? '0x' : dataSlice(concat(words), 0, count);
  }

  /// A non-negative BigInt of at most `bits` bits.
  bits(bits) {
    return BigInt(this.word()) >> BigInt(256 - bits);
  }

  /// An integer from `low` to `high`, both included.
  between(low, high) {
    return low + Number(this.bits(48) % BigInt(high - low + 1));
  }

  pick(values) {
    return values[this.between(0, values.length - 1)];
  }

  shuffled(values) {
    const out = [...values];
    for (let i = out.length - 1; i > 0; --i) {
      const j = this.between(0, i);
      [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
  }
}
