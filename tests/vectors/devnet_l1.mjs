// Independent computation of the first blocks of a simulated L1, with npm's ethers and
// @ethereumjs/trie: activation of the inbox, then one proposal with one blob. Its output is the
// expectation in tests/node/devnet_l1_chain_test.cpp.
//
//   npm i ethers @ethereumjs/trie@6 && node devnet_l1.mjs
import { Trie } from '@ethereumjs/trie';
import { AbiCoder, concat, dataSlice, encodeRlp, getBytes, hexlify, Interface, keccak256, sha256,
         toBeHex, toUtf8Bytes } from 'ethers';

const GENESIS = 1_700_000_000;
const SLOT = 12;
const INBOX = '0x000000000000000000000000000000000011b0c5';
const ZERO32 = '0x' + '00'.repeat(32);
const EMPTY_ROOT = keccak256(encodeRlp('0x'));
const number = (n) => (BigInt(n) === 0n ? '0x' : toBeHex(BigInt(n)));
const text = (s) => toUtf8Bytes(s);
const madeUp = (what, from) => keccak256(concat([text(`preconf simulated L1 ${what} `), from]));
const txHash = (nonce) => keccak256(text(`preconf simulated L1 transaction ${nonce}`));

const SOURCES = 'tuple(bool isForcedInclusion, tuple(bytes32[] blobHashes, uint24 offset, ' +
  'uint48 timestamp) blobSlice)[] sources';
const inbox = new Interface([
  'event Proposed(uint48 indexed id, address indexed proposer, bytes32 parentProposalHash, ' +
  `uint48 endOfSubmissionWindowTimestamp, uint8 basefeeSharingPctg, ${SOURCES})`]);
const proposalHash = (values) => keccak256(AbiCoder.defaultAbiCoder().encode(
  [`tuple(uint48,uint48,uint48,address,bytes32,uint48,bytes32,uint8,${SOURCES})`], [values]));

function bloomOf(logs) {
  const bloom = new Uint8Array(256);
  for (const value of logs.flatMap((log) => [log.address, ...log.topics])) {
    const hash = getBytes(keccak256(value));
    for (const i of [0, 2, 4]) {
      const bit = ((hash[i] << 8) | hash[i + 1]) & 2047;
      bloom[255 - (bit >> 3)] |= 1 << (bit & 7);
    }
  }
  return hexlify(bloom);
}

async function orderedRoot(values) {
  const trie = new Trie();
  for (let i = 0; i < values.length; i++) {
    await trie.put(getBytes(encodeRlp(number(i))), getBytes(values[i]));
  }
  return hexlify(trie.root());
}

async function block(parent, height, transactions) {
  const logs = transactions.flatMap((transaction) => transaction.logs);
  const receipts = transactions.map(({ type, logs: own }, i) => concat([toBeHex(type), encodeRlp([
    number(1), number(150_000 * (i + 1)), bloomOf(own),
    own.map((log) => [log.address, log.topics, log.data])])]));
  const receiptsRoot = await orderedRoot(receipts);
  const parentHash = parent?.hash ?? ZERO32;
  const mix = madeUp('randao', parentHash);
  const seed = toBeHex(BigInt(receiptsRoot) ^ BigInt(mix), 32);
  const blobs = transactions.reduce((sum, transaction) => sum + transaction.blobs, 0);
  const header = [
    parentHash, keccak256(encodeRlp([])), '0x' + '00'.repeat(20), madeUp('state', seed),
    await orderedRoot(transactions.map((transaction) => transaction.hash)), receiptsRoot,
    bloomOf(logs), number(0), number(height), number(36_000_000),
    number(150_000 * transactions.length), number(GENESIS + SLOT * height),
    hexlify(text('sim branch 0')), mix, '0x0000000000000000', number(1_000_000_000), EMPTY_ROOT,
    number(131_072 * blobs), number(0),
    parent ? madeUp('beacon block', parentHash) : ZERO32, sha256('0x')];
  return { hash: keccak256(encodeRlp(header)), bloom: bloomOf(logs), receiptsRoot };
}

const eventOf = (values) => ({ address: INBOX, ...inbox.encodeEventLog('Proposed', values) });
const zeroHash = proposalHash([0, 0, 0, '0x' + '00'.repeat(20), ZERO32, 0, ZERO32, 0, []]);

const genesis = await block(null, 0, []);
const activation = await block(genesis, 1, [{ type: 2, blobs: 0, hash: txHash(0),
  logs: [eventOf([0, '0x' + '00'.repeat(20), ZERO32, 0, 0, []])] }]);

// The blob of zeros; its commitment is made up of its hash.
const first = keccak256(new Uint8Array(131_072));
const commitment = getBytes(concat([first, dataSlice(keccak256(first), 0, 16)]));
commitment[0] |= 0x80;
const blobHash = concat(['0x01', dataSlice(sha256(commitment), 1)]);
const proposer = '0x' + 'aa'.repeat(20);
const log = eventOf([1, proposer, zeroHash, 0, 75, [[false, [[blobHash], 0, GENESIS + 2 * SLOT]]]]);
const proposal = await block(activation, 2,
  [{ type: 3, blobs: 1, hash: txHash(1), logs: [log] }]);

console.log('block 0       ', genesis.hash);
console.log('block 1       ', activation.hash);
console.log('versioned hash', blobHash);
console.log('proposed data ', keccak256(log.data));
console.log('receipts root ', proposal.receiptsRoot);
console.log('bloom         ', keccak256(proposal.bloom));
console.log('block 2       ', proposal.hash);
console.log('proposal hash ', proposalHash([1, GENESIS + 2 * SLOT, 0, proposer, zeroHash, 1,
  activation.hash, 75, [[false, [[blobHash], 0, GENESIS + 2 * SLOT]]]]));
