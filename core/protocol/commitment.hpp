// Preconfirmation commitments: the signed promise and the facts that follow from its bytes alone.
//
// Wire: P2P specification, section 3. Sizes are fixed; integers are 32-byte little-endian.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

inline constexpr std::size_t kPreconfirmationBytes = 297;
inline constexpr std::size_t kPreconfCommitmentBytes = 317;
inline constexpr std::size_t kSignedCommitmentBytes = 382;

/// What the preconfer promises about one block. Field order is the wire order.
struct Preconfirmation {
  bool eop = false;  ///< End Of Preconfirmation: the signer's last block of its window
  U256 block_number;
  U256 timestamp;  ///< seconds
  U256 gas_limit;  ///< of the header, anchor gas included
  Address coinbase;
  U256 anchor_block_number;  ///< L1 block the anchor transaction refers to
  Hash32 raw_tx_list_hash;   ///< keccak256 of the compressed transaction list; zero = EOP only
  Hash32 parent_preconfirmation_hash;  ///< keccak256(SSZ(parent Preconfirmation))
  U256 submission_window_end;          ///< L1 timestamp, seconds
  Address prover_auth;
  U256 proposal_id;

  PRECONF_FIELDS(Preconfirmation, eop, block_number, timestamp, gas_limit, coinbase,
                 anchor_block_number, raw_tx_list_hash, parent_preconfirmation_hash,
                 submission_window_end, prover_auth, proposal_id);
};

struct SignedCommitment {
  Preconfirmation preconf;
  Address slasher_address;
  Signature65 signature;  ///< v is the raw recovery id 0..3
  PRECONF_FIELDS(SignedCommitment, preconf, slasher_address, signature);
};

/// Why the bytes alone already refuse a commitment. Persistent values: never renumber.
enum class CommitmentDefect : std::uint8_t {
  kNone = 0,
  kWrongSize = 1,         ///< not 382 bytes
  kNonCanonicalBool = 2,  ///< eop byte is neither 00 nor 01 (SSZ bool)
  kSignatureFormat = 3,   ///< v above 3, or r or s out of range
  kSignatureUnrecoverable = 4,
  kEopTxListMismatch = 5,       ///< not EOP, yet no transaction list (P2P specification 3.1)
  kBlockNumberRange = 6,        ///< over 64 bits
  kTimestampRange = 7,          ///< over 64 bits
  kGasLimitRange = 8,           ///< over 64 bits
  kAnchorBlockNumberRange = 9,  ///< over 48 bits
  kWindowEndRange = 10,         ///< over 64 bits
  kProposalIdRange = 11,        ///< over 48 bits
};
[[nodiscard]] const char* name_of(CommitmentDefect defect);

/// Everything the reducer may know about a commitment: a pure function of its 382 bytes and the
/// network's signing domain, computed once at ingress and again by `replay --verify`.
/// When `defect` is not kNone only the hashes and `signer` that could be computed are set.
struct CommitmentFacts {
  CommitmentDefect defect = CommitmentDefect::kNone;
  Hash32 preconf_hash;     ///< keccak256(SSZ(Preconfirmation)); what children link to
  Hash32 content_hash;     ///< keccak256(SSZ(PreconfCommitment)), without signature: dedupe key
  Hash32 commitment_hash;  ///< keccak256 of the 382 bytes, as the RPC reports it
  Address signer;          ///< recovered from the signature
  bool eop = false;
  BlockNumber block_number;
  UnixSeconds timestamp;
  std::uint64_t gas_limit = 0;
  Address coinbase;
  L1BlockNumber anchor_block_number;
  Hash32 raw_tx_list_hash;
  Hash32 parent_preconf_hash;
  UnixSeconds window_end;
  ProposalId proposal_id;
  Address slasher;

  /// EOP without a block: a handoff that occupies no height.
  [[nodiscard]] bool eop_only() const { return eop && raw_tx_list_hash.is_zero(); }

  PRECONF_FIELDS(CommitmentFacts, defect, preconf_hash, content_hash, commitment_hash, signer, eop,
                 block_number, timestamp, gas_limit, coinbase, anchor_block_number,
                 raw_tx_list_hash, parent_preconf_hash, window_end, proposal_id, slasher);
};

/// Version of verify_commitment's answers; recorded beside them.
inline constexpr std::uint16_t kCommitmentVerifierVersion = 1;

/// Computes the facts of `bytes` (any length). Total: never fails, names the defect instead.
[[nodiscard]] CommitmentFacts verify_commitment(BytesView bytes, const Hash32& preconf_domain);

/// keccak256(domain || SSZ(PreconfCommitment)): the digest that the preconfer signs.
[[nodiscard]] Hash32 signing_hash(const SignedCommitment& commitment, const Hash32& preconf_domain);

}  // namespace preconf::core::protocol
