#include "core/protocol/commitment.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "core/codec/ssz.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/keccak_pair.hpp"
#include "core/crypto/secp256k1.hpp"

namespace preconf::core::protocol {
namespace {

constexpr std::uint8_t kRecoveryIdMax = 3;

struct CommitmentHashes {
  Hash32 preconf;
  Hash32 content;
  Hash32 commitment;
  Hash32 to_sign;
};

/// The first three are over three beginnings of the same bytes: what they share is absorbed once.
/// The fourth, as long as they are, goes beside them: four permutations of pairs instead of twelve.
/// Requires kSignedCommitmentBytes bytes.
CommitmentHashes hash_commitment(BytesView bytes, const Hash32& domain) {
  constexpr std::size_t kBlock = crypto::KeccakPair::kBlockBytes;
  constexpr std::size_t kShared = 2 * kBlock;
  static_assert(kShared <= kPreconfirmationBytes && kSignedCommitmentBytes < kShared + kBlock);
  std::array<std::uint8_t, Hash32::kSize + kPreconfCommitmentBytes> to_sign;
  static_assert(kShared <= to_sign.size() && to_sign.size() < kShared + kBlock);
  std::copy(domain.bytes.begin(), domain.bytes.end(), to_sign.begin());
  std::copy_n(bytes.begin(), kPreconfCommitmentBytes, to_sign.begin() + Hash32::kSize);

  crypto::KeccakPair pair;
  for (std::size_t at = 0; at < kShared; at += kBlock) {
    pair.absorb(bytes.subspan(at, kBlock), BytesView{to_sign}.subspan(at, kBlock));
  }
  CommitmentHashes out;
  const BytesView rest = bytes.subspan(kShared);
  std::tie(out.preconf, out.to_sign) =
      pair.finish(rest.first(kPreconfirmationBytes - kShared), BytesView{to_sign}.subspan(kShared));
  std::tie(out.content, out.commitment) =
      pair.twice_first().finish(rest.first(kPreconfCommitmentBytes - kShared), rest);
  return out;
}

bool fits_uint48(const U256& value) { return value.fits_u64() && value.low_u64() <= kUint48Max; }

/// Rules about the values, in the order in which they are reported.
CommitmentDefect check_values(const Preconfirmation& preconf) {
  if (!preconf.eop && preconf.raw_tx_list_hash.is_zero()) {
    return CommitmentDefect::kEopTxListMismatch;
  }
  if (!preconf.block_number.fits_u64()) return CommitmentDefect::kBlockNumberRange;
  if (!preconf.timestamp.fits_u64()) return CommitmentDefect::kTimestampRange;
  if (!preconf.gas_limit.fits_u64()) return CommitmentDefect::kGasLimitRange;
  if (!fits_uint48(preconf.anchor_block_number)) return CommitmentDefect::kAnchorBlockNumberRange;
  if (!preconf.submission_window_end.fits_u64()) return CommitmentDefect::kWindowEndRange;
  if (!fits_uint48(preconf.proposal_id)) return CommitmentDefect::kProposalIdRange;
  return CommitmentDefect::kNone;
}

void copy_values(const SignedCommitment& commitment, CommitmentFacts& facts) {
  const Preconfirmation& preconf = commitment.preconf;
  facts.eop = preconf.eop;
  facts.block_number = BlockNumber{preconf.block_number.low_u64()};
  facts.timestamp = UnixSeconds{preconf.timestamp.low_u64()};
  facts.gas_limit = preconf.gas_limit.low_u64();
  facts.coinbase = preconf.coinbase;
  facts.anchor_block_number = L1BlockNumber{preconf.anchor_block_number.low_u64()};
  facts.raw_tx_list_hash = preconf.raw_tx_list_hash;
  facts.parent_preconf_hash = preconf.parent_preconfirmation_hash;
  facts.window_end = UnixSeconds{preconf.submission_window_end.low_u64()};
  facts.proposal_id = ProposalId{preconf.proposal_id.low_u64()};
  facts.slasher = commitment.slasher_address;
}

}  // namespace

CommitmentFacts verify_commitment(BytesView bytes, const Hash32& preconf_domain) {
  CommitmentFacts facts;
  if (bytes.size() != kSignedCommitmentBytes) {
    facts.defect = CommitmentDefect::kWrongSize;
    return facts;
  }
  const CommitmentHashes hashes = hash_commitment(bytes, preconf_domain);
  facts.preconf_hash = hashes.preconf;
  facts.content_hash = hashes.content;
  facts.commitment_hash = hashes.commitment;

  const auto decoded = codec::decode_signed_commitment(bytes);
  if (!decoded) {
    facts.defect = CommitmentDefect::kNonCanonicalBool;
    return facts;
  }
  const Signature65& signature = decoded->signature;
  if (signature.bytes.back() > kRecoveryIdMax || !crypto::scalars_in_range(signature)) {
    facts.defect = CommitmentDefect::kSignatureFormat;
    return facts;
  }
  const auto signer = crypto::recover_address(hashes.to_sign, signature);
  if (!signer) {
    facts.defect = CommitmentDefect::kSignatureUnrecoverable;
    return facts;
  }
  facts.signer = *signer;
  facts.defect = check_values(decoded->preconf);
  if (facts.defect == CommitmentDefect::kNone) copy_values(*decoded, facts);
  return facts;
}

Hash32 signing_hash(const SignedCommitment& commitment, const Hash32& preconf_domain) {
  crypto::Keccak256 hasher;
  hasher.update(preconf_domain.view());
  hasher.update(codec::encode_preconf_commitment(commitment).view());
  return hasher.finish();
}

const char* name_of(CommitmentDefect defect) {
  // clang-format off
  switch (defect) {
    case CommitmentDefect::kNone: return "none";
    case CommitmentDefect::kWrongSize: return "wrong_size";
    case CommitmentDefect::kNonCanonicalBool: return "non_canonical_bool";
    case CommitmentDefect::kSignatureFormat: return "signature_format";
    case CommitmentDefect::kSignatureUnrecoverable: return "signature_unrecoverable";
    case CommitmentDefect::kEopTxListMismatch: return "eop_txlist_mismatch";
    case CommitmentDefect::kBlockNumberRange: return "block_number_range";
    case CommitmentDefect::kTimestampRange: return "timestamp_range";
    case CommitmentDefect::kGasLimitRange: return "gas_limit_range";
    case CommitmentDefect::kAnchorBlockNumberRange: return "anchor_block_number_range";
    case CommitmentDefect::kWindowEndRange: return "window_end_range";
    case CommitmentDefect::kProposalIdRange: return "proposal_id_range";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core::protocol
