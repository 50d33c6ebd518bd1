// Independent computation of the simulated devnet's genesis and first block, with npm's ethers and
// @ethereumjs/trie. Its output is the expectation in tests/node/devnet_engine_chain_test.cpp.
//
//   npm i ethers @ethereumjs/trie@6 && node devnet_blocks.mjs
import { Trie } from '@ethereumjs/trie';
import { concat, decodeRlp, encodeRlp, getBytes, hexlify, keccak256, sha256, toBeHex,
         toUtf8Bytes, Wallet, AbiCoder } from 'ethers';

const ZERO32 = '0x' + '00'.repeat(32);
const EMPTY_OMMERS = keccak256(encodeRlp([]));
const EMPTY_ROOT = keccak256(encodeRlp('0x'));
const EMPTY_REQUESTS = sha256('0x');
const BLOOM = '0x' + '00'.repeat(256);
const number = (n) => (BigInt(n) === 0n ? '0x' : toBeHex(BigInt(n)));

const headerRlp = (h) => encodeRlp([
  h.parent, EMPTY_OMMERS, h.coinbase, h.stateRoot, h.txRoot, h.receiptRoot, BLOOM,
  number(h.difficulty), number(h.number), number(h.gasLimit), number(h.gasUsed),
  number(h.timestamp), h.extra, h.mix, '0x0000000000000000', number(h.baseFee), EMPTY_ROOT,
  number(0), number(0), ZERO32, EMPTY_REQUESTS]);

async function orderedRoot(values) {
  const trie = new Trie();
  for (let i = 0; i < values.length; i++) {
    await trie.put(getBytes(encodeRlp(number(i))), getBytes(values[i]));
  }
  return hexlify(trie.root());
}

const genesis = {
  parent: ZERO32, coinbase: '0x' + '00'.repeat(20),
  stateRoot: keccak256(concat([toUtf8Bytes('preconf simulated genesis state'), toBeHex(167001, 8)])),
  txRoot: EMPTY_ROOT, receiptRoot: EMPTY_ROOT, difficulty: 0, number: 0, gasLimit: 15_000_000,
  gasUsed: 0, timestamp: 0, extra: '0x', mix: ZERO32, baseFee: 10_000_000,
};
const genesisHash = keccak256(headerRlp(genesis));

// The worked anchor transaction of the derivation reference: chain 167001, nonce 0, base fee
// 25,000,000, L1 block 12345678.
const anchorCall = '523e6854' + '00bc614e'.padStart(64, '0') + '11'.repeat(32) + '22'.repeat(32);
const anchor = '0x02f8cf83028c59808084017d7840830f424094167001000000000000000000000000000001000180b864' +
  anchorCall + 'c080a079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798' +
  'a002b8901e02f740e7115f24ec42dfbee6286d3b09f624bd9e9bc8b873b5a81eb9';
const to = '0x5050a4f4b3f9338c3472dcc01a87c76a144b3c9c';
const wallet = new Wallet('0x' + '01'.repeat(32));
const transfer = await wallet.signTransaction({
  type: 2, chainId: 167001, nonce: 7, maxFeePerGas: 50_000_000, maxPriorityFeePerGas: 1_000_000,
  gasLimit: 21_000, to, value: 12345 });
const legacy = await wallet.signTransaction({
  type: 0, chainId: 167001, nonce: 8, gasPrice: 25_000_000, gasLimit: 30_000, to, value: 1,
  data: '0x00ff00ff' });
const txs = [anchor, transfer, legacy];

const callBytes = getBytes('0x' + anchorCall);
const dataGas = (bytes) => bytes.reduce((gas, b) => gas + (b === 0 ? 4 : 16), 0);
const gas = [21000 + dataGas(callBytes), 21000, 21000 + dataGas(getBytes('0x00ff00ff'))];
let cumulative = 0;
const receipts = gas.map((used, i) => {
  cumulative += used;
  const body = encodeRlp([number(1), number(cumulative), BLOOM, []]);
  return i === 2 ? body : concat(['0x02', body]);
});
const first = {
  parent: genesisHash, coinbase: '0x00000000000000000000000000000000000000c0',
  stateRoot: keccak256(concat([genesis.stateRoot, ...txs.map((raw) => keccak256(raw))])),
  txRoot: await orderedRoot(txs), receiptRoot: await orderedRoot(receipts),
  difficulty: txs.length * 243_000 + cumulative, number: 1, gasLimit: 16_000_000,
  gasUsed: cumulative, timestamp: 1_700_000_000, extra: '0x4b000000000001',
  mix: keccak256(AbiCoder.defaultAbiCoder().encode(['bytes32', 'uint256'], [ZERO32, 1])),
  baseFee: 25_000_000,
};
// A legacy transaction is a list element, typed ones are strings.
const txList = encodeRlp([anchor, transfer, decodeRlp(legacy)]);
const id = sha256(concat([genesisHash, toBeHex(first.timestamp, 8), first.mix, first.coinbase,
  '0xc0', keccak256(txList), first.extra]));

console.log('genesis hash  ', genesisHash);
console.log('transfer      ', transfer);
console.log('legacy        ', legacy);
console.log('tx list       ', txList);
console.log('payload id    ', '0x02' + id.slice(4, 18));
console.log('gas used      ', cumulative, 'difficulty', first.difficulty);
console.log('tx root       ', first.txRoot);
console.log('receipts root ', first.receiptRoot);
console.log('state root    ', first.stateRoot);
console.log('block 1 hash  ', keccak256(headerRlp(first)));
