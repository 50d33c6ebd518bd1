// What this client does to the node: 200 honest blocks, delivered in every order and twice, between
// everything that is wrong, while the node is killed.
import assert from 'node:assert/strict';
import { SigningKey, Transaction } from 'ethers';
import { CHAIN_ID } from './chain.mjs';
import { malleate, preconfHash, preconfirmation } from './commitment.mjs';
import { COMMITTERS, WINDOW_SECONDS } from './honest.mjs';
import { KINDS } from './invalid.mjs';
import { CODE, complaint, publishBlock, publishCommitment, publishTxList, recommit } from
  './requests.mjs';
import { anchorTransaction, txList } from './txlist.mjs';
import { userTransactions } from './workload.mjs';

const RIVALS_MAX = 2;  // the node keeps four candidates for a height

export class Scenario {
  /// `random` decides everything; `kills`: heights, each with the moment of the kill.
  constructor({ random, client, blocks, handoffs, scheduleEnd, kills }) {
    Object.assign(this, { random, client, blocks, handoffs, scheduleEnd, kills });
    this.boundary = 0;
    this.rivals = new Map();  // height -> held commitments that are not the honest one
    this.lists = new Set();   // that the node has seen, be it with a commitment that it refused
    this.late = [];           // sent again when the height is executed: the verdict changes
    this.kinds = random.shuffled(KINDS);
    this.counts = { requests: 0, resent: 0, duplicates: 0, reordered: 0, equivocations: 0,
                    stale: 0 };
    this.invalid = new Map();
  }

  async run(extras) {
    let height = 1;
    while (height <= this.blocks.length) {
      await this.#invalidBefore(height);
      const size = Math.min(this.#groupSize(height), this.blocks.length - height + 1);
      await this.#group(height, size);
      for (let i = 0; i < size; ++i) await this.#afterEop(height + i);
      height += size;
      await this.#aftermath(height - 1);
      await extras(height - 1);
    }
    // What did not find a place on the way.
    assert.ok(this.kinds.length === 0, `kinds left over: ${this.kinds.map(({ name }) => name)}`);
    await this.client.headAtLeast(this.blocks.length);
  }

  /// Delivers until answered, and checks the answer.
  async send(request, onSent) {
    const { answer, attempts } = await this.client.deliver(request, onSent);
    ++this.counts.requests;
    this.counts.resent += attempts - 1;
    const wrong = complaint(request, answer, attempts, this.boundary);
    assert.equal(wrong, '');
    if (answer.error?.data?.reason === 'stale_commitment') ++this.counts.stale;
    const hash = request.params?.[0]?.txListHash;
    if (hash !== undefined && !request.expect.stateless) this.lists.add(hash);
  }

  /// The boundary has moved up to `boundary`; what lies below is stale, known or not.
  async boundaryMoved(boundary) {
    this.boundary = boundary;
    for (const height of [boundary, this.random.between(1, boundary)]) {
      const { commitment, list } = this.#block(height);
      await this.send(publishBlock(commitment, list, height, {}));
      const unknown = recommit(this.#block(height), { proverAuth: this.random.bytes(20) });
      await this.send(publishCommitment(unknown, height, {}));
    }
  }

  #block(height) { return this.blocks[height - 1]; }
  #rivalsAt(height) { return this.rivals.get(height) ?? 0; }
  #addRival(height) { this.rivals.set(height, this.#rivalsAt(height) + 1); }
  #admitted(height) { return this.#rivalsAt(height) > 0 ? 'contested' : 'admitted'; }

  // --- honest blocks ----------------------------------------------------------------------------

  /// A group ends before a height that a handoff precedes: the EOP-only belongs to its successor.
  #groupSize(height) {
    const size = this.random.pick([1, 1, 1, 2, 3, 5]);
    for (let i = 1; i < size; ++i) if (this.handoffs.has(height + i)) return i;
    return size;
  }

  /// The honest blocks from `height` on, in order, shuffled or all at once.
  async #group(height, size) {
    const kill = this.#killIn(height, size);
    const items = Array.from({ length: size }, (_, i) => this.#block(height + i));
    if (this.handoffs.has(height)) items.unshift(this.handoffs.get(height));
    const mode = kill?.moment === 'sent' ? 'parallel'
      : this.random.pick(['in order', 'in order', 'shuffled', 'shuffled', 'parallel']);
    const order = mode === 'in order' ? items : this.random.shuffled(items);
    if (order.some((item, i) => item !== items[i])) ++this.counts.reordered;
    const victim = kill ? this.random.between(0, order.length - 1) : -1;
    if (kill?.moment === 'decision') this.client.killAfterDecisions(this.random.between(1, 8));
    if (kill?.moment === 'recovery') this.client.killAtRecovery();
    const delivered = new Set();
    let hasKilled = false;
    const killOnce = () => {
      if (!hasKilled) this.client.kill();
      hasKilled = true;
    };
    const deliver = async (item, i) => {
      const onSent = kill?.moment === 'sent' && i === victim ? killOnce : undefined;
      const isLinked = items.slice(0, items.indexOf(item)).every((below) => delivered.has(below));
      for (const request of this.#honest(item, isLinked, mode)) await this.send(request, onSent);
      delivered.add(item);
      const isMoment = kill?.moment === 'acked' || kill?.moment === 'recovery';
      if (isMoment && i === victim) this.client.kill();
    };
    if (mode === 'parallel') {
      await Promise.all(order.map(deliver));
    } else {
      for (const [i, item] of order.entries()) await deliver(item, i);
    }
  }

  #killIn(height, size) {
    const index = this.kills.findIndex((kill) => kill.height < height + size);
    return index < 0 ? null : this.kills.splice(index, 1)[0];
  }

  /// The requests that bring one honest block or handoff to the node.
  #honest(item, isLinked, mode) {
    const good = item.isEopOnly ? 'handoff' : this.#admitted(item.number);
    const verdict = mode === 'parallel' ? [good, 'pending_parent']
      : isLinked ? good : 'pending_parent';
    if (item.isEopOnly) {
      // The method wants a list even where the commitment has none.
      return [publishBlock(item.commitment, txList([]), item.number, { verdict })];
    }
    const commitment = publishCommitment(item.commitment, item.number, { verdict });
    const list = publishTxList(item.list, {
      verdict: this.lists.has(item.list.hash) ? 'duplicate' : 'txlist_accepted' });
    switch (this.random.between(0, 4)) {
      case 0: return [commitment, list];
      case 1: return [list, commitment];
      default: return [publishBlock(item.commitment, item.list, item.number, { verdict })];
    }
  }

  // --- everything else --------------------------------------------------------------------------

  /// Is everything of this height inside one window, its parent too?
  #isPlain(height) {
    if (height < 2) return false;
    const [block, parent] = [this.#block(height), this.#block(height - 1)];
    const end = block.fields.submissionWindowEnd;
    return parent.fields.submissionWindowEnd === end && !parent.fields.eop &&
      Number(parent.header.timestamp) > end - WINDOW_SECONDS;
  }

  async #invalidBefore(height) {
    if (!this.#isPlain(height)) return;
    // More at once toward the end, so that every kind finds a place.
    const left = this.blocks.length - height + 1;
    const due = Math.ceil(3 * this.kinds.length / left);
    for (let i = 0; i < due && this.kinds.length > 0; ++i) {
      const index = this.kinds.findIndex(
        (kind) => !kind.isRival || this.#rivalsAt(height) < RIVALS_MAX);
      if (index < 0) return;
      await this.#invalid(this.kinds.splice(index, 1)[0], height);
    }
    // And again, now and then, something that came before.
    const again = this.random.pick(KINDS);
    const mayCome = !again.once && (!again.isRival || this.#rivalsAt(height) < RIVALS_MAX);
    if (mayCome && this.invalid.has(again.name)) await this.#invalid(again, height);
  }

  async #invalid(kind, height) {
    const context = this.#context(height);
    if (kind.late) await this.client.headAtLeast(height - 1);
    const requests = kind.make(context);
    for (const request of requests) await this.send(request);
    if (kind.late) this.late.push(...requests.map((one) => ({ ...one, expect: kind.late })));
    if (kind.isRival) this.#addRival(height);
    this.invalid.set(kind.name, (this.invalid.get(kind.name) ?? 0) + 1);
  }

  /// What a kind of invalid submission may need.
  #context(height) {
    const { random, scheduleEnd } = this;
    const block = this.#block(height);
    const anchor = { number: block.fields.anchorBlockNumber, hash: random.word(),
                     stateRoot: random.word() };
    const anchorTx = (call = {}, overrides = {}) => anchorTransaction({
      chainId: CHAIN_ID, nonce: height - 1, baseFee: block.header.baseFee,
      anchor: { ...anchor, ...call }, overrides });
    const forged = Transaction.from(anchorTx());
    forged.signature = new SigningKey(COMMITTERS[0]).sign(forged.unsignedHash);
    return {
      random, block, parent: this.#block(height - 1), scheduleEnd, anchorTx,
      otherCommitter: COMMITTERS.find((key) => key !== block.signer),
      admitted: this.#admitted(height), listOf: txList, forgedAnchor: forged.serialized,
      userTransaction: userTransactions(random, 1)[0],
    };
  }

  /// The owner of a window that has ended it goes on nevertheless.
  async #afterEop(height) {
    if (height < 2) return;
    const [block, parent] = [this.#block(height), this.#block(height - 1)];
    const handoff = this.handoffs.get(height);
    if (!parent.fields.eop && !handoff) return;
    const links = [parent.preconfHash];
    if (handoff) {
      links.push(handoff.preconfHash);
      await this.send(publishCommitment(handoff.commitment, height, { verdict: 'duplicate' }));
    }
    for (const parentPreconfirmationHash of links) {
      const commitment = recommit(block, {
        parentPreconfirmationHash, submissionWindowEnd: parent.fields.submissionWindowEnd,
        timestamp: Number(parent.header.timestamp) + 1 }, { signer: parent.signer });
      await this.send(publishBlock(commitment, block.list, height,
                                   { code: CODE.commitment, reason: 'after_eop' }));
    }
    this.invalid.set('after EOP', (this.invalid.get('after EOP') ?? 0) + links.length);
  }

  async #aftermath(height) {
    await this.#lateVerdicts(height);
    if (this.random.between(0, 2) === 0) await this.#again(this.random.between(1, height));
    if (this.random.between(0, 9) === 0 && this.#isPlain(height)) await this.#equivocate(height);
    if (this.random.between(0, 19) === 0 && this.#isPlain(height)) await this.#orphan(height);
  }

  /// What could only be found out when the parent was executed.
  async #lateVerdicts(height) {
    const due = this.late.filter((request) => request.height <= height);
    if (due.length === 0) return;
    await this.client.headAtLeast(height);
    for (const request of due) await this.send(request);
    this.late = this.late.filter((request) => !due.includes(request));
  }

  /// The same once more: all of it, a part of it, or under the other valid signature.
  async #again(height) {
    const { commitment, list } = this.#block(height);
    const expect = { verdict: 'duplicate' };
    const isHeld = height > this.boundary;
    const requests = [
      publishBlock(commitment, list, height, expect),
      publishBlock(malleate(commitment), list, height, expect),
      publishCommitment(commitment, height, expect),
    ];
    // A list below the boundary may be forgotten.
    if (isHeld) requests.push(publishTxList(list, expect));
    await this.send(this.random.pick(requests));
    ++this.counts.duplicates;
  }

  /// A second promise for a height that is executed, and one that builds on it.
  async #equivocate(height) {
    await this.client.headAtLeast(height);
    const block = this.#block(height);
    const fields = { ...block.fields, proverAuth: this.random.bytes(20) };
    await this.send(publishBlock(recommit(block, fields), block.list, height,
                                 { verdict: 'contested' }));
    this.#addRival(height);
    ++this.counts.equivocations;
    const above = this.#block(height + 1);
    if (above === undefined || !this.#isPlain(height + 1)) return;
    const child = recommit(above, {
      parentPreconfirmationHash: preconfHash(preconfirmation(fields)) });
    await this.send(publishBlock(child, above.list, above.number,
                                 { verdict: this.#admitted(above.number) }));
    this.#addRival(above.number);
  }

  /// A parent that nobody knows: not the sender's fault, so it is kept.
  async #orphan(height) {
    const block = this.#block(height);
    const commitment = recommit(block, { parentPreconfirmationHash: this.random.word() });
    await this.send(publishCommitment(commitment, height, { verdict: 'pending_parent' }));
  }
}
