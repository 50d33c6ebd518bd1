// Writes l1_headers.json: headers as an execution node's JSON-RPC shows them, one of each fork.
//   node l1_headers.mjs ANVIL > l1_headers.json        (ANVIL: Foundry's program; needs ethers)
// The hashes are those of anvil, and mainnet's first one; ethers computes each of them again
// before it is written. Blocks 1 and 2 of each fork have logs, so their blooms are not empty.
import { spawn } from 'node:child_process';
import { encodeRlp, keccak256, toBeArray } from 'ethers';

const FORKS = ['london', 'shanghai', 'cancun', 'prague'];  // Paris and Osaka add no field
const PORT = 18745;

/// Fields of the header in their order; a quantity is written without leading zeros.
const FIELDS = [['parentHash'], ['sha3Uncles'], ['miner'], ['stateRoot'], ['transactionsRoot'],
  ['receiptsRoot'], ['logsBloom'], ['difficulty', 1], ['number', 1], ['gasLimit', 1],
  ['gasUsed', 1], ['timestamp', 1], ['extraData'], ['mixHash'], ['nonce'], ['baseFeePerGas', 1],
  ['withdrawalsRoot'], ['blobGasUsed', 1], ['excessBlobGas', 1], ['parentBeaconBlockRoot'],
  ['requestsHash']];
function hashOf(block) {
  const items = FIELDS.filter(([name]) => block[name] != null)
    .map(([name, isQuantity]) => (isQuantity ? toBeArray(block[name]) : block[name]));
  return keccak256(encodeRlp(items));
}

const zeros = (bytes) => '0x' + '00'.repeat(bytes);
const EMPTY_OMMERS = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347';
const EMPTY_ROOT = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';
const mainnet = [{
  number: '0x0', hash: '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3',
  parentHash: zeros(32), sha3Uncles: EMPTY_OMMERS, miner: zeros(20),
  stateRoot: '0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544',
  transactionsRoot: EMPTY_ROOT, receiptsRoot: EMPTY_ROOT, logsBloom: zeros(256),
  difficulty: '0x400000000', gasLimit: '0x1388', gasUsed: '0x0', timestamp: '0x0',
  extraData: '0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa',
  mixHash: zeros(32), nonce: '0x0000000000000042',
}];

async function rpc(method, params) {
  const answer = await fetch(`http://127.0.0.1:${PORT}`, { method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
  const { result, error } = await answer.json();
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}

async function blocksOf(fork) {
  const anvil = spawn(process.argv[2], ['--port', PORT, '--hardfork', fork, '--timestamp',
    '1700000000', '--no-mining']);
  try {
    for await (const text of anvil.stdout) if (String(text).includes('Listening on')) break;
    const [from] = await rpc('eth_accounts', []);
    const out = [];
    for (const number of ['0x0', '0x1', '0x2']) {
      if (number !== '0x0') {
        // LOG2 of no data with the topics CALLER and NUMBER.
        await rpc('eth_sendTransaction', [{ from, gas: '0x100000', data: '0x43335f5fa2'
          .replaceAll('5f', '6000') }]);
        await rpc('evm_mine', [1_700_000_000 + 12 * Number(number)]);
      }
      out.push({ fork, header: await rpc('eth_getBlockByNumber', [number, false]),
        logs: await rpc('eth_getLogs', [{ fromBlock: number, toBlock: number }]) });
    }
    return out;
  } finally {
    anvil.kill();
    await new Promise((ended) => { anvil.once('close', ended); });
  }
}

const vectors = mainnet.map((header) => ({ fork: 'frontier', header, logs: [] }));
for (const fork of FORKS) vectors.push(...await blocksOf(fork));
for (const { fork, header } of vectors) {
  if (hashOf(header) !== header.hash) throw new Error(`${fork} ${header.number}: ${hashOf(header)}`);
}
console.log(JSON.stringify(vectors, null, 1));
