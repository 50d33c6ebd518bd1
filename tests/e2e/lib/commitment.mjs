// Preconfirmation commitments: SSZ containers, hashes and signatures (preconf.md 2.1, 2.2).
import { BooleanType, ByteVectorType, ContainerType, UintBigintType } from '@chainsafe/ssz';
import { concat, getBytes, hexlify, keccak256, recoverAddress, Signature, SigningKey, toBeHex,
         toUtf8Bytes } from 'ethers';

const U256 = new UintBigintType(32);
const Address = new ByteVectorType(20);
const Hash = new ByteVectorType(32);

export const Preconfirmation = new ContainerType({
  eop: new BooleanType(),
  blockNumber: U256,
  timestamp: U256,
  gasLimit: U256,
  coinbase: Address,
  anchorBlockNumber: U256,
  rawTxListHash: Hash,
  parentPreconfirmationHash: Hash,
  submissionWindowEnd: U256,
  proverAuth: Address,
  proposalId: U256,
});
export const PreconfCommitment =
  new ContainerType({ preconf: Preconfirmation, slasherAddress: Address });
export const SignedCommitment =
  new ContainerType({ commitment: PreconfCommitment, signature: new ByteVectorType(65) });

export const DOMAIN_PRECONF = toUtf8Bytes('TAIKO_PRECONF_DOMAIN_PLACEHOLDER');
export const ZERO32 = '0x' + '00'.repeat(32);
export const ZERO20 = '0x' + '00'.repeat(20);

const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/// A Preconfirmation value from plain numbers and hex strings; what is left out is zero.
export function preconfirmation(fields = {}) {
  return {
    eop: fields.eop ?? false,
    blockNumber: BigInt(fields.blockNumber ?? 0),
    timestamp: BigInt(fields.timestamp ?? 0),
    gasLimit: BigInt(fields.gasLimit ?? 0),
    coinbase: getBytes(fields.coinbase ?? ZERO20),
    anchorBlockNumber: BigInt(fields.anchorBlockNumber ?? 0),
    rawTxListHash: getBytes(fields.rawTxListHash ?? ZERO32),
    parentPreconfirmationHash: getBytes(fields.parentPreconfirmationHash ?? ZERO32),
    submissionWindowEnd: BigInt(fields.submissionWindowEnd ?? 0),
    proverAuth: getBytes(fields.proverAuth ?? ZERO20),
    proposalId: BigInt(fields.proposalId ?? 0),
  };
}

export const preconfHash = (preconf) => keccak256(Preconfirmation.serialize(preconf));

export const signingHash = (commitment) =>
  keccak256(concat([DOMAIN_PRECONF, PreconfCommitment.serialize(commitment)]));

/// r, s and the raw recovery id, 65 bytes (RFC 6979 nonce, low s).
export function sign(commitment, secret) {
  const signature = new SigningKey(secret).sign(signingHash(commitment));
  return concat([signature.r, signature.s, toBeHex(signature.yParity, 1)]);
}

/// The 382 bytes of a signed commitment as hex.
export function signedCommitment(fields, slasher, secret) {
  const commitment = { preconf: preconfirmation(fields), slasherAddress: getBytes(slasher) };
  const signature = getBytes(sign(commitment, secret));
  return hexlify(SignedCommitment.serialize({ commitment, signature }));
}

/// What the RPC reports as commitmentHash: the hash of all bytes, signature included.
export const commitmentHash = (signed) => keccak256(signed);

export function signerOf(signed) {
  const { commitment, signature } = SignedCommitment.deserialize(getBytes(signed));
  return recoverAddress(signingHash(commitment), Signature.from({
    r: hexlify(signature.slice(0, 32)),
    s: hexlify(signature.slice(32, 64)),
    yParity: signature[64],
  }));
}

/// The other valid signature of the same content: s negated, parity flipped.
export function malleate(signed) {
  const bytes = getBytes(signed);
  const s = BigInt(hexlify(bytes.slice(349, 381)));
  return concat([bytes.slice(0, 349), toBeHex(CURVE_ORDER - s, 32), toBeHex(bytes[381] ^ 1, 1)]);
}
