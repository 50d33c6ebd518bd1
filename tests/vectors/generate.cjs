// Writes the *.txt files of this folder with independent implementations:
//   npm install ethers@6.17.0 @ethereumjs/mpt@10.1.3 @chainsafe/ssz@1.9.0   (in a scratch folder)
//   NODE_PATH=<scratch folder>/node_modules node generate.cjs
// Deterministic: signatures are RFC 6979, "random" bytes are hashes of a counter.
const fs = require('fs');
const path = require('path');
const zlib = require('zlib');
const crypto = require('crypto');
const ethers = require('ethers');
const {createMPT} = require('@ethereumjs/mpt');
const ssz = require('@chainsafe/ssz');

const versions = `node ${process.version}, ethers ${ethers.version}`;
const hex = (bytes) => (bytes.length === 0 ? '-' : Buffer.from(bytes).toString('hex'));
const bare = (text) => (text === '0x' ? '-' : text.replace(/^0x/, '').toLowerCase());
const bytesOf = (seed, size) => {
  const out = [];
  for (let i = 0; out.length < size; ++i) out.push(...ethers.getBytes(ethers.id(`${seed}/${i}`)));
  return Uint8Array.from(out.slice(0, size));
};
const pattern = (size) => Uint8Array.from({length: size}, (_, i) => (i * 7 + size) & 0xff);
const save = (name, head, rows) => {
  const text = [`# ${head}`, `# Made by generate.cjs: ${versions}.`, ...rows].join('\n') + '\n';
  fs.writeFileSync(path.join(__dirname, name), text);
};

function hashes() {
  const rows = [];
  for (const size of [0, 1, 7, 8, 9, 31, 32, 55, 56, 63, 64, 65, 127, 134, 135, 136, 137, 143, 144,
    271, 272, 273, 300, 1000, 4096]) {
    const data = pattern(size);
    const mac = crypto.createHmac('sha256', pattern(size % 100)).update(data).digest();
    rows.push([size, bare(ethers.keccak256(data)), bare(ethers.sha256(data)), hex(mac)].join(' '));
  }
  save('hashes.txt', 'size of the data (byte i is (7 i + size) mod 256), keccak256, sha256, ' +
    'hmac-sha256 with the data of size mod 100 as key', rows);
}

const key = (n) => new ethers.SigningKey(bytesOf(`key ${n}`, 32));

async function transactions() {
  const list = [
    ['legacy_unprotected', {type: 0, nonce: 0, gasPrice: 1, gasLimit: 21000, to: bytesOf('a', 20),
      value: 1, data: '0x'}],
    ['legacy_protected', {type: 0, chainId: 167001, nonce: 127, gasPrice: 25000000, gasLimit: 128,
      to: bytesOf('b', 20), value: 10n ** 18n, data: bytesOf('d', 4)}],
    ['legacy_creation', {type: 0, chainId: 1, nonce: 128, gasPrice: 2n ** 200n, gasLimit: 9000000,
      to: null, value: 0, data: bytesOf('code', 300)}],
    ['legacy_large_chain', {type: 0, chainId: 2n ** 53n - 1n, nonce: 2n ** 53n - 1n, gasPrice: 0,
      gasLimit: 2n ** 40n, to: bytesOf('c', 20), value: 2n ** 256n - 1n, data: '0x00'}],
    ['access_list_empty', {type: 1, chainId: 167000, nonce: 1, gasPrice: 7, gasLimit: 21000,
      to: bytesOf('d', 20), value: 5, data: '0x', accessList: []}],
    ['access_list', {type: 1, chainId: 167000, nonce: 256, gasPrice: 1000000007, gasLimit: 100000,
      to: bytesOf('e', 20), value: 0, data: '0x7f', accessList: [
        {address: bytesOf('f', 20), storageKeys: [bytesOf('s1', 32), bytesOf('s2', 32)]},
        {address: bytesOf('g', 20), storageKeys: []}]}],
    ['dynamic_fee', {type: 2, chainId: 167013, nonce: 65535, maxPriorityFeePerGas: 1,
      maxFeePerGas: 1000000000, gasLimit: 21000, to: bytesOf('h', 20), value: 1, data: '0x'}],
    ['dynamic_fee_creation', {type: 2, chainId: 1, nonce: 0, maxPriorityFeePerGas: 0,
      maxFeePerGas: 2n ** 255n, gasLimit: 30000000, to: null, value: 0, data: bytesOf('x', 56)}],
    ['dynamic_fee_access_list', {type: 2, chainId: 167001, nonce: 3, maxPriorityFeePerGas: 2,
      maxFeePerGas: 3, gasLimit: 45000000, to: bytesOf('i', 20), value: 0, data: bytesOf('y', 55),
      accessList: [{address: bytesOf('j', 20), storageKeys: [bytesOf('s3', 32)]}]}],
  ];
  const rows = [];
  const raws = [];
  list.forEach(([name, fields], i) => {
    const signer = key(i);
    const tx = ethers.Transaction.from({...fields, to: fields.to && ethers.hexlify(fields.to),
      data: ethers.hexlify(fields.data),
      accessList: (fields.accessList || null) && fields.accessList.map((entry) => ({
        address: ethers.hexlify(entry.address),
        storageKeys: entry.storageKeys.map((slot) => ethers.hexlify(slot))}))});
    tx.signature = signer.sign(tx.unsignedHash);
    const slots = (tx.accessList || []).reduce((sum, entry) => sum + entry.storageKeys.length, 0);
    raws.push(tx.serialized);
    rows.push([name, tx.type, tx.chainId === 0n ? '-' : tx.chainId, tx.nonce,
      bare(ethers.toBeHex(tx.maxFeePerGas ?? tx.gasPrice, 32)),
      bare(ethers.toBeHex(tx.maxPriorityFeePerGas ?? tx.gasPrice, 32)), tx.gasLimit,
      tx.to === null ? '-' : bare(tx.to), bare(ethers.toBeHex(tx.value, 32)),
      ethers.dataLength(tx.data), (tx.accessList || []).length, slots, bare(tx.from), bare(tx.hash),
      bare(tx.unsignedHash), bare(tx.serialized)].join(' '));
  });
  save('transactions.txt', 'name, type, chain id, nonce, max fee, max priority fee, gas limit, to, ' +
    'value, data bytes, access list addresses, slots, sender, hash, signing hash, raw', rows);
  return raws;
}

async function tries() {
  const rows = [];
  for (const size of [1, 29, 40, 300]) {
    for (const count of [0, 1, 2, 3, 16, 17, 126, 127, 128, 129, 130, 255, 256, 257, 300, 1000]) {
      const trie = await createMPT();
      for (let i = 0; i < count; ++i) {
        const value = Uint8Array.from({length: size}, (_, j) => ((i * 31 + j * 3) & 0xff) || 1);
        await trie.put(ethers.getBytes(ethers.encodeRlp(i === 0 ? '0x' : ethers.toBeHex(i))), value);
      }
      rows.push([count, size, hex(trie.root())].join(' '));
    }
  }
  save('tries.txt', 'number of values, bytes of each (byte j of value i is (31 i + 3 j) mod 256, ' +
    'or 1 instead of 0), root; @ethereumjs/mpt 10.1.3', rows);
}

function headers() {
  const number = (value) => (value === 0n ? '0x' : ethers.toBeHex(value));
  const make = (name, h, optional) => {
    const required = [h.parent, ethers.keccak256(ethers.encodeRlp([])), h.beneficiary, h.state,
      h.txs, h.receipts, h.bloom, number(h.difficulty), number(h.number), number(h.gasLimit),
      number(h.gasUsed), number(h.timestamp), h.extra, h.mix, '0x0000000000000000'];
    const rlp = ethers.encodeRlp([...required, ...optional]);
    return [name, bare(h.parent), bare(h.beneficiary), bare(h.state), bare(h.txs), bare(h.receipts),
      bare(h.bloom), bare(ethers.toBeHex(h.difficulty, 32)), h.number, h.gasLimit, h.gasUsed,
      h.timestamp, bare(h.extra), bare(h.mix), h.baseFee, bare(ethers.keccak256(rlp)),
      bare(rlp)].join(' ');
  };
  const empty = ethers.keccak256(ethers.encodeRlp('0x'));
  const fill = (seed, size) => ethers.hexlify(bytesOf(seed, size));
  const base = {parent: fill('parent', 32), beneficiary: fill('coinbase', 20),
    state: fill('state', 32), txs: fill('txs', 32), receipts: fill('receipts', 32),
    bloom: fill('bloom', 256), difficulty: 0n, number: 5000000n, gasLimit: 46000000n,
    gasUsed: 21000n, timestamp: 1775200019n, extra: '0x4b00000000000b', mix: fill('mix', 32),
    baseFee: 25000000n};
  const requests = ethers.sha256('0x');
  const zero = ethers.ZeroHash;
  save('headers.txt', 'Taiko header: name, parent hash, beneficiary, state root, transactions ' +
    'root, receipts root, bloom, difficulty, number, gas limit, gas used, timestamp, extra data, ' +
    'mix hash, base fee, hash, RLP',
  [make('shasta', base, [number(base.baseFee), empty]),
    make('shasta_empty', {...base, txs: empty, receipts: empty, bloom: '0x' + '00'.repeat(256),
      number: 1n, gasUsed: 0n, extra: '0x', timestamp: 127n}, [number(base.baseFee), empty]),
    make('unzen', {...base, difficulty: 123456n},
      [number(base.baseFee), empty, '0x', '0x', zero, requests])]);
}

function commitments() {
  const Uint = new ssz.UintBigintType(32);
  const Root = new ssz.ByteVectorType(32);
  const Addr = new ssz.ByteVectorType(20);
  const Preconfirmation = new ssz.ContainerType({eop: new ssz.BooleanType(), blockNumber: Uint,
    timestamp: Uint, gasLimit: Uint, coinbase: Addr, anchorBlockNumber: Uint, rawTxListHash: Root,
    parentPreconfirmationHash: Root, submissionWindowEnd: Uint, proverAuth: Addr,
    proposalId: Uint});
  const Commitment = new ssz.ContainerType({preconf: Preconfirmation, slasher: Addr});
  const Signed = new ssz.ContainerType({commitment: Commitment,
    signature: new ssz.ByteVectorType(65)});
  const domain = ethers.toUtf8Bytes('TAIKO_PRECONF_DOMAIN_PLACEHOLDER');
  const rows = [];
  for (let i = 0; i < 12; ++i) {
    const preconf = {eop: i % 3 === 0, blockNumber: BigInt(i) * 1000003n + 1n,
      timestamp: 1775200000n + BigInt(i), gasLimit: 46000000n, coinbase: bytesOf(`c${i}`, 20),
      anchorBlockNumber: 2n ** 48n - 1n - BigInt(i),
      rawTxListHash: i === 9 ? new Uint8Array(32) : bytesOf(`t${i}`, 32),
      parentPreconfirmationHash: bytesOf(`p${i}`, 32), submissionWindowEnd: 2n ** 64n - 1n,
      proverAuth: bytesOf(`a${i}`, 20), proposalId: BigInt(i)};
    const commitment = {preconf, slasher: bytesOf(`s${i}`, 20)};
    const content = Commitment.serialize(commitment);
    const digest = ethers.keccak256(ethers.concat([domain, content]));
    const signer = key(100 + i);
    const sig = signer.sign(digest);
    const signature = ethers.getBytes(ethers.concat([sig.r, sig.s, Uint8Array.of(sig.yParity)]));
    const raw = Signed.serialize({commitment, signature});
    rows.push([bare(ethers.computeAddress(signer.publicKey)),
      bare(ethers.keccak256(Preconfirmation.serialize(preconf))), bare(ethers.keccak256(content)),
      bare(digest), bare(ethers.keccak256(raw)), preconf.eop ? 1 : 0, preconf.blockNumber,
      preconf.timestamp, preconf.anchorBlockNumber, preconf.proposalId, hex(raw)].join(' '));
  }
  save('commitments.txt', 'signer, preconfirmation hash, content hash, signing hash, commitment ' +
    'hash, eop, block number, timestamp, anchor block number, proposal id, raw; ' +
    '@chainsafe/ssz 1.9.0', rows);
}

// The containers that nodes exchange, each encoded by @chainsafe/ssz from the values in the row.
function exchanges() {
  const Uint = new ssz.UintBigintType(32);
  const Root = new ssz.ByteVectorType(32);
  const Head = new ssz.ContainerType({blockNumber: Uint, submissionWindowEnd: Uint});
  // A list needs a limit of at least one there; an empty one encodes the same.
  const GetHead = new ssz.ContainerType({empty: new ssz.ByteListType(1)});
  const GetCommitments = new ssz.ContainerType({start: Uint, count: new ssz.UintNumberType(4)});
  const GetTxList = new ssz.ContainerType({hash: Root});
  const TxList = new ssz.ContainerType({hash: Root, txlist: new ssz.ByteListType(2 ** 21)});
  // Commitments have a fixed size, so as byte vectors they encode the same.
  const Commitments = new ssz.ContainerType({
    commitments: new ssz.ListCompositeType(new ssz.ByteVectorType(382), 256)});
  const word = (value) => value.toString(16).padStart(64, '0');
  const numbers = [0n, 1n, 255n, 256n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 256n - 1n];
  const rows = [['get_head_request', '-', '-', hex(GetHead.serialize({empty: new Uint8Array(0)}))]];
  numbers.forEach((blockNumber, i) => {
    const submissionWindowEnd = numbers[(i + 3) % numbers.length];
    rows.push(['preconf_head', word(blockNumber), word(submissionWindowEnd),
      hex(Head.serialize({blockNumber, submissionWindowEnd}))]);
  });
  [0, 1, 64, 256, 257, 2 ** 32 - 1].forEach((count, i) => {
    rows.push(['get_commitments_request', word(numbers[i]), count,
      hex(GetCommitments.serialize({start: numbers[i], count}))]);
  });
  for (let i = 0; i < 3; ++i) {
    const hash = bytesOf(`hash ${i}`, 32);
    rows.push(['get_raw_tx_list_request', hex(hash), '-', hex(GetTxList.serialize({hash}))]);
  }
  for (const size of [0, 1, 36, 300]) {
    const hash = bytesOf(`list ${size}`, 32);
    rows.push(['raw_tx_list', hex(hash), hex(pattern(size)),
      hex(TxList.serialize({hash, txlist: pattern(size)}))]);
  }
  for (const count of [0, 1, 3]) {
    const commitments = [];
    for (let i = 0; i < count; ++i) {
      const bytes = bytesOf(`commitment ${i}`, 382);
      bytes[0] = i % 2;
      commitments.push(bytes);
    }
    rows.push(['commitment_list', count, hex(Buffer.concat(commitments)),
      hex(Commitments.serialize({commitments}))]);
  }
  save('p2p_ssz.txt', 'container, first and second value, encoding; @chainsafe/ssz 1.9.0',
    rows.map((row) => row.join(' ')));
}

function fixedNonce() {
  const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const x1 = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n;
  const x2 = 0xc6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5n;
  const d = 0x92954368afd3caa1f3ce3ead0069c1af414054aefe1ef9aeacc1bf426222ce38n;
  const half = (n + 1n) / 2n;
  const word = (value) => bare(ethers.toBeHex(value, 32));
  const make = (name, e) => {
    let r = x1;
    let s = (e + x1 * d) % n;
    if (s === 0n) {
      r = x2;
      s = ((e + x2 * d) * half) % n;
    }
    const flip = s > n / 2n;
    const signature = {r: '0x' + word(r), s: '0x' + word(flip ? n - s : s), yParity: flip ? 1 : 0};
    if (ethers.recoverAddress('0x' + word(e), signature).toLowerCase() !==
        '0x0000777735367b36bc9b61c50022d9d0700db4ec') throw new Error(name);
    return [name, word(e), bare(signature.r), bare(signature.s), signature.yParity].join(' ');
  };
  const rows = [make('digest_zero', 0n), make('digest_largest', 2n ** 256n - 1n),
    make('digest_order', n), make('digest_order_plus_one', n + 1n),
    make('second_nonce', (n - (x1 * d) % n) % n)];
  for (let i = 0; i < 8; ++i) rows.push(make(`digest_${i}`, BigInt(ethers.id(`digest ${i}`))));
  save('fixed_nonce.txt', 'name, digest, r, s, y parity: golden touch key, k = 1 or, where s would ' +
    'be zero, k = 2', rows);
}

function txlists(raws) {
  const element = (raw) => (parseInt(raw.slice(2, 4), 16) >= 0xc0 ? raw : ethers.encodeRlp(raw));
  const listOf = (items) => {
    const payload = ethers.getBytes(ethers.concat(items.map(element)));
    const size = payload.length;
    const header = size < 56 ? [0xc0 + size] :
      [0xf7 + ethers.getBytes(ethers.toBeHex(size)).length, ...ethers.getBytes(ethers.toBeHex(size))];
    return Buffer.concat([Buffer.from(header), Buffer.from(payload)]);
  };
  const rows = [];
  const cases = [['empty', []], ['one_typed', [raws[6]]], ['one_legacy', [raws[1]]], ['mixed', raws]];
  for (const [name, items] of cases) {
    const rlp = listOf(items);
    for (const level of [0, 1, 6, 9]) {
      const packed = zlib.deflateSync(rlp, {level});
      rows.push([`${name}_level_${level}`, items.length, bare(ethers.keccak256(packed)),
        bare(ethers.keccak256(rlp)), rlp.length, hex(packed)].join(' '));
    }
  }
  save('txlists.txt', 'name, transactions, keccak256 of the stream, keccak256 of the list, bytes ' +
    `of the list, zlib stream; zlib ${process.versions.zlib}`, rows);
}

async function main() {
  hashes();
  headers();
  commitments();
  exchanges();
  fixedNonce();
  await tries();
  txlists(await transactions());
}
main();
