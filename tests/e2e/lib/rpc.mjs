// JSON-RPC over HTTP and WebSocket. A connection that ends without an answer is a ConnectionLost;
// an answer is whatever the other side said, error or result.
import { createHmac } from 'node:crypto';
import http from 'node:http';
import WebSocket from 'ws';
import { getBytes } from 'ethers';

export class ConnectionLost extends Error {}

/// Rejects when `promise` takes longer than `ms`; `what` says what was waited for.
export function withDeadline(promise, ms, what) {
  let timer;
  const expired = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${ms} ms`)), ms);
  });
  return Promise.race([promise, expired]).finally(() => clearTimeout(timer));
}

/// HS256 with an iat claim, as the Engine API wants it.
function bearer(secret) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iat })}`;
  const mac = createHmac('sha256', getBytes(secret)).update(text).digest('base64url');
  return `Bearer ${text}.${mac}`;
}

export class HttpRpc {
  #agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  #id = 0;

  /// `address`: HOST:PORT; `jwtSecret`: hex, for an engine's auth port; `patience`: for one answer,
  /// in milliseconds.
  constructor(address, jwtSecret, patience = 30_000) {
    [this.host, this.port] = address.split(':');
    this.jwtSecret = jwtSecret;
    this.patience = patience;
  }

  /// The answer, {result} or {error}. `onSent` runs when the request has gone to the system.
  call(method, params = [], onSent = () => {}) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: ++this.#id, method, params });
    return this.post(body, onSent);
  }

  /// Like call, with a body that need not be JSON.
  post(body, onSent = () => {}) {
    return withDeadline(this.#exchange(body, onSent), this.patience,
                        `answer to ${body.slice(0, 80)}`);
  }

  #exchange(body, onSent) {
    return new Promise((resolve, reject) => {
      const lost = (error) => reject(new ConnectionLost(error?.message ?? 'closed'));
      const headers = { 'content-type': 'application/json',
                        'content-length': Buffer.byteLength(body) };
      if (this.jwtSecret) headers.authorization = bearer(this.jwtSecret);
      const request = http.request(
        { host: this.host, port: this.port, method: 'POST', path: '/', agent: this.#agent,
          headers },
        (response) => {
          const chunks = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('error', lost);
          response.on('aborted', lost);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            try {
              resolve(JSON.parse(text));
            } catch {
              reject(new Error(`HTTP ${response.statusCode}, not JSON: ${text.slice(0, 200)}`));
            }
          });
        });
      request.on('error', lost);
      request.on('finish', onSent);
      request.end(body);
    });
  }

  /// The result; an error answer throws.
  async result(method, params = []) {
    const answer = await this.call(method, params);
    if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }

  close() {
    this.#agent.destroy();
  }
}

/// Subscribes to `topics`; `onNotice(topic, result)` gets each notification, in order. Resolves
/// when all are subscribed.
export async function subscribe(address, topics, onNotice) {
  const socket = new WebSocket(`ws://${address}/`);
  const topicOf = new Map();
  const replies = new Map();
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString());
    if (message.id !== undefined) {
      replies.get(message.id)(message);
    } else {
      onNotice(topicOf.get(message.params.subscription), message.params.result);
    }
  });
  const opened = new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', (error) => reject(new ConnectionLost(error.message)));
    socket.on('close', () => reject(new ConnectionLost('closed')));
  });
  await withDeadline(opened, 10_000, 'WebSocket');
  for (const [i, topic] of topics.entries()) {
    const answer = new Promise((resolve, reject) => {
      replies.set(i, resolve);
      socket.once('close', () => reject(new ConnectionLost('closed')));
    });
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: i, method: 'preconf_subscribe',
                                 params: [topic] }));
    const { result, error } = await withDeadline(answer, 10_000, 'subscription');
    if (error) throw new Error(`preconf_subscribe ${topic}: ${JSON.stringify(error)}`);
    topicOf.set(result, topic);
  }
  return socket;
}
