// The other side of kzg.mjs.
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';

/// The ceremony's trusted setup is in the package; the one around it names platforms that the
/// registry does not have, which `npm ci` refuses.
const { DasContextJs } =
  createRequire(import.meta.url)('@crate-crypto/node-eth-kzg-linux-x64-gnu');
const kzg = DasContextJs.create({ usePrecomp: false });

parentPort.on('message', (blob) => {
  const commitment = kzg.blobToKzgCommitment(blob);
  parentPort.postMessage({ commitment, proof: kzg.computeBlobKzgProof(blob, commitment) });
});
