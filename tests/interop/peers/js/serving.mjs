// What a peer serves, and the rate limit of the deployed nodes: 8 requests per 10 s, peer and
// protocol.
const bytes = (text) => new Uint8Array(Buffer.from(text ?? '', 'base64'));

function leading64(raw, at) {
  return new DataView(raw.buffer, raw.byteOffset).getBigUint64(at, true);
}

export class Served {
  constructor({ head, commitments, txlists, rate }) {
    this.head = head ? bytes(head) : new Uint8Array(64);
    this.commitments = (commitments ?? [])
      .map(bytes)
      .sort((a, b) => (leading64(a, 1) < leading64(b, 1) ? -1 : 1));
    this.txlists = new Map(
      (txlists ?? [])
        .map(bytes)
        .map((raw) => [Buffer.from(raw.subarray(0, 32)).toString('hex'), raw]),
    );
    this.rate = rate ?? 8;
    this.windows = new Map();
  }

  admits(peer, protocol) {
    const key = `${peer} ${protocol}`;
    const now = performance.now();
    let window = this.windows.get(key);
    if (window === undefined || now - window.begin >= 10_000) window = { begin: now, count: 0 };
    window.count += 1;
    this.windows.set(key, window);
    return window.count <= this.rate;
  }

  answer(protocol, request) {
    if (protocol === 'get_head') {
      const ok = Buffer.from(request).equals(Buffer.from([4, 0, 0, 0]));
      return ok ? this.head : undefined;
    }
    if (protocol === 'get_commitments_by_number') {
      if (request.length !== 36) return undefined;
      const start = leading64(request, 0);
      const count = Math.min(
        256,
        new DataView(request.buffer, request.byteOffset).getUint32(32, true),
      );
      const found = this.commitments.filter((raw) => leading64(raw, 1) >= start).slice(0, count);
      return new Uint8Array(Buffer.concat([Buffer.from([4, 0, 0, 0]), ...found]));
    }
    if (request.length !== 32) return undefined;
    const empty = () => new Uint8Array(Buffer.concat([request, Buffer.from([36, 0, 0, 0])]));
    return this.txlists.get(Buffer.from(request).toString('hex')) ?? empty();
  }
}
