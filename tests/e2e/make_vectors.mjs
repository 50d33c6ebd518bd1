// Writes tests/vectors/independent_commitments.json and independent_blocks.json. Run by hand, in a
// folder where `npm ci` has installed the packages of package.json:
//   node make_vectors.mjs DIRECTORY
// Deterministic: signatures are RFC 6979, everything random comes from a fixed seed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { computeAddress, getBytes, hexlify, keccak256 } from 'ethers';
import { genesis } from './lib/chain.mjs';
import { commitmentHash, PreconfCommitment, preconfHash, preconfirmation, signedCommitment,
  signerOf,
         signingHash } from './lib/commitment.mjs';
import { gasLimitBounds, headerRlp } from './lib/header.mjs';
import { honestChain } from './lib/honest.mjs';
import { Random } from './lib/random.mjs';
import { selfcheck } from './lib/selfcheck.mjs';

const MAX_U64 = 2n ** 64n - 1n;
const MAX_U48 = 2n ** 48n - 1n;
const MAX_U256 = 2n ** 256n - 1n;

function randomFields(random) {
  return {
    eop: random.between(0, 1) === 1, blockNumber: random.bits(64), timestamp: random.bits(64),
    gasLimit: random.bits(64), coinbase: random.bytes(20), anchorBlockNumber: random.bits(48),
    rawTxListHash: random.word(), parentPreconfirmationHash: random.word(),
    submissionWindowEnd: random.bits(64), proverAuth: random.bytes(20),
    proposalId: random.bits(48),
  };
}

/// Commitments at the edges of what fits; `defect` names the first field that does not, in wire
/// order.
function extremes(random) {
  const base = randomFields(random);
  const whole = { ...base, blockNumber: MAX_U64, timestamp: MAX_U64, gasLimit: MAX_U64,
    anchorBlockNumber: MAX_U48, submissionWindowEnd: MAX_U64, proposalId: MAX_U48 };
  return [
    ['everything at its maximum', whole, 'none'],
    ['everything zero but the list', { rawTxListHash: base.rawTxListHash }, 'none'],
    ['handoff without a block', { ...base, eop: true, rawTxListHash: undefined }, 'none'],
    ['no list and no EOP', { ...base, eop: false, rawTxListHash: undefined },
      'eop_txlist_mismatch'],
    ['block number 2^64', { ...base, blockNumber: MAX_U64 + 1n }, 'block_number_range'],
    ['block number 2^255', { ...base, blockNumber: 2n ** 255n }, 'block_number_range'],
    ['timestamp 2^64', { ...base, timestamp: MAX_U64 + 1n }, 'timestamp_range'],
    ['gas limit 2^64', { ...base, gasLimit: MAX_U64 + 1n }, 'gas_limit_range'],
    ['anchor 2^48', { ...base, anchorBlockNumber: MAX_U48 + 1n }, 'anchor_block_number_range'],
    ['window end 2^64', { ...base, submissionWindowEnd: MAX_U64 + 1n }, 'window_end_range'],
    ['proposal id 2^48', { ...base, proposalId: MAX_U48 + 1n }, 'proposal_id_range'],
    ['proposal id 2^256 - 1', { ...base, proposalId: MAX_U256 }, 'proposal_id_range'],
  ];
}

function commitmentVector(random, [name, fields, defect]) {
  const secret = random.word();
  const slasher = random.bytes(20);
  const commitment = { preconf: preconfirmation(fields), slasherAddress: getBytes(slasher) };
  const ssz = signedCommitment(fields, slasher, secret);
  if (signerOf(ssz) !== computeAddress(secret)) throw new Error('recovery disagrees');
  return {
    name, defect, ssz, slasher, secret, signer: computeAddress(secret).toLowerCase(),
    preconfHash: preconfHash(commitment.preconf), signingHash: signingHash(commitment),
    contentHash: keccak256(PreconfCommitment.serialize(commitment)),
    commitmentHash: commitmentHash(ssz),
    eop: commitment.preconf.eop, blockNumber: String(commitment.preconf.blockNumber),
    timestamp: String(commitment.preconf.timestamp),
    gasLimit: String(commitment.preconf.gasLimit),
    coinbase: hexlify(commitment.preconf.coinbase),
    anchorBlockNumber: String(commitment.preconf.anchorBlockNumber),
    rawTxListHash: hexlify(commitment.preconf.rawTxListHash),
    parentPreconfirmationHash: hexlify(commitment.preconf.parentPreconfirmationHash),
    submissionWindowEnd: String(commitment.preconf.submissionWindowEnd),
    proposalId: String(commitment.preconf.proposalId),
  };
}

function blockVector(block, parent) {
  const { low, high } = gasLimitBounds(parent.header);
  const { header, list } = block;
  return {
    number: block.number, commitment: block.commitment, preconfHash: block.preconfHash,
    anchorTransaction: list.transactions[0], anchorBlockNumber: block.fields.anchorBlockNumber,
    transactions: list.transactions.length, compressed: list.compressed, txListHash: list.hash,
    rlpHash: list.rlpHash, gasLimitLow: Number(low), gasLimitHigh: Number(high),
    gasLimit: Number(header.gasLimit), gasUsed: Number(header.gasUsed),
    timestamp: Number(header.timestamp), coinbase: header.coinbase,
    difficulty: Number(header.difficulty), baseFee: Number(header.baseFee), mixHash: header.mix,
    extraData: header.extra, payloadId: block.payloadId, included: block.included,
    transactionsRoot: header.transactionsRoot, headerRlp: headerRlp(header), hash: block.hash,
  };
}

selfcheck();
const random = new Random('independent vectors');
const directory = process.argv[2];
const about = 'Made by tests/e2e/make_vectors.mjs with ethers and @chainsafe/ssz.';
const save = (name, value) => {
  writeFileSync(join(directory, name), JSON.stringify({ about, ...value }, null, 1) + '\n');
};
const plain = Array.from({ length: 12 }, (_, i) => [`random ${i}`, randomFields(random), 'none']);
save('independent_commitments.json', {
  commitments: [...plain, ...extremes(random)].map((one) => commitmentVector(random, one)),
});
const { blocks } = honestChain(random, 12, { heavyBlocks: 2, heavyKeys: 300 });
const start = genesis();
save('independent_blocks.json', {
  genesisHash: start.hash, genesisRlp: headerRlp(start.header),
  blocks: blocks.map((block, i) => blockVector(block, i === 0 ? start : blocks[i - 1])),
});
