// This client against the vectors of the protocol pages: were it wrong, nothing it says about the
// node would count.
import assert from 'node:assert/strict';
import { computeAddress, concat, hexlify, keccak256, Transaction } from 'ethers';
import { commitmentHash, malleate, preconfHash, preconfirmation, signedCommitment, signerOf,
         signingHash } from './commitment.mjs';
import { baseFeeAfter, extraData, gasLimitBounds, mixHash, payloadId } from './header.mjs';
import { genesis, makeBlock } from './chain.mjs';
import { anchorTransaction, compress, encodeList, GOLDEN_TOUCH, txList } from './txlist.mjs';
import { orderedRoot } from './trie.mjs';

const bytes = (byte, count) => '0x' + byte.repeat(count);
const SECRET = bytes('01', 32);

function commitments() {
  assert.equal(computeAddress(SECRET).toLowerCase(), '0x1a642f0e3c3af545e7acbd38b07251b3990914f1');
  assert.equal(preconfHash(preconfirmation()),
    '0x208e54a8f48eda5e6c8abc9109dd424449a2d3534c0a0fe0c54c0c355569284d');
  const a = { eop: true, blockNumber: 1, timestamp: 100, submissionWindowEnd: 200 };
  assert.equal(preconfHash(preconfirmation(a)),
    '0xd7f8d37512cf0e36dd421aff0a73d6ec568141a774e06d54566fe842c1e3fa8f');
  const signed = signedCommitment(a, bytes('00', 20), SECRET);
  assert.equal(signed.length, 2 + 2 * 382);
  assert.equal('0x' + signed.slice(-130),
    '0xe0b7bd7e4b84d8132abc3d3ed8f50e91c9f604effc6bc0cbadee6b9b' +
    '748097ef75c60f5b6d3a9a835af7206633e59f7891876fcf1f926465105257362b4a16c101');
  assert.equal(commitmentHash(signed),
    '0xcd9265e908621a2e956e275d71425cb54e36d186c5d86cdff536c8aaa1a89289');
  assert.equal(signerOf(signed), computeAddress(SECRET));
  assert.notEqual(malleate(signed), signed);
  const b = { blockNumber: 1, timestamp: 2, gasLimit: 3, anchorBlockNumber: 4,
    rawTxListHash: bytes('01', 32), parentPreconfirmationHash: bytes('02', 32),
    submissionWindowEnd: 5, proverAuth: bytes('03', 20), proposalId: 6 };
  assert.equal(preconfHash(preconfirmation(b)),
    '0x50b482774130cb78613c8df21212a69a5c11d1eef07f2747fe4753661e4072d6');
  assert.equal(signingHash({ preconf: preconfirmation(b),
                             slasherAddress: new Uint8Array(20).fill(9) }),
    '0xb6ac8179d56980777268aacd2a9ed3da614c578b90c943a669bf37d5e16afa11');
}

function transactionLists() {
  assert.equal(encodeList([]), '0xc0');
  assert.equal(compress('0xc0'), '0x789c3b000000c100c1');
  assert.equal(txList([]).hash,
    '0xc3a2d9c4988bb42f12341f86c970553e183e3832a8c1961ded5498c7c89b2003');
  const raw = anchorTransaction({ chainId: 167001, nonce: 0, baseFee: 25_000_000,
    anchor: { number: 12345678, hash: bytes('11', 32), stateRoot: bytes('22', 32) } });
  const anchor = Transaction.from(raw);
  assert.equal(anchor.hash, '0x4defc52092a538a458d7872dbe182e863494124e061a9fb127b7f99a84d6b77b');
  assert.equal(anchor.from, GOLDEN_TOUCH);
  const list = txList([raw]);
  assert.equal(list.rlp, concat(['0xf8d4b8d2', raw]));
  assert.equal(list.rlpHash,
    '0x69cf60130c3a330d5c66c8b746c95883573ad96c0b05b1bb7ce7e72a740aebd2');
  assert.equal(payloadId({ parentHash: bytes('aa', 32), timestamp: 1_700_000_000,
    mix: mixHash(0, 1), coinbase: '0x' + 'c0'.padStart(40, '0'), rlpHash: list.rlpHash,
    extra: extraData(75, 1) }), '0x02b2e312a511eb47');
}

function attributes() {
  assert.equal(mixHash(0, 1), '0xa6eef7e35abe7026729641147f7915573c7e97b47efa546f5f6e3230263bcb49');
  assert.equal(mixHash(42, 5),
    '0xd3e7a847b0e4be9f2ff1f88564b0a771bb9789c2c82f98679296a6042483791d');
  assert.equal(extraData(75, 1234567), '0x4b00000012d687');
  assert.equal(payloadId({ parentHash: bytes('11', 32), timestamp: 10, mix: bytes('22', 32),
    coinbase: bytes('33', 20), rlpHash: keccak256('0xc3820102'), extra: extraData(5, 7) }),
    '0x02e669224184aa58');
  const fees = [  // gas limit, gas used, parent block time, parent fee, minimum, fee
    [30e6, 15e6, 2, 900e6, 5e6, 900_000_000], [30e6, 20e6, 2, 900e6, 5e6, 937_500_000],
    [30e6, 10e6, 2, 900e6, 5e6, 862_500_000], [30e6, 0, 2, 900e6, 5e6, 787_500_000],
    [30e6, 16e6, 2, 900e6, 5e6, 907_500_000], [30e6, 15e6, 1, 900e6, 5e6, 956_250_000],
    [30e6, 15e6, 4, 900e6, 5e6, 798_750_000], [46e6, 200e3, 12, 25e6, 10e6, 19_089_674],
    [46e6, 45e6, 2, 10e6, 10e6, 11_195_652], [46e6, 11.5e6, 1, 10e6, 10e6, 10_000_000],
    [30e6, 30e6, 2, 25e6, 5e6, 28_125_000], [30e6, 0, 12, 25e6, 5e6, 19_062_500],
    [30e6, 0, 2, 5.1e6, 5e6, 5_000_000],
  ];
  for (const [limit, used, time, fee, minimum, expected] of fees) {
    const parent = { number: 9n, gasLimit: BigInt(limit), gasUsed: BigInt(used),
                     timestamp: BigInt(1000 + time), baseFee: BigInt(fee) };
    assert.equal(baseFeeAfter(parent, 1000n, BigInt(minimum)), BigInt(expected));
  }
  const bounds = (number, gasLimit) => gasLimitBounds({ number, gasLimit });
  assert.deepEqual(bounds(1n, 46_000_000n), { low: 45_991_000n, high: 46_000_000n });
  assert.deepEqual(bounds(1n, 31_000_000n), { low: 30_994_000n, high: 31_006_000n });
  assert.deepEqual(bounds(1n, 10_000_000n), { low: 10_001_800n, high: 10_001_800n });
  assert.deepEqual(bounds(0n, 15_000_000n), { low: 15_997_000n, high: 16_003_000n });
}

/// Roots of tests/vectors/tries.txt, which @ethereumjs/mpt made.
function tries() {
  const pattern = (i, size) => hexlify(
    Uint8Array.from({ length: size }, (_, j) => (31 * i + 3 * j) % 256 || 1));
  const roots = [  // number of values, bytes of each, root
    [0, 1,
     '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'],
    [3, 1,
     '0x1f810f45fd307235277f2c0c27f26b12475dd848f7d16f0baceb8b89165c5639'],
    [17, 1,
     '0x4a35e538e1e5f7b29b2b37a81dc23658ec057581b327d3d605a894c0b4ac03d3'],
    [127, 1,
     '0xd686da2837fea0ea4f2160ab552df800530a3e3093bb5f134a3c2097e76ab043'],
    [128, 40,
     '0xdfa87e774621dcbd81e2ac8e3a353b1aa715f801c198ecd4440c1d8422a2d493'],
    [129, 40,
     '0xee14f74416b55c54384743f3f8d737ad93e856ed10f4eacdbcab9a75b92ad769'],
    [130, 40,
     '0xb71ac831d7d71d7b8da15a18fadb6cc4df77e2241d2d1d1d64d11bf8d9a77a3c'],
    [255, 40,
     '0x497602f9b5d3dc6fa563bbb38c5e01f87416225d17cffe39381c7da002c3689e'],
  ];
  for (const [count, size, root] of roots) {
    const values = Array.from({ length: count }, (_, i) => pattern(i, size));
    assert.equal(orderedRoot(values), root, `${count} values of ${size} bytes`);
  }
}

function chain() {
  const first = makeBlock(genesis(), { timestamp: 1_700_000_000n, gasLimit: 16_000_000n,
    coinbase: bytes('c0', 20), proposalId: 1n, windowEnd: 1_700_000_100n,
    anchor: { number: 1, hash: bytes('11', 32), stateRoot: bytes('22', 32) } },
    { signer: SECRET, slasher: bytes('05', 20) });
  assert.equal(first.number, 1);
  assert.equal(first.header.baseFee, 25_000_000n);
}

export function selfcheck() {
  commitments();
  transactionLists();
  attributes();
  tries();
  chain();
}
