// Requests and what must come back.
import { getBytes, hexlify } from 'ethers';
import { signedCommitment } from './commitment.mjs';
import { SLASHER } from './honest.mjs';

export const CODE = {
  parse: -32700, request: -32600, noMethod: -32601, params: -32602,
  commitment: -32001, txList: -32002,
  notSynced: -32003, window: -32004, signer: -32005, lookahead: -32006,
};

/// `height`: the block number committed to, if any. `expect`: {verdict} or {code, reason,
/// message}; a verdict may be a list of those that concurrency allows; with both, either may come.
const request = (method, params, height, expect) => ({ method, params, height, expect });

export const publishBlock = (commitment, list, height, expect) =>
  request('preconf_publishBlock',
          [{ commitment, txListHash: list.hash, txList: list.compressed }], height, expect);

export const publishCommitment = (commitment, height, expect) =>
  request('preconf_publishCommitment', [{ commitment }], height, expect);

/// `expect.isHeld`: it is kept although it is answered with an error.
/// A list has no height: it is judged by itself.
export const publishTxList = (list, expect) =>
  request('preconf_publishTxList', [{ txListHash: list.hash, txList: list.compressed }], null,
          expect);

/// The block's commitment with other fields, signed again.
export function recommit(block, fields, { slasher = SLASHER, signer = block.signer } = {}) {
  return signedCommitment({ ...block.fields, ...fields }, slasher, signer);
}

/// The signed bytes with one byte replaced.
export function withByte(signed, index, change) {
  const bytes = getBytes(signed);
  bytes[index] = change(bytes[index]);
  return hexlify(bytes);
}

/// What is wrong with `answer`; empty when it is as expected. `attempts` > 1: an earlier try may
/// have been taken without an answer, so it may be a duplicate by now.
export function complaint({ expect, height, method }, answer, attempts, boundary) {
  const { result, error } = answer;
  const got = error ? `${error.code} ${error.message} ${JSON.stringify(error.data ?? {})}`
                    : `verdict ${result.verdict}`;
  const want = (text) => `${method} at height ${height}: expected ${text}, got ${got}`;
  const isStale = height !== null && height <= boundary && !expect.stateless;
  if (isStale) {
    const isRight = error?.code === CODE.notSynced && error.data?.reason === 'stale_commitment';
    return isRight ? '' : want(`stale below ${boundary}`);
  }
  if (expect.verdict !== undefined && !(error && expect.code)) {
    const verdicts = [expect.verdict].flat();
    if (attempts > 1) verdicts.push('duplicate');
    return result && verdicts.includes(result.verdict) ? '' : want(verdicts.join(' or '));
  }
  const mayBeKnown = attempts > 1 && (expect.isHeld || method === 'preconf_publishTxList');
  if (mayBeKnown && result?.verdict === 'duplicate') return '';
  if (error?.code !== expect.code) return want(`error ${expect.code}`);
  if (expect.reason && error.data?.reason !== expect.reason) return want(`reason ${expect.reason}`);
  if (expect.message && !error.message.includes(expect.message)) return want(expect.message);
  return '';
}
