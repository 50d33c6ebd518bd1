// Payloads in EIP-4844 blobs (OP-stack blob encoding, version 0).
export const BLOB_BYTES = 131072;
export const PAYLOAD_MAX = 130044;

/// Positions of a round's payload: four bodies, and the byte behind each of the first three.
function roundAt(index) {
  const start = index === 0 ? 0 : 123 + (index - 1) * 127;
  const first = index === 0 ? 27 : 31;
  return { start, bodies: [[start, first], [start + first + 1, 31], [start + first + 33, 31],
                           [start + first + 65, 31]],
           extra: [start + first, start + first + 32, start + first + 64] };
}
const roundsOf = (length) => (length <= 123 ? 1 : 1 + Math.ceil((length - 123) / 127));

export function encodeBlob(payload) {
  if (payload.length > PAYLOAD_MAX) throw new Error('payload does not fit');
  const rounds = roundsOf(payload.length);
  const input = new Uint8Array(123 + (rounds - 1) * 127);
  input.set(payload);
  const blob = new Uint8Array(BLOB_BYTES);
  for (let round = 0; round < rounds; ++round) {
    const { bodies, extra } = roundAt(round);
    const element = (i) => (4 * round + i) * 32;
    bodies.forEach(([from, size], i) => {
      blob.set(input.subarray(from, from + size), element(i) + 32 - size);
    });
    const [x, y, z] = extra.map((at) => input[at]);
    blob[element(0)] = x % 64;
    blob[element(1)] = (y % 16) + 16 * Math.floor(x / 64);
    blob[element(2)] = z % 64;
    blob[element(3)] = 16 * Math.floor(z / 64) + Math.floor(y / 16);
  }
  blob.set([payload.length >> 16, (payload.length >> 8) & 255, payload.length & 255], 2);
  return blob;
}

/// The payload, or undefined when the blob is none.
export function decodeBlob(blob) {
  const length = blob[2] * 65536 + blob[3] * 256 + blob[4];
  if (blob[1] !== 0 || length > PAYLOAD_MAX) return undefined;
  const rounds = roundsOf(length);
  const output = new Uint8Array(123 + (rounds - 1) * 127);
  for (let round = 0; round < rounds; ++round) {
    const { bodies, extra } = roundAt(round);
    const element = (i) => (4 * round + i) * 32;
    const head = [0, 1, 2, 3].map((i) => blob[element(i)]);
    if (head.some((byte, i) => byte > 63 && (round > 0 || i > 0))) return undefined;
    bodies.forEach(([to, size], i) => {
      output.set(blob.subarray(element(i) + 32 - size, element(i) + 32), to);
    });
    output[extra[0]] = (head[0] % 64) + 64 * (Math.floor(head[1] / 16) % 4);
    output[extra[1]] = (head[1] % 16) + 16 * (head[3] % 16);
    output[extra[2]] = (head[2] % 64) + 64 * (Math.floor(head[3] / 16) % 4);
  }
  const isZero = (bytes) => bytes.every((byte) => byte === 0);
  if (!isZero(output.subarray(length)) || !isZero(blob.subarray(rounds * 128))) return undefined;
  return output.slice(0, length);
}

/// [[position, hex], ...]: what is not zero, with short gaps kept, so that a reader sees something.
export function sparse(blob) {
  const runs = [];
  for (let at = 0; at < blob.length; ++at) {
    if (blob[at] === 0) continue;
    let end = at + 1;
    for (let next = end; next < blob.length && next < end + 64; ++next) {
      if (blob[next] !== 0) end = next + 1;
    }
    runs.push([at, Buffer.from(blob.subarray(at, end)).toString('hex')]);
    at = end;
  }
  return runs;
}
