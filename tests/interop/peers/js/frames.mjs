// One length-prefixed frame over a libp2p stream, each way.
import * as varint from 'uint8-varint';
import { concat } from 'uint8arrays/concat';

const plain = (data) => (data instanceof Uint8Array ? data : data.subarray());

/// Resolves to the body of the first frame. Rejects when the stream ends before it, when the length
/// is no varint of at most 5 bytes, or when it is over `cap`.
export function readFrame(stream, cap) {
  return new Promise((resolve, reject) => {
    let buffer = new Uint8Array(0);
    const done = (settle, value) => {
      stream.removeEventListener('message', take);
      settle(value);
    };
    const check = () => {
      const end = buffer.findIndex((byte) => byte < 0x80);
      if (end < 0 && buffer.length >= 5) return done(reject, new Error('length of over 5 bytes'));
      if (end < 0) return undefined;
      const size = varint.decode(buffer);
      if (size > cap) return done(reject, new Error(`frame of ${size} bytes`));
      if (buffer.length < end + 1 + size) return undefined;
      return done(resolve, buffer.subarray(end + 1, end + 1 + size));
    };
    const take = ({ data }) => {
      buffer = concat([buffer, plain(data)]);
      check();
    };
    stream.addEventListener('message', take);
    stream.addEventListener('remoteCloseWrite', () => reject(new Error('ended within a frame')));
    stream.addEventListener('close', ({ error }) => reject(error ?? new Error('closed')));
  });
}

export async function writeFrame(stream, body) {
  const frame = concat([varint.encode(body.length), body]);
  // send() says whether there is room for more; what does not fit waits for the window.
  const slice = 65_536;
  for (let at = 0; at < frame.length; at += slice) {
    if (!stream.send(frame.subarray(at, at + slice))) await stream.onDrain();
  }
}
