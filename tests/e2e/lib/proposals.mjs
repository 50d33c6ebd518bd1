// Random proposals, whole and broken in every way that the derivation rules know. A kind changes
// one thing of a proposal that would be used; `fate` says what the rules make of its last source:
// used, default (the manifest can not be decoded) or replaced (decoded, but not valid).
import pako from 'pako';
import { concat, encodeRlp, getBytes, toBeHex, Transaction, SigningKey } from 'ethers';
import { encodeBlob, PAYLOAD_MAX } from './blob.mjs';
import { CHAINS } from './derive.mjs';
import { quantity } from './numbers.mjs';

const bytesOf = (hex) => getBytes(hex);
const word = (value) => toBeHex(value, 32);
const joined = (...parts) => bytesOf(concat(parts));

/// Encoded list elements: transactions of every type, signed.
export function transactionItems(random) {
  const key = new SigningKey(random.word());
  const to = '0x' + 'ab'.repeat(20);
  const base = { chainId: 167001, nonce: random.between(0, 300), gasLimit: 21000, to, value: 5,
                 data: random.bytes(random.between(0, 90)) };
  const fees = { maxFeePerGas: random.bits(40), maxPriorityFeePerGas: 0 };
  const accessList = [{ address: to, storageKeys: [random.word()] }];
  const signed = (fields) => {
    const transaction = Transaction.from(fields);
    transaction.signature = key.sign(transaction.unsignedHash);
    return transaction.serialized;
  };
  const typed = [
    signed({ ...base, type: 1, gasPrice: random.bits(40), accessList }),
    signed({ ...base, type: 2, ...fees, accessList }),
    signed({ ...base, type: 2, ...fees, to: null }),
    signed({ ...base, type: 3, ...fees, maxFeePerBlobGas: 9,
             blobVersionedHashes: ['0x01' + 'cd'.repeat(31)] }),
    signed({ ...base, type: 4, ...fees, authorizationList: [{
      address: to, nonce: 1, chainId: 167001, signature: key.sign(random.word()) }] }),
  ];
  return [signed({ ...base, type: 0, gasPrice: 7 }), ...typed.map((raw) => encodeRlp(raw))];
}

/// An RLP list around elements that are encoded already.
function listOf(items) {
  const payload = concat(items);
  const size = getBytes(payload).length;
  if (size < 56) return concat([toBeHex(0xc0 + size), payload]);
  const length = toBeHex(size);
  return concat([toBeHex(0xf7 + getBytes(length).length), length, payload]);
}
const blockRlp = (block) => listOf([
  encodeRlp(quantity(block.timestamp)), encodeRlp(block.coinbase),
  encodeRlp(quantity(block.anchor)), encodeRlp(quantity(block.gasLimit)), listOf(block.items)]);
export const manifestRlp = (blocks) => listOf([listOf(blocks.map(blockRlp))]);
export const payloadOf = (rlp) => {
  const stream = pako.deflate(bytesOf(rlp));
  return joined(word(1), word(stream.length), stream);
};

/// A source whose blocks obey every rule.
function goodSource(random, context, parent, forced) {
  const gas = parent.number === 0n ? parent.gasLimit : parent.gasLimit - 1_000_000n;
  const count = forced ? 1 : random.between(1, 4);
  const spare = Number(context.landed.timestamp - parent.timestamp);
  const blocks = Array.from({ length: count }, (_, i) => ({
    timestamp: parent.timestamp + BigInt(Math.floor(spare * (i + 1) / count)),
    coinbase: random.bytes(20),
    anchor: context.landed.number - 1n - BigInt(random.between(0, 40) * (count - i) / count | 0),
    gasLimit: gas * BigInt(1_000_000 + random.between(-190, 190)) / 1_000_000n,
    items: Array.from({ length: random.between(0, 3) },
                      () => random.pick(transactionItems(random))),
  }));
  blocks.reduce((before, block) => {
    block.anchor = block.anchor < before ? before : block.anchor;
    return block.anchor;
  }, 0n);
  blocks.reduce((before, block) => {
    const high = before * 1_000_200n / 1_000_000n;
    const low = before * 999_800n / 1_000_000n;
    block.gasLimit = block.gasLimit > high ? high : block.gasLimit < low ? low : block.gasLimit;
    return block.gasLimit;
  }, gas);
  return { forced, offset: 0, blocks, blobs: undefined };
}

const last = (blocks) => blocks[blocks.length - 1];
const withBlob = (change) => ({ source }) => {
  source.blobs = [encodeBlob(source.payload())];
  change(source.blobs[0]);
};
const withPayload = (change) => ({ source }) => {
  source.blobs = [encodeBlob(change(source.payload()))];
};
const withRlp = (change) => ({ source }) => {
  source.blobs = [encodeBlob(payloadOf(change(manifestRlp(source.blocks))))];
};
const withItem = (item) => ({ source }) => { last(source.blocks).items.push(item); };
const manyBlocks = (count) => ({ source, parent, context }) => {
  const model = { ...source.blocks[0], items: [], anchor: context.landed.number - 1n };
  source.blocks = Array.from({ length: count }, (_, i) => (
    { ...model, timestamp: parent.timestamp + 1n + BigInt(i) }));
};

/// name: [fate of the last source, what is changed, extra conditions]
export const KINDS = {
  whole: ['used', () => {}],
  whole_after_forced: ['used', () => {}, { forcedBefore: 1 }],
  whole_after_many_forced: ['used', () => {}, { forcedBefore: 10, spare: 400n }],
  forced_without_time: ['replaced', ({ parent, context }) => {
    parent.timestamp = context.landed.timestamp; }, { forced: true }],
  offset_inside: ['used', ({ random, source }) => {
    source.offset = random.between(1, 5000);
    source.blobs = [encodeBlob(joined(random.bytes(source.offset), source.payload()))]; }],
  two_blobs: ['used', ({ source }) => {
    source.offset = PAYLOAD_MAX - 70;
    const all = joined(new Uint8Array(source.offset), source.payload());
    source.blobs = [encodeBlob(all.subarray(0, PAYLOAD_MAX)),
                    encodeBlob(all.subarray(PAYLOAD_MAX))]; }],
  no_blobs: ['default', ({ source }) => { source.blobs = []; }],
  offset_too_large: ['default', ({ random, source }) => {
    source.offset = random.between(131009, 0xffffff); }],
  blob_version: ['default', withBlob((blob) => { blob[1] = 1; })],
  blob_length: ['default', withBlob((blob) => { blob.set([1, 0xfb, 0xfd], 2); })],
  blob_high_bits: ['default', withBlob((blob) => { blob[32] |= 0x80; })],
  blob_first_high_bits: ['used', withBlob((blob) => { blob[0] |= 0xc0; })],
  blob_stray_payload: ['default', withBlob((blob) => { blob[4] -= 1; })],
  blob_stray_elements: ['default', withBlob((blob) => { blob[131071] = 1; })],
  too_short: ['default', withPayload((payload) => payload.subarray(0, 63))],
  version_two: ['default', withPayload((payload) => { payload[31] = 2; return payload; })],
  version_bit_33: ['used', withPayload((payload) => { payload[27] = 2; return payload; })],
  version_over_64_bits: ['default', withPayload((payload) => {
    payload[23] = 1; return payload; })],
  size_high_bytes: ['used', withPayload((payload) => { payload[32] = 0xff; return payload; })],
  size_beyond_end: ['default', withPayload((payload) => { payload[63] += 1; return payload; })],
  size_huge: ['default', withPayload((payload) => { payload.fill(0xff, 56, 64); return payload; })],
  zlib_trailing: ['used', withPayload((payload) => {
    const longer = joined(payload, '0xdeadbeef');
    longer.set(bytesOf(word(longer.length - 64)), 32);
    return longer; })],
  zlib_cut: ['default', withPayload((payload) => {
    payload.set(bytesOf(word(payload.length - 65)), 32); return payload; })],
  zlib_checksum: ['default', withPayload((payload) => {
    payload[payload.length - 1] ^= 1; return payload; })],
  rlp_trailing: ['default', withRlp((rlp) => concat([rlp, '0x80']))],
  rlp_cut: ['default', withRlp((rlp) => rlp.slice(0, -2))],
  rlp_string: ['default', withRlp((rlp) => encodeRlp(rlp))],
  rlp_second_list: ['default', ({ source }) => {
    const blocks = listOf(source.blocks.map(blockRlp));
    source.blobs = [encodeBlob(payloadOf(listOf([blocks, blocks])))]; }],
  rlp_sixth_field: ['default', ({ source }) => {
    const block = source.blocks[0];
    const fields = [quantity(block.timestamp), block.coinbase, quantity(block.anchor),
                    quantity(block.gasLimit), [], '0x'];
    source.blobs = [encodeBlob(payloadOf(encodeRlp([[fields]])))]; }],
  rlp_leading_zero: ['default', ({ source }) => {
    const block = source.blocks[0];
    const fields = ['0x00' + quantity(block.timestamp).slice(2), block.coinbase,
                    quantity(block.anchor), quantity(block.gasLimit), []];
    source.blobs = [encodeBlob(payloadOf(encodeRlp([[fields]])))]; }],
  rlp_long_coinbase: ['default', ({ source }) => { last(source.blocks).coinbase += '00'; }],
  transaction_type_5: ['default', withItem(encodeRlp('0x05c0'))],
  transaction_type_0_as_string: ['default', withItem(encodeRlp('0x00c0'))],
  transaction_malformed: ['default', withItem(encodeRlp('0x02c101'))],
  transaction_empty: ['default', withItem('0x80')],
  blocks_193_before_unzen: ['default', manyBlocks(193), { chain: 'mainnet', spare: 900n }],
  blocks_192_before_unzen: ['used', manyBlocks(192), { chain: 'mainnet', spare: 900n }],
  blocks_193_last_second: ['default', manyBlocks(193),
    { chain: 'hoodi', spare: 900n, landed: 1781787599n }],
  blocks_193_at_unzen: ['used', manyBlocks(193),
    { chain: 'hoodi', spare: 900n, landed: 1781787600n }],
  blocks_769: ['default', manyBlocks(769), { chain: 'devnet', spare: 900n }],
  no_blocks: ['replaced', ({ source }) => { source.blocks = []; }],
  all_zero: ['default', ({ source }) => {
    source.blocks = [{ timestamp: 0n, coinbase: '0x' + '00'.repeat(20), anchor: 0n, gasLimit: 0n,
                       items: [] }]; }],
  time_not_after_parent: ['replaced', ({ source, parent }) => {
    source.blocks[0].timestamp = parent.timestamp; }],
  time_after_proposal: ['replaced', ({ source, context }) => {
    last(source.blocks).timestamp = context.landed.timestamp + 1n; }],
  time_too_old: ['replaced', ({ source, parent, context }) => {
    parent.timestamp = context.landed.timestamp - context.chain.lag * 12n - 50n;
    source.blocks[0].timestamp = context.landed.timestamp - context.chain.lag * 12n - 1n; }],
  time_just_young_enough: ['used', ({ source, parent, context }) => {
    parent.timestamp = context.landed.timestamp - context.chain.lag * 12n - 50n;
    source.blocks[0].timestamp = context.landed.timestamp - context.chain.lag * 12n; }],
  no_time_left: ['replaced', ({ parent, context }) => {
    parent.timestamp = context.landed.timestamp; }],
  anchor_backwards: ['replaced', ({ source, parent, context }) => {
    parent.anchor = context.landed.number - 100n;
    source.blocks[0].anchor = parent.anchor - 1n; }],
  anchor_too_new: ['replaced', ({ source, context }) => {
    last(source.blocks).anchor = context.landed.number; }],
  anchor_too_old: ['replaced', ({ source, parent, context }) => {
    parent.anchor = 1000n;
    source.blocks[0].anchor = context.landed.number - 1n - context.chain.lag - 1n; }],
  anchor_just_young_enough: ['used', ({ source, parent, context }) => {
    parent.anchor = 1000n;
    source.blocks.push({ ...last(source.blocks), items: [] });
    last(source.blocks).timestamp = context.landed.timestamp;
    source.blocks.slice(0, -1).forEach((block, i) => {
      block.timestamp = parent.timestamp + 1n + BigInt(i);
    });
    source.blocks[0].anchor = context.landed.number - 1n - context.chain.lag;
    last(source.blocks).anchor = context.landed.number - 1n; }],
  anchor_stagnant: ['replaced', ({ source, parent, context }) => {
    parent.anchor = context.landed.number - 50n;
    for (const block of source.blocks) block.anchor = parent.anchor; }],
  gas_too_high: ['replaced', ({ source }) => {
    last(source.blocks).gasLimit = last(source.blocks).gasLimit * 1001n / 1000n; }],
  gas_too_low: ['replaced', ({ source }) => {
    last(source.blocks).gasLimit = last(source.blocks).gasLimit * 999n / 1000n; }],
  forced_alone: ['used', () => {}, { forced: true }],
  forced_two_blocks: ['default', ({ source }) => {
    source.blocks = [source.blocks[0], source.blocks[0]]; }, { forced: true }],
  forced_stale_anchor: ['replaced', ({ parent, context }) => {
    parent.anchor = context.landed.number - 1n - context.chain.lag - 1n; }, { forced: true }],
  forced_stagnant_anchor: ['used', ({ parent, context }) => {
    parent.anchor = context.landed.number - 1n - context.chain.lag; }, { forced: true }],
};

function startOf(random, context, spare) {
  const genesis = random.between(0, 9) === 0 && context.chain.shasta === 0n;
  return {
    number: genesis ? 0n : BigInt(random.between(1, 5_000_000)), hash: random.word(),
    timestamp: context.landed.timestamp - spare,
    parentTimestamp: context.landed.timestamp - spare - BigInt(random.between(0, 30)),
    gasLimit: BigInt(random.between(20_000_000, 40_000_000)),
    gasUsed: BigInt(random.between(0, 20_000_000)),
    baseFee: BigInt(random.between(5_000_000, 900_000_000)),
    difficulty: random.between(0, 1) === 0 ? 0n : random.bits(64),
    anchor: context.landed.number - BigInt(random.between(42, 90)),
  };
}

/// One proposal of `kind`.
export function makeProposal(random, kind) {
  const [fate, change, wish = {}] = KINDS[kind];
  const name = wish.chain ?? random.pick(Object.keys(CHAINS));
  const context = {
    chainName: name, chain: CHAINS[name], proposer: random.bytes(20), pctg: random.between(0, 100),
    proposalId: random.bits(48) + 8n,
    landed: { timestamp: wish.landed ?? 1775200000n + BigInt(random.between(0, 9_000_000)),
              number: BigInt(random.between(24_000_000, 25_000_000)), hash: random.word(),
              parentHash: random.word() },
  };
  if (context.proposalId >= 2n ** 48n) context.proposalId -= 9n;
  const parent = startOf(random, context, wish.spare ?? BigInt(random.between(20, 400)));
  const source = goodSource(random, context, parent, wish.forced ?? false);
  source.payload = () => payloadOf(manifestRlp(source.blocks));
  change({ random, context, parent, source });
  source.blobs ??= [encodeBlob(source.payload())];
  const before = Array.from({ length: wish.forcedBefore ?? 0 }, () => {
    const forced = goodSource(random, context, parent, true);
    forced.blobs = [encodeBlob(payloadOf(manifestRlp(forced.blocks)))];
    return forced;
  });
  const items = new Set([...before, source].flatMap((one) => one.blocks)
    .flatMap((block) => block.items).filter((item) => !BAD_ITEMS.has(item)));
  context.isTransaction = (encoded) => items.has(encoded);
  return { kind, fate, context, parent, nonce: random.between(0, 70_000),
           sources: [...before, source] };
}

const BAD_ITEMS = new Set(
  [encodeRlp('0x05c0'), encodeRlp('0x00c0'), encodeRlp('0x02c101'), '0x80']);
