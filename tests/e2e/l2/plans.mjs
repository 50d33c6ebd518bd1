// What is to be in L2 blocks: times, gas limits, anchors, and transactions of accounts that the
// devnet's genesis has given money.
import { computeAddress, HDNodeWallet, SigningKey, Transaction } from 'ethers';
import { CHAIN_ID } from '../lib/chain.mjs';
import { gasLimitBounds } from '../lib/header.mjs';

/// Accounts 3 to 6 of the well-known mnemonic; the first ones pay on L1.
const PHRASE = 'test test test test test test test test test test test junk';
const USERS = [3, 4, 5, 6].map((i) => {
  const { privateKey } = HDNodeWallet.fromPhrase(PHRASE, '', `m/44'/60'/0'/0/${i}`);
  return { key: new SigningKey(privateKey), address: computeAddress(privateKey) };
});
const RICH = 2_000_000_000n;  // above the largest base fee
/// Deploys one byte of code: PUSH1 0, PUSH1 0, MSTORE8, PUSH1 1, PUSH1 0, RETURN.
const CREATION = '0x600060005360016000f3';

function signed(user, fields) {
  const transaction = Transaction.from({ chainId: CHAIN_ID, gasLimit: 100_000, ...fields });
  transaction.signature = user.key.sign(transaction.unsignedHash);
  return transaction.serialized;
}

const MADE = {
  transfer: (to, random) => ({ type: 2, to, value: random.bits(50), maxFeePerGas: RICH,
                               maxPriorityFeePerGas: random.between(0, 1000) }),
  legacy: (to, random) => ({ type: 0, to, value: random.bits(50), gasPrice: RICH,
                             data: random.bytes(random.between(0, 40)) }),
  access: (to, random) => ({ type: 1, to, gasPrice: RICH,
                             accessList: [{ address: to, storageKeys: [random.word()] }] }),
  creation: () => ({ type: 2, data: CREATION, maxFeePerGas: RICH, maxPriorityFeePerGas: 0 }),
};
/// What an engine passes over without a word; the sender's nonce stays.
const LEFT_OUT = {
  poor: (to) => ({ type: 2, to, maxFeePerGas: 1, maxPriorityFeePerGas: 0 }),
  elsewhere: (to) => ({ type: 2, to, chainId: CHAIN_ID + 1, maxFeePerGas: RICH,
                        maxPriorityFeePerGas: 0 }),
};

/// `nonces` by address; those of addresses that are not in it are 0. Returns
/// {transactions, included, nonces}.
function transactionsOf(random, nonces) {
  const after = new Map(nonces);
  const transactions = [];
  const included = [];
  for (let i = random.between(0, 4); i > 0; --i) {
    const user = random.pick(USERS);
    const to = random.pick(USERS).address;
    const nonce = after.get(user.address) ?? 0;
    const isLeftOut = random.between(0, 4) === 0;
    const kinds = isLeftOut ? LEFT_OUT : MADE;
    const raw = signed(user, { nonce, ...kinds[random.pick(Object.keys(kinds))](to, random) });
    transactions.push(raw);
    if (isLeftOut) continue;
    included.push(raw);
    after.set(user.address, nonce + 1);
  }
  return { transactions, included, nonces: after };
}

/// `count` plans on `state` {tip, nonces}, for blocks between L1's `head` {number, hash, stateRoot,
/// timestamp}, which is their anchor, and the next one.
export function plansOn(random, state, head, proposalId, count) {
  let parent = state.tip;
  let { nonces } = state;
  return Array.from({ length: count }, () => {
    const { low, high } = gasLimitBounds(parent);
    const later = parent.timestamp > BigInt(head.timestamp) ? parent.timestamp
                                                            : BigInt(head.timestamp);
    const plan = {
      timestamp: later + 1n, coinbase: random.bytes(20), proposalId, gasLimit:
        random.pick([low, high, parent.number === 0n ? high : parent.gasLimit]),
      anchor: { number: Number(head.number), hash: head.hash, stateRoot: head.stateRoot },
      ...transactionsOf(random, nonces),
    };
    parent = { number: parent.number + 1n, gasLimit: plan.gasLimit, timestamp: plan.timestamp };
    ({ nonces } = plan);
    return plan;
  });
}
