// The honest preconfers' blocks: two committers take turns, windows end in every way.
import { computeAddress } from 'ethers';
import { genesis, makeBlock } from './chain.mjs';
import { preconfHash, preconfirmation, signedCommitment, ZERO32 } from './commitment.mjs';
import { gasLimitBounds } from './header.mjs';
import { heavyTransaction, userTransactions } from './workload.mjs';

export const COMMITTERS = ['0x' + '01'.repeat(32), '0x' + '02'.repeat(32)];
export const SLASHER = '0x00000000000000000000000000000000000515a5';
const FIRST_TIMESTAMP = 1_700_000_000;
const BLOCKS_PER_WINDOW = 40;
export const WINDOW_SECONDS = 100;

/// Window i is (start, end] and belongs to committer i % 2.
export const windowAt = (i) => ({
  start: FIRST_TIMESTAMP + i * WINDOW_SECONDS, end: FIRST_TIMESTAMP + (i + 1) * WINDOW_SECONDS,
  signer: COMMITTERS[i % 2],
});

/// The node's schedule file.
export const scheduleJson = (windows) => ({
  version: 1,
  windows: Array.from({ length: windows }, (_, i) => windowAt(i)).map(({ start, end, signer }) => ({
    start, end, committer: computeAddress(signer).toLowerCase(),
  })),
});

const anchorAt = (random, number) =>
  ({ number, hash: random.word(), stateRoot: random.word() });

/// The EOP-only commitment that `signer` sends when it ends `window` after `parent`.
function eopOnly(parent, window) {
  const fields = {
    eop: true, blockNumber: parent.number + 1, timestamp: Number(parent.header.timestamp) + 1,
    gasLimit: 0, anchorBlockNumber: parent.fields.anchorBlockNumber, rawTxListHash: ZERO32,
    parentPreconfirmationHash: parent.preconfHash, submissionWindowEnd: window.end,
  };
  return {
    number: parent.number + 1, fields, isEopOnly: true,
    preconfHash: preconfHash(preconfirmation(fields)),
    commitment: signedCommitment(fields, SLASHER, window.signer),
  };
}

/// How long after its parent a block comes; mostly the target of 2 s.
const paceOf = (random) => random.pick([1, 2, 2, 2, 2, 3]);

/// Every 40 blocks come some that are nearly full, so that the base fee moves off its minimum.
function transactionsOf(random, number, heavy, heavyBlocks) {
  const few = userTransactions(random, random.between(0, 4));
  if (number % 40 >= heavyBlocks) return few;
  return [...few, ...Array(random.between(3, 5)).fill(heavy)];
}

function gasLimitOf(random, parent) {
  const { low, high } = gasLimitBounds(parent.header);
  const inside = BigInt(random.between(Number(low), Number(high)));
  return random.pick([low, high, high, inside]);
}

/// `count` linked blocks. Window i ends, in turn: with an EOP block, after which the next
/// committer goes
/// on inside it; with an EOP-only commitment; by time alone. Returns {blocks, handoffs}: handoffs
/// maps a height to the EOP-only commitment that precedes its block.
export function honestChain(random, count, { heavyBlocks = 4, heavyKeys = 1_500 } = {}) {
  const blocks = [];
  const handoffs = new Map();
  let parent = genesis();
  let time = FIRST_TIMESTAMP;
  let anchorNumber = 1_000;
  const heavy = heavyTransaction(random, heavyKeys);
  for (let number = 1; number <= count; ++number) {
    const index = Math.floor((number - 1) / BLOCKS_PER_WINDOW);
    const isLast = number % BLOCKS_PER_WINDOW === 0;
    const isFirst = (number - 1) % BLOCKS_PER_WINDOW === 0;
    const window = windowAt(index);
    const before = index === 0 ? null : windowAt(index - 1);
    let link;
    if (isFirst && index % 3 === 2) {
      const handoff = eopOnly(parent, before);
      handoffs.set(number, handoff);
      link = handoff.preconfHash;
      time += 1;
    }
    // Only a window that its owner has ended lets the next one begin early.
    const mayBeginEarly = index % 3 !== 0;
    time += paceOf(random);
    if (!mayBeginEarly) time = Math.max(time, window.start + 1);
    // Room for the blocks that follow, and for what comes after an EOP.
    const follow = BLOCKS_PER_WINDOW - 1 - (number - 1) % BLOCKS_PER_WINDOW;
    time = Math.min(time, window.end - 2 - follow);
    time = Math.max(time, Number(parent.header.timestamp) + 1);
    if (random.between(0, 3) === 0) anchorNumber += random.between(1, 3);
    const block = makeBlock(parent, {
      timestamp: time, gasLimit: gasLimitOf(random, parent), coinbase: random.bytes(20),
      proverAuth: random.bytes(20), proposalId: BigInt(index + 1), windowEnd: window.end,
      anchor: anchorAt(random, anchorNumber), eop: isLast && index % 3 === 0, link,
    }, {
      transactions: transactionsOf(random, number, heavy, heavyBlocks),
      level: random.pick([1, 6, 9]), signer: window.signer, slasher: SLASHER,
    });
    blocks.push(block);
    parent = block;
  }
  return { blocks, handoffs };
}
