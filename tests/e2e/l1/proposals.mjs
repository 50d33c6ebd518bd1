// Manifests for the proposals of this test: valid on the L2 block that they are made for, or broken
// in one of the ways that make a default block of them.
import { concat, encodeRlp, getBytes, toBeHex } from 'ethers';
import { encodeBlob, PAYLOAD_MAX } from '../lib/blob.mjs';
import { CHAINS } from '../lib/derive.mjs';
import { manifestRlp, payloadOf } from '../lib/proposals.mjs';
import { userTransactions } from '../lib/workload.mjs';

/// kind: what the rules must make of it
export const FATES = { whole: 'used', two_blobs: 'used', offset: 'used', version: 'default',
  cut: 'default', stray: 'default', stale_anchor: 'replaced', late: 'replaced', gas: 'replaced' };
const WHOLE_OF_TEN = 7;

export const pickKind = (random) =>
  (random.between(1, 10) <= WHOLE_OF_TEN ? 'whole' : random.pick(Object.keys(FATES)));

/// Typed transactions are strings in a manifest, legacy ones lists.
const itemOf = (raw) => (getBytes(raw)[0] >= 0xc0 ? raw : encodeRlp(raw));

function transactionsOf(random, items) {
  const some = userTransactions(random, random.between(0, 4)).map(itemOf);
  some.forEach((item) => items.add(item));
  return some;
}

const effectiveGas = (tip) => (tip.number === 0n ? tip.gasLimit : tip.gasLimit - 1_000_000n);

/// Blocks that obey every rule when they land at `landing` {number, timestamp} on `tip`, after
/// `forced` forced inclusions.
function goodBlocks(random, tip, landing, forced, items) {
  const before = landing.timestamp - CHAINS.devnet.lag * 12n - 1n;
  const first = (tip.timestamp > before ? tip.timestamp : before) + BigInt(forced);
  const spare = Number(landing.timestamp - first);
  const count = random.between(1, Math.min(4, spare));
  const origin = landing.number - 1n;
  const lowest = origin - CHAINS.devnet.lag > tip.anchor ? origin - CHAINS.devnet.lag : tip.anchor;
  const within = (low, high) => low + BigInt(random.between(0, Number(high - low)));
  let anchor = lowest;
  let gas = effectiveGas(tip);
  return Array.from({ length: count }, (_, i) => {
    anchor = i === count - 1 ? within(anchor > tip.anchor ? anchor : tip.anchor + 1n, origin)
                             : within(anchor, origin);
    gas = gas * BigInt(1_000_000 + random.between(-199, 199)) / 1_000_000n;
    return { timestamp: first + BigInt(Math.floor(spare * (i + 1) / count)),
             coinbase: random.bytes(20), anchor, gasLimit: gas,
             items: transactionsOf(random, items) };
  });
}

const BREAK_BLOCKS = {
  stale_anchor: (blocks, tip) => { blocks.forEach((one) => { one.anchor = tip.anchor; }); },
  late: (blocks, tip, landing) => { blocks.at(-1).timestamp = landing.timestamp + 1n; },
  gas: (blocks) => { blocks.at(-1).gasLimit *= 2n; },
};

/// { blobs, offset } of a proposer's source.
export function makeSource(random, kind, tip, landing, forced, items) {
  const blocks = goodBlocks(random, tip, landing, forced, items);
  BREAK_BLOCKS[kind]?.(blocks, tip, landing);
  const payload = payloadOf(manifestRlp(blocks));
  const padded = (size) => getBytes(concat([new Uint8Array(size), payload]));
  switch (kind) {
    case 'two_blobs': {
      const offset = PAYLOAD_MAX - 70;
      const all = padded(offset);
      return { offset, blobs: [encodeBlob(all.subarray(0, PAYLOAD_MAX)),
                               encodeBlob(all.subarray(PAYLOAD_MAX))] };
    }
    case 'offset': {
      const offset = random.between(1, 5000);
      return { offset, blobs: [encodeBlob(padded(offset))] };
    }
    case 'version': payload[31] = 2; break;
    case 'cut': payload.set(getBytes(toBeHex(payload.length - 65, 32)), 32); break;
    case 'stray': {
      const blob = encodeBlob(payload);
      blob[131071] = 1;
      return { offset: 0, blobs: [blob] };
    }
    default: break;
  }
  return { offset: 0, blobs: [encodeBlob(payload)] };
}

/// A forced inclusion: one block, of which only the transactions count.
export function makeForced(random, items) {
  const block = { timestamp: 0n, coinbase: random.bytes(20), anchor: 0n, gasLimit: 0n,
                  items: transactionsOf(random, items) };
  return { offset: 0, blobs: [encodeBlob(payloadOf(manifestRlp([block])))] };
}
