// Every way to be wrong (preconf.md 2 and 3). A kind makes requests that replace the next honest
// block, and says what the node must answer.
import {
  concat, dataLength, dataSlice, getBytes, hexlify, keccak256, toBeHex, toUtf8Bytes,
} from 'ethers';
import { deflateSync } from 'node:zlib';
import { gasLimitBounds } from './header.mjs';
import { ZERO20, ZERO32 } from './commitment.mjs';
import { CODE, publishBlock, publishCommitment, publishTxList, recommit, withByte } from
  './requests.mjs';

const STRANGER = '0x' + '5e'.repeat(32);
const FIELD = 2n ** 256n - 2n ** 32n - 977n;

/// Of secp256k1: is there a point with this x?
function isOnCurve(x) {
  let base = (x ** 3n + 7n) % FIELD;
  let result = 1n;
  for (let e = (FIELD - 1n) / 2n; e > 0n; e >>= 1n) {
    if (e & 1n) result = result * base % FIELD;
    base = base * base % FIELD;
  }
  return result === 1n;
}
const NO_POINT = [...Array(64).keys()].map((n) => BigInt(n + 1)).find((x) => !isOnCurve(x));

/// Refused by its bytes alone: the answer names the defect in its message.
const stateless = (name, change) => ({
  name,
  make: ({ block }) => [publishBlock(change(block), block.list, block.number,
    { code: CODE.commitment, message: name.split(':')[0], stateless: true })],
});
/// The same for a commitment with other field values.
const outOfRange = (name, fields) => stateless(name, (block) => recommit(block, fields));

const refused = (name, reason, code, make) => ({
  name,
  make: (context) => [publishBlock(make(context), context.block.list,
                                   context.height?.(context) ?? context.block.number,
                                   { code, reason })],
});
const rejected = (name, reason, make) => refused(name, reason, CODE.commitment, make);

const bytes = [
  stateless('wrong_size: one byte short', (block) => dataSlice(block.commitment, 0, 381)),
  stateless('wrong_size: one byte long', (block) => concat([block.commitment, '0x00'])),
  stateless('wrong_size: nothing', () => '0x'),
  stateless('non_canonical_bool', (block) => withByte(block.commitment, 0, () => 2)),
  stateless('signature_format: v 27', (block) => withByte(block.commitment, 381, (v) => v + 27)),
  stateless('signature_format: v 4', (block) => withByte(block.commitment, 381, () => 4)),
  stateless('signature_format: r 0', (block) =>
    concat([dataSlice(block.commitment, 0, 317), ZERO32, dataSlice(block.commitment, 349)])),
  stateless('signature_unrecoverable', (block) =>
    concat([dataSlice(block.commitment, 0, 317), toBeHex(NO_POINT, 32), toBeHex(1, 32), '0x00'])),
  outOfRange('block_number_range: 2^255', { blockNumber: 2n ** 255n }),
  outOfRange('block_number_range: 2^64', { blockNumber: 2n ** 64n }),
  outOfRange('timestamp_range', { timestamp: 2n ** 64n }),
  outOfRange('gas_limit_range', { gasLimit: 2n ** 64n }),
  outOfRange('anchor_block_number_range', { anchorBlockNumber: 2n ** 48n }),
  outOfRange('window_end_range', { submissionWindowEnd: 2n ** 64n }),
  outOfRange('proposal_id_range', { proposalId: 2n ** 48n }),
  {
    name: 'non-EOP without a list',
    make: ({ block }) => [publishCommitment(
      recommit(block, { eop: false, rawTxListHash: ZERO32 }), block.number,
      { code: CODE.commitment, message: 'non-eop preconfirmation', stateless: true })],
  },
  {
    name: 'another slasher',
    make: ({ block }) => [publishBlock(recommit(block, {}, { slasher: ZERO20 }), block.list,
      block.number, { code: CODE.signer, message: 'another slasher', stateless: true })],
  },
];

const rules = [
  refused('wrong signer: a stranger', 'signer_mismatch', CODE.signer,
          ({ block }) => recommit(block, {}, { signer: STRANGER })),
  refused('wrong signer: of the next window', 'signer_mismatch', CODE.signer,
          ({ block, otherCommitter }) => recommit(block, {}, { signer: otherCommitter })),
  refused('wrong window end', 'window_end_mismatch', CODE.window, ({ block }) =>
    recommit(block, { submissionWindowEnd: BigInt(block.fields.submissionWindowEnd) + 1n })),
  refused('no window: before the schedule', 'no_window', CODE.lookahead,
          ({ block }) => recommit(block, { timestamp: 1_600_000_000 })),
  rejected('number not parent + 1: one more', 'number_not_parent_plus_one',
           ({ block }) => recommit(block, { blockNumber: block.number + 1 })),
  rejected('number not parent + 1: the parent\'s', 'number_not_parent_plus_one',
           ({ block, parent }) => recommit(block, { blockNumber: parent.number })),
  rejected('timestamp not after the parent\'s', 'timestamp_not_after_parent',
           ({ block, parent }) => recommit(block, { timestamp: parent.header.timestamp })),
  rejected('gas limit above bounds', 'gas_limit_out_of_bounds', ({ block, parent }) =>
    recommit(block, { gasLimit: gasLimitBounds(parent.header).high + 1n })),
  rejected('gas limit below bounds', 'gas_limit_out_of_bounds', ({ block, parent }) =>
    recommit(block, { gasLimit: gasLimitBounds(parent.header).low - 1n })),
  rejected('anchor below the parent\'s', 'anchor_below_parent', ({ block, parent }) =>
    recommit(block, { anchorBlockNumber: parent.fields.anchorBlockNumber - 1 })),
  {
    name: 'too far ahead',
    make: ({ block }) => [publishBlock(recommit(block, { blockNumber: block.number + 5_000 }),
      block.list, block.number + 5_000, { code: CODE.notSynced, reason: 'too_far_ahead' })],
  },
  {
    name: 'after the known schedule',
    make: ({ block, scheduleEnd, random }) => [publishBlock(
      recommit(block, { timestamp: scheduleEnd + random.between(1, 1_000_000) }), block.list,
      block.number, { code: CODE.lookahead, isHeld: true })],
  },
];

const otherList = (compressed) => ({ compressed, hash: keccak256(compressed) });
const deflated = (data) => otherList(hexlify(deflateSync(data, { level: 9 })));

/// 64 MiB in 64 KiB. A list is judged once: each one is made anew.
function bomb(random) {
  const data = new Uint8Array(64 << 20);
  data.set(getBytes(random.word()));
  return deflated(data);
}

/// Signed and linked correctly, but the list can not be executed: the commitment is admitted, found
/// invalid, and stays as evidence, so the honest block at that height is contested.
const badList = (name, reason, make) => ({
  name, isRival: true,
  make: (context) => {
    const list = make(context);
    const commitment = recommit(context.block, { rawTxListHash: list.hash });
    const expect = { code: CODE.txList, reason };
    return context.random.between(0, 1) === 0
      ? [publishBlock(commitment, list, context.block.number, expect)]
      : [publishCommitment(commitment, context.block.number, { verdict: context.admitted }),
         publishTxList(list, expect)];
  },
});

const undecodable = 'txlist_undecodable';
const lists = [
  badList('list: garbage', undecodable, ({ random }) => otherList(random.bytes(200))),
  { ...badList('list: no bytes', undecodable, () => otherList('0x')), once: true },
  badList('list: cut short', undecodable, ({ block, random }) =>
    otherList(dataSlice(block.list.compressed, 0,
                        random.between(10, Math.min(200, dataLength(block.list.compressed) - 1))))),
  badList('list: zlib of text', undecodable, ({ random }) => deflated(toUtf8Bytes(random.word()))),
  badList('list: zip bomb', undecodable, ({ random }) => bomb(random)),
];

/// A list that decodes, with a wrong anchor: found out when the list meets the commitment.
const badAnchor = (name, reason, make) => ({
  name, isRival: true,
  make: (context) => {
    const list = make(context);
    return [publishBlock(recommit(context.block, { rawTxListHash: list.hash }), list,
                         context.block.number, { code: CODE.txList, reason })];
  },
});

const anchors = [
  badAnchor('anchor: empty list', 'anchor_missing', ({ listOf }) => listOf([])),
  badAnchor('anchor: users only', 'anchor_missing', ({ listOf, userTransaction }) =>
    listOf([userTransaction])),
  badAnchor('anchor: other L1 block', 'anchor_number_mismatch', ({ listOf, anchorTx, block }) =>
    listOf([anchorTx({ number: block.fields.anchorBlockNumber + 1 })])),
  badAnchor('anchor: other contract', 'anchor_wrong_contract', ({ listOf, anchorTx }) =>
    listOf([anchorTx({}, { to: '0x' + '16'.repeat(20) })])),
  badAnchor('anchor: other gas limit', 'anchor_wrong_gas_or_value', ({ listOf, anchorTx }) =>
    listOf([anchorTx({}, { gasLimit: 999_999 })])),
  badAnchor('anchor: with a tip', 'anchor_wrong_gas_or_value', ({ listOf, anchorTx }) =>
    listOf([anchorTx({}, { maxPriorityFeePerGas: 1 })])),
  badAnchor('anchor: other chain', 'anchor_wrong_chain', ({ listOf, anchorTx }) =>
    listOf([anchorTx({}, { chainId: 167000 })])),
  badAnchor('anchor: other sender', 'anchor_wrong_sender', ({ listOf, forgedAnchor }) =>
    listOf([forgedAnchor])),
];

/// Found invalid when the engine's turn comes, which may be at once.
const wrongBaseFee = { code: CODE.txList, reason: 'anchor_wrong_base_fee' };
const lateAnchor = {
  name: 'anchor: other base fee', isRival: true, late: wrongBaseFee,
  make: ({ listOf, anchorTx, block, admitted }) => {
    const list = listOf([anchorTx({}, { maxFeePerGas: block.header.baseFee + 1n })]);
    return [publishBlock(recommit(block, { rawTxListHash: list.hash }), list, block.number,
                         { ...wrongBaseFee, verdict: admitted })];
  },
};

const mismatches = [
  {
    name: 'list differs from its hash',
    make: ({ block, random }) => [publishBlock(block.commitment,
      { hash: block.list.hash, compressed: random.bytes(100) }, block.number,
      { code: CODE.commitment, message: 'tx_list_hash mismatch', stateless: true })],
  },
  {
    name: 'list is not the committed one',
    make: ({ block, random }) => [publishBlock(block.commitment, otherList(random.bytes(100)),
      block.number,
      { code: CODE.commitment, message: 'raw_tx_list_hash mismatch', stateless: true })],
  },
  {
    name: 'list over 2 MiB',
    make: ({ block }) => [publishTxList(
      { hash: block.list.hash, compressed: '0x' + '00'.repeat(2_097_153) },
      { code: CODE.commitment, message: 'txlist too large', stateless: true })],
  },
];

const malformed = (name, params) => ({
  name: `parameters: ${name}`,
  make: ({ block }) => [{ method: 'preconf_publishBlock', height: block.number,
    params: params({ commitment: block.commitment, txListHash: block.list.hash,
                     txList: block.list.compressed }),
    expect: { code: CODE.params, stateless: true } }],
});
const parameters = [
  malformed('none', () => []),
  malformed('two', (object) => [object, object]),
  malformed('an object', (object) => object),
  malformed('no 0x', (object) => [{ ...object, commitment: object.commitment.slice(2) }]),
  malformed('odd digits', (object) => [{ ...object, commitment: object.commitment + '0' }]),
  malformed('no hex', (object) => [{ ...object, txList: '0xzz' }]),
  malformed('short hash', (object) => [{ ...object, txListHash: object.txListHash.slice(0, -2) }]),
  malformed('hash a number', (object) => [{ ...object, txListHash: 7 }]),
  malformed('list missing', ({ commitment, txListHash }) => [{ commitment, txListHash }]),
];

const raw = (name, body, code) => ({
  name: `body: ${name}`, make: () => [{ method: name, body, height: null, expect: { code } }],
});
const bodies = [
  raw('no JSON', 'preconf', CODE.parse),
  raw('cut short', '{"jsonrpc":"2.0","id":1,"method":"preconf_tip"', CODE.parse),
  raw('deep', '['.repeat(10_000) + ']'.repeat(10_000), CODE.parse),
  raw('unknown method', '{"jsonrpc":"2.0","id":1,"method":"preconf_nothing"}', CODE.noMethod),
  raw('a number', '7', CODE.request),
];

export const KINDS = [...bytes, ...rules, ...lists, ...anchors, lateAnchor, ...mismatches,
                      ...parameters, ...bodies];
