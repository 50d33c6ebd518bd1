// Transactions to L1: blobs with real KZG commitments and proofs, signed here, sent raw.
import { hexlify, SigningKey, computeAddress, sha256, Transaction } from 'ethers';
import { INBOX } from './inbox.mjs';
import { Kzg } from './kzg.mjs';

export const L1_CHAIN_ID = 31337;
/// Accounts 0 to 2 of anvil's well-known mnemonic.
const KEYS = [
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
].map((key) => new SigningKey(key));
const GWEI = 1_000_000_000n;

export class Sender {
  constructor(anvil) {
    this.anvil = anvil;
    this.kzg = new Kzg();
    /// versioned hash -> { blob, commitment }: all that was ever sent.
    this.blobs = new Map();
    /// address -> transactions that wait for the next block
    this.nonces = new Map();
  }

  /// Nonces are those of L1's head, plus what waits for its next block.
  async #nonce(address) {
    const mined = Number(await this.anvil.rpc.result('eth_getTransactionCount',
                                                     [address, 'latest']));
    const waiting = this.nonces.get(address) ?? 0;
    this.nonces.set(address, waiting + 1);
    return mined + waiting;
  }

  /// What was sent is in a block, or was dropped.
  settled() { this.nonces.clear(); }

  async #commit(blob) {
    const { commitment, proof } = await this.kzg.prove(blob);
    const versionedHash = '0x01' + sha256(commitment).slice(4);
    const known = { blob: hexlify(blob), commitment: hexlify(commitment) };
    this.blobs.set(versionedHash, known);
    return { data: blob, commitment: known.commitment, proof: hexlify(proof) };
  }

  /// Signs and sends; returns the raw transaction.
  async send({ account = 0, to, data, blobs = [], gasLimit = 2_000_000 }) {
    const key = KEYS[account];
    const committed = await Promise.all(blobs.map((blob) => this.#commit(blob)));
    const transaction = Transaction.from({
      type: blobs.length > 0 ? 3 : 2, chainId: L1_CHAIN_ID,
      nonce: await this.#nonce(computeAddress(key)), to, data, gasLimit, value: 0,
      maxFeePerGas: 100n * GWEI, maxPriorityFeePerGas: GWEI,
      ...(blobs.length > 0 ? { maxFeePerBlobGas: 1000n * GWEI, blobs: committed } : {}),
    });
    transaction.signature = key.sign(transaction.unsignedHash);
    const raw = transaction.serialized;
    await this.sendRaw(raw);
    return raw;
  }

  sendRaw(raw) { return this.anvil.rpc.result('eth_sendRawTransaction', [raw]); }

  call(name, args, options) {
    return this.send({ to: this.inbox, data: INBOX.encodeFunctionData(name, args), ...options });
  }

  /// A view of the inbox at L1's head.
  async view(name) {
    const data = INBOX.encodeFunctionData(name, []);
    const answer = await this.anvil.rpc.result('eth_call', [{ to: this.inbox, data }, 'latest']);
    return INBOX.decodeFunctionResult(name, answer);
  }

  /// Deploys the inbox in a block of its own.
  async deploy(code, genesis) {
    const args = INBOX.encodeDeploy([genesis]);
    await this.send({ to: null, data: code + args.slice(2), gasLimit: 8_000_000 });
    await this.anvil.mine();
    this.settled();
    const block = await this.anvil.rpc.result('eth_getBlockByNumber', ['latest', false]);
    const receipt = await this.anvil.rpc.result('eth_getTransactionReceipt',
                                                [block.transactions[0]]);
    if (receipt.status !== '0x1') throw new Error('the inbox was not deployed');
    this.inbox = receipt.contractAddress;
  }
}
