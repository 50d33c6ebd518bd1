// What users send: transactions of every type a block may hold, and some that no engine includes.
import { computeAddress, SigningKey, toBeHex, Transaction } from 'ethers';
import { CHAIN_ID } from './chain.mjs';

const USERS = ['0x' + '0a'.repeat(32), '0x' + '0b'.repeat(32)].map((key) => new SigningKey(key));
const RICH = 2_000_000_000n;  // above the largest base fee

function fieldsOf(kind, random) {
  const to = computeAddress(random.pick(USERS));
  const data = random.bytes(random.between(0, 40));
  switch (kind) {
    case 'legacy': return { type: 0, chainId: CHAIN_ID, gasPrice: RICH, to, data };
    case 'before EIP-155': return { type: 0, chainId: 0, gasPrice: RICH, to };
    case 'access list': return { type: 1, chainId: CHAIN_ID, gasPrice: RICH, to, data,
      accessList: [{ address: to, storageKeys: [random.word(), random.word()] }] };
    case 'fee market': return { type: 2, chainId: CHAIN_ID, maxFeePerGas: RICH,
      maxPriorityFeePerGas: random.between(0, 1000), to, data };
    case 'creation': return { type: 2, chainId: CHAIN_ID, maxFeePerGas: RICH,
      maxPriorityFeePerGas: 0, data: random.bytes(random.between(33, 90)) };
    case 'too poor': return { type: 2, chainId: CHAIN_ID, maxFeePerGas: 1,
      maxPriorityFeePerGas: 0, to };
    case 'other chain': return { type: 2, chainId: CHAIN_ID + 1, maxFeePerGas: RICH,
      maxPriorityFeePerGas: 0, to };
    default: throw new Error(kind);
  }
}
const KINDS = ['legacy', 'before EIP-155', 'access list', 'fee market', 'creation', 'too poor',
               'other chain'];

/// A signed transaction in EIP-2718 form, as hex.
function userTransaction(random) {
  const transaction = Transaction.from({
    ...fieldsOf(random.pick(KINDS), random), nonce: random.between(0, 1000),
    gasLimit: random.between(150_000, 400_000), value: random.bits(60) });
  transaction.signature = random.pick(USERS).sign(transaction.unsignedHash);
  return transaction.serialized;
}

/// A transaction that uses much gas and little space on the wire: an access list (EIP-2930) of
/// `keys` storage keys, 1,900 gas each.
export function heavyTransaction(random, keys) {
  const address = computeAddress(random.pick(USERS));
  const storageKeys = Array.from({ length: keys }, (_, i) => toBeHex(i, 32));
  const transaction = Transaction.from({
    type: 2, chainId: CHAIN_ID, maxFeePerGas: RICH, maxPriorityFeePerGas: 0, to: address,
    nonce: random.between(0, 1000), gasLimit: 50_000 + 1_900 * keys,
    accessList: [{ address, storageKeys }] });
  transaction.signature = random.pick(USERS).sign(transaction.unsignedHash);
  return transaction.serialized;
}

export function userTransactions(random, count) {
  return Array.from({ length: count }, () => userTransaction(random));
}
