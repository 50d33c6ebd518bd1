// Attackers below the secure channel: plain sockets. Each resolves when the peer has ended the
// connection, and rejects when it has not done so within the deadline.
import { createConnection } from 'node:net';
import { randomBytes } from 'node:crypto';

import { onDeadline } from '../../lib/deadline.mjs';

const frame = (text) => Buffer.concat([Buffer.from([text.length + 1]), Buffer.from(`${text}\n`)]);
const HEADER = frame('/multistream/1.0.0');
const NOISE = frame('/noise');

export function portOf(addr) {
  return Number(/\/tcp\/(\d+)/.exec(addr)[1]);
}

/// Connects, writes `bytes`, and waits for the other side to end or reset the connection.
export function shout(addr, bytes, { deadline = 30_000, drip = false } = {}) {
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const socket = createConnection({ host: '127.0.0.1', port: portOf(addr) });
    const cancel = onDeadline(deadline, () => {
      socket.destroy();
      reject(new Error(`connection still open after ${deadline} ms`));
    });
    let at = 0;
    // One byte for each one that the system has taken: slow in packets, not in time.
    const next = () => {
      if (at < bytes.length && !socket.destroyed) socket.write(bytes.subarray(at, ++at), next);
    };
    socket.on('connect', () => {
      socket.setNoDelay(true);
      if (drip) next();
      else if (bytes.length > 0) socket.write(bytes);
    });
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('close', () => {
      cancel();
      resolve(Math.round(performance.now() - begin));
    });
  });
}

/// [name, bytes]: what a stranger may send before anything is secret.
export function shouts() {
  return [
    ['random bytes', randomBytes(4096)],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    [
      'multistream length of 16 KiB',
      Buffer.concat([Buffer.from([0xff, 0x7f]), randomBytes(16_383)]),
    ],
    ['multistream length of ten bytes', Buffer.alloc(10, 0xff)],
    [
      'an unknown protocol, again and again',
      Buffer.concat([HEADER, ...Array.from({ length: 4000 }, () => frame('/tls/1.0.0'))]),
    ],
    [
      'noise: random first message',
      Buffer.concat([
        HEADER,
        NOISE,
        Buffer.from([0, 32]),
        Buffer.alloc(32),
        Buffer.from([0, 200]),
        randomBytes(200),
      ]),
    ],
    [
      'noise: first message with a payload',
      Buffer.concat([HEADER, NOISE, Buffer.from([0, 96]), randomBytes(96)]),
    ],
    ['noise: empty first message', Buffer.concat([HEADER, NOISE, Buffer.from([0, 0])])],
    [
      'noise: first message of 64 KiB',
      Buffer.concat([HEADER, NOISE, Buffer.from([0xff, 0xff]), randomBytes(65_535)]),
    ],
  ];
}

/// What a stranger may leave unfinished: the peer must give up by itself.
export function silences() {
  return [
    ['nothing', Buffer.alloc(0)],
    ['half a multistream header', HEADER.subarray(0, 7)],
    ['no noise message', Buffer.concat([HEADER, NOISE])],
    [
      'half a noise message',
      Buffer.concat([HEADER, NOISE, Buffer.from([0, 32]), Buffer.alloc(16)]),
    ],
  ];
}
