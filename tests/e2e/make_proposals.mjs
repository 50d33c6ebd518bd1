// Writes tests/vectors/independent_proposals.json: proposals as L1 shows them (log, block, blobs)
// and the blocks that the derivation rules make of them. Run by hand, in a folder where `npm ci`
// has installed the packages of package.json:
//   node make_proposals.mjs DIRECTORY [SEED [ROUNDS]]
// Deterministic: everything random comes from the seed. With another seed, PRECONF_PROPOSALS names
// the file for core_independent_vectors_tests.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AbiCoder, concat, dataSlice, Interface, keccak256, sha256 } from 'ethers';
import { sparse } from './lib/blob.mjs';
import { derive } from './lib/derive.mjs';
import { KINDS, makeProposal } from './lib/proposals.mjs';
import { Random } from './lib/random.mjs';

const SOURCES = 'tuple(bool isForcedInclusion, tuple(bytes32[] blobHashes, uint24 offset, ' +
  'uint48 timestamp) blobSlice)[] sources';
const INBOX = new Interface([
  'event Proposed(uint48 indexed id, address indexed proposer, bytes32 parentProposalHash, ' +
  `uint48 endOfSubmissionWindowTimestamp, uint8 basefeeSharingPctg, ${SOURCES})`]);
/// Blocks of one source that are written out; the digest is over all.
const BLOCKS_SHOWN = 3;
const MANY_BLOCKS = 2;

function blobOf(random, bytes) {
  const commitment = random.bytes(48);
  const hash = concat(['0x01', dataSlice(sha256(commitment), 1)]);
  return { commitment, hash, runs: sparse(bytes) };
}

function logOf(random, { context, sources }, blobs) {
  const windowEnd = random.bits(32);
  const parentHash = random.word();
  const slices = sources.map((source, i) => [source.forced, [
    blobs[i].map((blob) => blob.hash), source.offset,
    source.forced ? context.landed.timestamp - 600n : context.landed.timestamp]]);
  const { data, topics } = INBOX.encodeEventLog('Proposed', [
    context.proposalId, context.proposer, parentHash, windowEnd, context.pctg, slices]);
  const proposal = AbiCoder.defaultAbiCoder().encode(
    [`tuple(uint48,uint48,uint48,address,bytes32,uint48,bytes32,uint8,${SOURCES})`],
    [[context.proposalId, context.landed.timestamp, windowEnd, context.proposer, parentHash,
      context.landed.number - 1n, context.landed.parentHash, context.pctg, slices]]);
  return { data, topics, proposalHash: keccak256(proposal) };
}

function blockJson(block) {
  return {
    number: String(block.number), timestamp: String(block.timestamp), coinbase: block.coinbase,
    gasLimit: String(block.gasLimit), baseFee: String(block.baseFee), mixHash: block.mix,
    extraData: block.extra, anchor: String(block.anchor), anchorTxHash: block.anchorTxHash,
    transactions: block.transactions, rlpHash: block.rlpHash, payloadId: block.payloadId,
  };
}

function sourceJson({ decoded, replaced, blocks }) {
  return {
    decoded, replaced, count: blocks.length,
    digest: keccak256(concat(blocks.flatMap((block) => [block.payloadId, block.rlpHash]))),
    blocks: blocks.slice(0, BLOCKS_SHOWN).map(blockJson),
  };
}

function vectorOf(random, kind) {
  const proposal = makeProposal(random, kind);
  const { context, parent, nonce, sources, fate } = proposal;
  const blobs = sources.map((source) => source.blobs.map((bytes) => blobOf(random, bytes)));
  const result = derive(context, parent, nonce, sources);
  // What the change was made for is what the rules say of it, before anybody else is asked.
  const final = result[result.length - 1];
  const said = !final.decoded ? 'default' : final.replaced ? 'replaced' : 'used';
  assert.equal(said, fate, kind);
  const elapsed = parent.timestamp - parent.parentTimestamp;
  return {
    kind, fate, chain: context.chainName, log: logOf(random, proposal, blobs),
    landed: { timestamp: String(context.landed.timestamp), number: String(context.landed.number),
              hash: context.landed.hash, parentHash: context.landed.parentHash },
    parent: { number: String(parent.number), hash: parent.hash,
              timestamp: String(parent.timestamp), blockTime: String(elapsed > 0n ? elapsed : 0n),
              gasLimit: String(parent.gasLimit), gasUsed: String(parent.gasUsed),
              baseFee: String(parent.baseFee), anchor: String(parent.anchor),
              difficulty: '0x' + parent.difficulty.toString(16).padStart(64, '0') },
    nonce, blobs, expected: result.map(sourceJson),
  };
}

const [directory, seed = 'independent proposals', rounds = '4'] = process.argv.slice(2);
console.log(`seed: ${seed}`);
const random = new Random(seed);
const proposals = [];
for (const kind of Object.keys(KINDS)) {
  const count = kind.startsWith('blocks_') ? MANY_BLOCKS : Number(rounds);
  for (let i = 0; i < count; ++i) proposals.push(vectorOf(random, kind));
}
const about = 'Made by tests/e2e/make_proposals.mjs with ethers and pako.';
// One proposal per line: a change of the generator shows as changed lines.
const lines = proposals.map((one) => ' ' + JSON.stringify(one)).join(',\n');
writeFileSync(join(directory, 'independent_proposals.json'),
              `{"about": ${JSON.stringify(about)}, "proposals": [\n${lines}\n]}\n`);
console.log(`${proposals.length} proposals of ${Object.keys(KINDS).length} kinds`);
