// What happens on L1: proposals, forced inclusions, proofs, and reorgs of both kinds that anvil
// has. Random, from the seed.
import assert from 'node:assert/strict';
import { FINALITY_BLOCKS, SLOT_SECONDS } from './anvil.mjs';
import { FATES, makeForced, makeSource, pickKind } from './proposals.mjs';

const FORCER = 1;
const PROVER = 2;
/// L1 blocks that one proposal takes at most.
const PROPOSAL_BLOCKS_MAX = 3;

export class Story {
  constructor({ random, anvil, sender, oracle }) {
    Object.assign(this, { random, anvil, sender, oracle });
    this.counts = { proposed: 0, forced: 0, proved: 0, resent: 0, undone: 0 };
    this.fates = { used: 0, default: 0, replaced: 0 };
  }

  #chance(oneOf) { return this.random.between(1, oneOf) === 1; }

  /// Some L1 blocks, the last of them with a proposal. Returns how many blocks, and the
  /// transactions of each.
  async propose() {
    const { random, sender, oracle } = this;
    const blocks = [];
    const mined = async (raws, skipped = 0) => {
      await this.anvil.mine(1, skipped);
      sender.settled();
      blocks.push(raws);
    };
    if (this.#chance(2)) await mined([]);
    const tip = await oracle.follow();
    if (this.#chance(6)) await mined(await this.#force());
    const skipped = this.#chance(5) ? random.between(1, 3) : 0;
    const head = await this.anvil.block(await this.anvil.height());
    const landing = { number: BigInt(head.number) + 1n,
                      timestamp: BigInt(head.timestamp) + BigInt(SLOT_SECONDS * (skipped + 1)) };
    const kind = pickKind(random);
    const { head: first, tail } = await sender.view('getForcedInclusionState');
    const source = makeSource(random, kind, tip, landing, Number(tail - first), oracle.items);
    const raws = [await sender.call('propose', [0, source.blobs.length, source.offset, 10],
                                    { blobs: source.blobs })];
    if (this.#chance(6)) raws.push(...await this.#prove());
    await mined(raws, skipped);

    const before = oracle.proposals;
    await oracle.follow();
    assert.equal(oracle.proposals, before + 1, 'the proposal is on L1');
    const fate = oracle.steps.at(-1).fate.at(-1);
    assert.equal(fate, FATES[kind], `fate of a proposal of kind ${kind}`);
    ++this.fates[fate];
    ++this.counts.proposed;
    return blocks;
  }

  async #force() {
    const raws = [];
    for (let i = this.random.between(1, 2); i > 0; --i) {
      const { blobs, offset } = makeForced(this.random, this.oracle.items);
      raws.push(await this.sender.call('saveForcedInclusion', [0, 1, offset],
                                       { blobs, account: FORCER }));
      ++this.counts.forced;
    }
    return raws;
  }

  async #prove() {
    const { lastFinalized } = await this.sender.view('getCoreState');
    const first = Number(lastFinalized) + 1;
    if (first > this.oracle.proposals) return [];
    const id = this.random.between(first, this.oracle.proposals);
    ++this.counts.proved;
    return [await this.sender.call('prove', [id, this.oracle.stepOf(id).tip.hash],
                                   { account: PROVER })];
  }

  /// anvil_reorg: the newest `depth` blocks are replaced by empty ones.
  async reorgToEmpty(depth) {
    // anvil can not go back behind its own restart: the state of older blocks is gone. The inbox
    // stays, too.
    const missing = this.anvil.floor + depth - await this.anvil.height();
    if (missing > 0) await this.anvil.mine(missing);
    const before = this.oracle.proposals;
    await this.anvil.rpc.result('anvil_reorg', [depth, []]);
    await this.anvil.rpc.result('anvil_dropAllTransactions');
    this.sender.settled();
    await this.oracle.follow();
    this.counts.undone += before - this.oracle.proposals;
  }

  /// evm_snapshot, `depth` blocks or a few more with proposals, evm_revert; then another branch of
  /// another length. `between` runs when the first branch is L1's, `down` when it is undone.
  async reorgByRevert(depth, between, down) {
    const snapshot = await this.anvil.rpc.result('evm_snapshot');
    const start = await this.anvil.height();
    const branch = [];
    for (let height = start; height < start + depth; height = await this.anvil.height()) {
      const mayGoFurther = height + PROPOSAL_BLOCKS_MAX <= start + FINALITY_BLOCKS;
      if (depth === 1 || !mayGoFurther) {
        await this.anvil.mine();
      } else {
        branch.push(...await this.propose());
      }
    }
    const length = await this.anvil.height() - start;
    await between();
    const before = this.oracle.proposals;
    assert.equal(await this.anvil.rpc.result('evm_revert', [snapshot]), true);
    await this.anvil.rpc.result('anvil_dropAllTransactions');
    this.sender.settled();
    await this.oracle.follow();
    this.counts.undone += before - this.oracle.proposals;
    await down();
    if (this.random.between(0, 1) === 0) await this.#resend(branch);
    const target = start + Math.max(1, length + this.random.between(-1, 2));
    while (await this.anvil.height() < target) {
      if (this.random.between(0, 1) === 0) await this.propose();
      else await this.anvil.mine();
    }
    await this.oracle.follow();
  }

  /// The same transactions, later: the same blobs in other blocks.
  async #resend(branch) {
    await this.anvil.mine();
    for (const raws of branch) {
      for (const raw of raws) await this.sender.sendRaw(raw);
      await this.anvil.mine();
      this.counts.resent += raws.length;
    }
    await this.oracle.follow();
  }
}
