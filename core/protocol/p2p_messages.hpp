// What nodes ask each other and announce (P2P specification, sections 6, 10 and 11), besides the
// signed commitment itself.
#pragma once

#include "core/protocol/commitment.hpp"

namespace preconf::core::protocol {

/// Commitments of one answer (P2P specification: MAX_COMMITMENTS_PER_RESPONSE).
inline constexpr std::size_t kCommitmentsPerResponseMax = 256;
inline constexpr std::size_t kPreconfHeadBytes = 64;
inline constexpr std::size_t kGetHeadRequestBytes = 4;
inline constexpr std::size_t kGetCommitmentsRequestBytes = 36;
inline constexpr std::size_t kGetRawTxListRequestBytes = 32;
/// Of a RawTxList, before the list.
inline constexpr std::size_t kRawTxListPrefixBytes = 36;

/// Answer to get_head. Both zero: the peer has no commitment.
struct PreconfHead {
  U256 block_number;
  U256 submission_window_end;  ///< of the commitment for that block; seconds
  PRECONF_FIELDS(PreconfHead, block_number, submission_window_end);
};

/// GetCommitmentsByNumberRequest. Servers cap the count at kCommitmentsPerResponseMax.
struct GetCommitmentsRequest {
  U256 start_block_number;  ///< inclusive
  std::uint32_t max_count = 0;
  PRECONF_FIELDS(GetCommitmentsRequest, start_block_number, max_count);
};

/// RawTxListGossip and GetRawTxListResponse, which are one container. As an answer an empty list
/// says that the peer does not have it. That the hash is the list's is for the caller to check.
struct RawTxList {
  Hash32 raw_tx_list_hash;
  BytesView txlist;  ///< at most kTxListBytesMax; a view of what was decoded
};

/// GetCommitmentsByNumberResponse: commitments one after another. A view of what was decoded.
struct CommitmentList {
  BytesView packed;

  [[nodiscard]] std::size_t size() const { return packed.size() / kSignedCommitmentBytes; }
  /// The 382 bytes of one of them. Requires i < size().
  [[nodiscard]] BytesView operator[](std::size_t i) const {
    return packed.subspan(i * kSignedCommitmentBytes, kSignedCommitmentBytes);
  }
};

}  // namespace preconf::core::protocol
