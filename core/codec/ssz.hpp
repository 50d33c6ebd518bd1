// SSZ of the preconfirmation containers (P2P specification, section 3).
//
// All three have only fixed-size fields: no offsets, one encoding per value. uint256 is 32 bytes
// little-endian; a bool is 00 or 01 and nothing else.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/protocol/commitment.hpp"

namespace preconf::core::codec {

enum class SszDefect : std::uint8_t {
  kWrongSize = 1,
  kNonCanonicalBool = 2,
  kWrongOffset = 3,  ///< not the end of the fixed part
  kTooLong = 4,      ///< a list above its bound
};

using PreconfirmationSsz = FixedBytes<protocol::kPreconfirmationBytes>;
using PreconfCommitmentSsz = FixedBytes<protocol::kPreconfCommitmentBytes>;
using SignedCommitmentSsz = FixedBytes<protocol::kSignedCommitmentBytes>;

[[nodiscard]] PreconfirmationSsz encode_preconfirmation(const protocol::Preconfirmation& preconf);
/// What is signed: preconfirmation and slasher address, without the signature.
[[nodiscard]] PreconfCommitmentSsz encode_preconf_commitment(
    const protocol::SignedCommitment& commitment);
[[nodiscard]] SignedCommitmentSsz encode_signed_commitment(
    const protocol::SignedCommitment& commitment);

/// Requires exactly 297 bytes.
[[nodiscard]] Result<protocol::Preconfirmation, SszDefect> decode_preconfirmation(BytesView bytes);
/// Requires exactly 382 bytes. The signature is carried, not judged.
[[nodiscard]] Result<protocol::SignedCommitment, SszDefect> decode_signed_commitment(
    BytesView bytes);

}  // namespace preconf::core::codec
