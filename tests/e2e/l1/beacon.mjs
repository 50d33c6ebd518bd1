// The beacon node beside anvil. anvil serves its genesis time and, by block number, its blobs; a
// driver asks by slot, and for the clock and a block's commitments. This translates, and keeps what
// anvil forgets when it is restarted: the blobs.
import http from 'node:http';
import { SLOT_SECONDS } from './anvil.mjs';

export class Beacon {
  /// `blobs`: versioned hash -> { blob, commitment }, as they were sent.
  constructor(anvil, blobs) {
    Object.assign(this, { anvil, blobs, counts: { anvil: 0, kept: 0, unknownSlot: 0 } });
  }

  async start() {
    this.server = http.createServer((request, response) => {
      this.#answer(new URL(request.url, 'http://beacon')).catch(
        (error) => ({ status: 503, body: { code: 503, message: error.message } }),
      ).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.address = `127.0.0.1:${this.server.address().port}`;
  }

  stop() { this.server.closeAllConnections(); }

  async #answer({ pathname, search, searchParams }) {
    if (pathname === '/eth/v1/config/spec') {
      return { status: 200, body: { data: {
        SECONDS_PER_SLOT: String(SLOT_SECONDS), SLOTS_PER_EPOCH: '32' } } };
    }
    const [, path, slot] = /^(.*\/)(\d+)$/.exec(pathname) ?? [];
    if (path === '/eth/v2/beacon/blocks/') return this.#block(Number(slot));
    if (path === '/eth/v1/beacon/blobs/') {
      return this.#blobs(Number(slot), searchParams.getAll('versioned_hashes')
        .flatMap((text) => text.split(',')));
    }
    return this.#pass(pathname + search);
  }

  /// anvil's own answer.
  async #pass(target) {
    const answer = await fetch(`http://${this.anvil.address}${target}`);
    return { status: answer.status, body: await answer.json() };
  }

  /// The block of a slot, found by its time; with its blob hashes.
  async #blockAt(slot) {
    const time = this.anvil.genesis + slot * SLOT_SECONDS;
    let low = 0;
    let high = await this.anvil.height();
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const block = await this.anvil.block(middle);
      if (block === null || Number(block.timestamp) >= time) high = middle;
      else low = middle + 1;
    }
    const block = await this.anvil.rpc.result('eth_getBlockByNumber',
                                              ['0x' + low.toString(16), true]);
    if (block === null || Number(block.timestamp) !== time) {
      ++this.counts.unknownSlot;
      return undefined;
    }
    const hashes = block.transactions.flatMap((one) => one.blobVersionedHashes ?? []);
    return { number: low, block, hashes };
  }

  async #block(slot) {
    const found = await this.#blockAt(slot);
    if (!found) return { status: 404, body: { code: 404, message: 'no block in this slot' } };
    const { block, hashes } = found;
    const commitments = hashes.map((hash) => this.blobs.get(hash).commitment);
    return { status: 200, body: { version: 'electra', data: { message: {
      slot: String(slot),
      body: { blob_kzg_commitments: commitments,
              execution_payload: { block_number: String(Number(block.number)),
                                   block_hash: block.hash } } } } } };
  }

  /// The Beacon API repeats `versioned_hashes` for each hash; of those anvil reads the last one
  /// alone, but it takes a list with commas.
  async #blobs(slot, wanted) {
    const found = await this.#blockAt(slot);
    if (!found) return { status: 404, body: { code: 404, message: 'no block in this slot' } };
    const filter = wanted.length > 0 ? `?versioned_hashes=${wanted.join(',')}` : '';
    const own = await this.#pass(`/eth/v1/beacon/blobs/${found.number}${filter}`);
    if (own.status === 200 && own.body.data?.length > 0) {
      ++this.counts.anvil;
      return own;
    }
    const hashes = found.hashes.filter((hash) => wanted.length === 0 || wanted.includes(hash));
    ++this.counts.kept;
    return { status: 200, body: { data: hashes.map((hash) => this.blobs.get(hash).blob) } };
  }
}
