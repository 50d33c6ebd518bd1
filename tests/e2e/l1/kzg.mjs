// KZG commitments and proofs (EIP-4844), computed on a thread of their own: reading the ceremony's
// setup takes seconds, which the compiler and anvil need, too.
import { Worker } from 'node:worker_threads';

export class Kzg {
  #waiting = [];

  constructor() {
    this.worker = new Worker(new URL('./kzg_worker.mjs', import.meta.url));
    this.worker.on('message', (answer) => this.#waiting.shift().resolve(answer));
    this.worker.on('error', (error) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
    this.worker.unref();
  }

  /// { commitment, proof } of a blob. Answers come in the order of the questions.
  prove(blob) {
    const answer = new Promise((resolve, reject) => { this.#waiting.push({ resolve, reject }); });
    this.worker.ref();
    this.worker.postMessage(blob);
    return answer.finally(() => {
      if (this.#waiting.length === 0) this.worker.unref();
    });
  }
}
