// Both sides of the node: L1 on anvil, where it proposes; the engine, which it looks at; and the
// preconfer, which promises blocks to the node.
import assert from 'node:assert/strict';
import { computeAddress, encodeRlp, getBytes } from 'ethers';
import { encodeBlob } from '../lib/blob.mjs';
import { preconfHash, preconfirmation, signedCommitment, ZERO32 } from '../lib/commitment.mjs';
import { CHAINS } from '../lib/derive.mjs';
import { SLASHER } from '../lib/honest.mjs';
import { max } from '../lib/numbers.mjs';
import { manifestRlp, payloadOf } from '../lib/proposals.mjs';
import { publishBlock } from '../lib/requests.mjs';
import { SLOT_SECONDS } from '../l1/anvil.mjs';
import { blockOf, checkBlocks, checkHeads, parentFrom } from './expect.mjs';
import { plansOn } from './plans.mjs';

const PRECONFER = '0x' + '01'.repeat(32);
const ANCHOR_GAS = 1_000_000n;
const WINDOWS = 40;
const WINDOW_SECONDS = 32 * SLOT_SECONDS;

/// The node's schedule file: one preconfer has every window from `start` on.
export function scheduleFrom(start) {
  const committer = computeAddress(PRECONFER).toLowerCase();
  return { version: 1, windows: Array.from({ length: WINDOWS }, (_, i) => ({
    start: start + i * WINDOW_SECONDS, end: start + (i + 1) * WINDOW_SECONDS, committer })) };
}

/// Typed transactions are strings in a manifest, legacy ones lists.
const itemOf = (raw) => (getBytes(raw)[0] >= 0xc0 ? raw : encodeRlp(raw));

const manifestBlock = (plan) => ({
  timestamp: plan.timestamp, coinbase: plan.coinbase, anchor: BigInt(plan.anchor.number),
  gasLimit: plan.gasLimit - ANCHOR_GAS, items: plan.transactions.map(itemOf) });

export class World {
  /// `time`: of L1's first block.
  constructor({ random, anvil, sender, engine, node, time, say }) {
    Object.assign(this, { random, anvil, sender, engine, node, time, say, proposals: 0 });
    this.counts = { promised: 0, derived: 0, proposals: 0 };
    /// Above which the next block goes: `tip` as a parent, `link` to its commitment.
    this.state = { tip: parentFrom(engine.genesis, 0n), link: ZERO32, nonces: new Map() };
    /// The same at the end of the newest proposal.
    this.settled = this.state;
    /// Plans that were promised and not proposed.
    this.promises = [];
  }

  l1Head() { return this.anvil.rpc.result('eth_getBlockByNumber', ['latest', false]); }

  /// Plans for the next proposal, on `state`.
  async plans(count, state = this.state) {
    return plansOn(this.random, state, await this.l1Head(), this.proposals + 1, count);
  }

  /// Signs and publishes the block that `plan` is on `state`; returns the link to it.
  async #promise(plan, state) {
    const block = blockOf(state.tip, plan);
    const past = (Number(plan.timestamp) - 1 - this.time) / WINDOW_SECONDS;
    const fields = {
      blockNumber: block.number, timestamp: plan.timestamp, gasLimit: plan.gasLimit,
      coinbase: plan.coinbase, anchorBlockNumber: plan.anchor.number,
      rawTxListHash: block.list.hash, parentPreconfirmationHash: state.link,
      proposalId: plan.proposalId,
      submissionWindowEnd: this.time + (Math.floor(past) + 1) * WINDOW_SECONDS };
    const commitment = signedCommitment(fields, SLASHER, PRECONFER);
    const { method, params } = publishBlock(commitment, block.list);
    const answer = await this.node.rpc.call(method, params);
    assert.ok(['admitted', 'contested'].includes(answer.result?.verdict),
              `block ${block.number}: ${JSON.stringify(answer)}`);
    ++this.counts.promised;
    return preconfHash(preconfirmation(fields));
  }

  /// Promises each plan, one above the other, and checks what the engine made of it.
  async preconfirm(plans) {
    for (const plan of plans) {
      const link = await this.#promise(plan, this.state);
      const heads = await this.node.executed(Number(this.state.tip.number) + 1);
      const { tip } = await checkBlocks(this.engine, this.state.tip, [plan]);
      assert.equal(heads.unsafe.hash, tip.hash, 'executed head of the node');
      this.state = { tip, link, nonces: plan.nonces, anchor: plan.anchor };
      this.promises.push(plan);
    }
  }

  /// Lands a proposal of these plans in L1's next block; returns that block {number, hash}.
  async propose(plans, breakPayload = () => {}) {
    const payload = payloadOf(manifestRlp(plans.map(manifestBlock)));
    breakPayload(payload);
    await this.sender.call('propose', [0, 1, 0, 10], { blobs: [encodeBlob(payload)] });
    await this.anvil.mine();
    this.sender.settled();
    ++this.proposals;
    ++this.counts.proposals;
    const { number, hash, timestamp } = await this.l1Head();
    assert.ok(plans.every((plan) => plan.timestamp <= BigInt(timestamp)), 'plans are in time');
    return { number: Number(number), hash, timestamp };
  }

  /// Waits until the node has derived up to `plans`, on `base`, and checks all of it. `isPromised`:
  /// the promises below stay valid, and so does the last one's link.
  async derived(base, plans, landed, { isPromised = false } = {}) {
    const heads = await this.node.settled(this.proposals, Number(base.tip.number) + plans.length);
    const { tip } = await checkBlocks(this.engine, base.tip, plans, landed);
    assert.equal(heads.safe.hash, tip.hash, 'safe head of the node');
    await checkHeads(this.engine, heads, this.proposals);
    this.counts.derived += plans.length;
    this.state = { tip, link: isPromised ? this.state.link : ZERO32,
                   nonces: plans.at(-1).nonces, anchor: plans.at(-1).anchor };
    this.settled = this.state;
    this.promises = [];
    return heads;
  }

  /// What the rules make of a proposal of `proposer` without a manifest: a block like its parent.
  defaultPlan(base, landed, proposer) {
    const earliest = BigInt(landed.timestamp) - CHAINS.devnet.lag * BigInt(SLOT_SECONDS);
    const timestamp = max(base.tip.timestamp + 1n, earliest);
    return { timestamp, coinbase: proposer, anchor: base.anchor, gasLimit: base.tip.gasLimit,
             proposalId: this.proposals, transactions: [], included: [], nonces: base.nonces };
  }
}
