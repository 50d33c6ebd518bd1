// What the L2 chain must be: walks the canonical L1 from the inbox's first log and derives and
// executes every block here, headers and hashes included, without asking node or engine.
import { decodeRlp, encodeRlp, getBytes } from 'ethers';
import { execute, genesis } from '../lib/chain.mjs';
import { CHAINS, derive } from '../lib/derive.mjs';
import { INBOX, PROPOSED } from './inbox.mjs';

/// An item of a manifest in EIP-2718 form.
const rawOf = (item) => {
  const decoded = decodeRlp(item);
  return Array.isArray(decoded) ? item : decoded;
};

/// A parent as the derivation rules see it.
const parentOf = (block, anchor) => ({
  number: block.header.number, hash: block.hash, timestamp: block.header.timestamp,
  parentTimestamp: block.parentTimestamp, gasLimit: block.header.gasLimit,
  gasUsed: block.header.gasUsed, baseFee: block.header.baseFee,
  difficulty: block.header.difficulty, anchor, block,
});

export class Oracle {
  /// `blobs`: versioned hash -> { blob }; `items`: every transaction that was put into a manifest.
  constructor(anvil, inbox, blobs, items) {
    Object.assign(this, { anvil, inbox, blobs, items });
    this.steps = [{ number: -1, id: 0, tip: parentOf(genesis(), 0n), blocks: [] }];
    this.headers = new Map();
  }

  get tip() { return this.steps.at(-1).tip; }
  get proposals() { return this.steps.at(-1).id; }
  /// Every L2 block of the chain, from height 1 on.
  get chain() { return this.steps.flatMap(({ blocks }) => blocks); }
  stepOf(id) { return this.steps.find((step) => step.id === id); }

  /// Follows L1 to its head; forgets what L1 took back.
  async follow() {
    while (this.steps.length > 1) {
      const { number, hash } = this.steps.at(-1);
      const block = await this.anvil.block(number);
      if (block?.hash === hash) break;
      this.steps.pop();
    }
    const from = this.steps.at(-1).number + 1;
    if (from > await this.anvil.height()) return this.tip;
    const logs = await this.anvil.rpc.result('eth_getLogs', [{
      address: this.inbox, topics: [PROPOSED],
      fromBlock: '0x' + from.toString(16), toBlock: 'latest' }]);
    for (const log of logs) await this.#apply(log);
    return this.tip;
  }

  async #apply(log) {
    const { args } = INBOX.parseLog(log);
    if (args.id === 0n) return;
    const number = Number(log.blockNumber);
    const block = await this.anvil.block(number);
    const sources = args.sources.map(({ isForcedInclusion, blobSlice }) => ({
      forced: isForcedInclusion, offset: Number(blobSlice.offset),
      blobs: blobSlice.blobHashes.map((hash) => getBytes(this.blobs.get(hash).blob)),
    }));
    await this.#readAnchors(number);
    const blocks = [];
    const context = {
      chain: CHAINS.devnet, proposer: args.proposer, pctg: Number(args.basefeeSharingPctg),
      proposalId: args.id, isTransaction: (item) => this.items.has(item),
      landed: { number: BigInt(number), timestamp: BigInt(block.timestamp) },
      l1Block: (anchor) => this.headers.get(Number(anchor)),
      produced: (attributes, parent, _, anchor) => {
        const made = this.#execute(attributes, parent.block, args.id);
        blocks.push(made);
        return parentOf(made, anchor);
      },
    };
    const parent = this.tip;
    const result = derive(context, parent, Number(parent.number), sources);
    const anchor = blocks.length === 0 ? parent.anchor : result.at(-1).blocks.at(-1).anchor;
    this.steps.push({ number, hash: block.hash, id: Number(args.id), blocks,
                      fate: result.map(({ decoded, replaced }) =>
                        (!decoded ? 'default' : replaced ? 'replaced' : 'used')),
                      tip: parentOf(blocks.at(-1), anchor) });
  }

  /// L1 blocks that a proposal of block `number` may name as anchors: they are read anew, because a
  /// reorg may have replaced them.
  async #readAnchors(number) {
    const from = Math.max(0, number - 1 - Number(CHAINS.devnet.lag) - 1);
    const oldest = Math.min(from, Number(this.tip.anchor));
    for (let i = number - 1; i >= oldest; --i) {
      const { hash, stateRoot } = await this.anvil.block(i);
      if (this.headers.get(i)?.hash === hash) break;
      this.headers.set(i, { number: i, hash, stateRoot });
    }
  }

  #execute(attributes, parent, proposalId) {
    const transactions = [attributes.list.anchorTx, ...attributes.list.items.map(
      (item) => rawOf(encodeRlp(item)))];
    const list = { transactions, rlpHash: attributes.rlpHash };
    return execute(parent, { gasLimit: attributes.gasLimit, timestamp: attributes.timestamp,
                             coinbase: attributes.coinbase.toLowerCase(), proposalId },
                   list, attributes.baseFee);
  }
}
