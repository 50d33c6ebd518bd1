// SSZ of what nodes ask each other and announce (P2P specification, sections 6, 10 and 11).
//
// Strict, as the deployed peers are: exact sizes, offsets exactly at the end of the fixed part, no
// bytes behind, bools 00 or 01. A value has one encoding, so decode and encode are inverse.
#pragma once

#include "core/codec/ssz.hpp"
#include "core/protocol/p2p_messages.hpp"

namespace preconf::core::codec {

using PreconfHeadSsz = FixedBytes<protocol::kPreconfHeadBytes>;
using GetHeadRequestSsz = FixedBytes<protocol::kGetHeadRequestBytes>;
using GetCommitmentsRequestSsz = FixedBytes<protocol::kGetCommitmentsRequestBytes>;

/// GetHeadRequest has one field, a list that is always empty: its encoding is the offset 4.
[[nodiscard]] GetHeadRequestSsz encode_get_head_request();
[[nodiscard]] Result<Ok, SszDefect> decode_get_head_request(BytesView bytes);

[[nodiscard]] PreconfHeadSsz encode_preconf_head(const protocol::PreconfHead& head);
[[nodiscard]] Result<protocol::PreconfHead, SszDefect> decode_preconf_head(BytesView bytes);

[[nodiscard]] GetCommitmentsRequestSsz encode_get_commitments_request(
    const protocol::GetCommitmentsRequest& request);
[[nodiscard]] Result<protocol::GetCommitmentsRequest, SszDefect> decode_get_commitments_request(
    BytesView bytes);

/// GetRawTxListRequest is the hash and nothing else.
[[nodiscard]] Result<Hash32, SszDefect> decode_get_raw_tx_list_request(BytesView bytes);

/// RawTxListGossip, GetRawTxListResponse. Requires a list of at most kTxListBytesMax.
[[nodiscard]] Bytes encode_raw_tx_list(const protocol::RawTxList& list);
/// The list is a view of `bytes`.
[[nodiscard]] Result<protocol::RawTxList, SszDefect> decode_raw_tx_list(BytesView bytes);

/// GetCommitmentsByNumberResponse. `packed` is whole commitments one after another, at most
/// kCommitmentsPerResponseMax of them.
[[nodiscard]] Bytes encode_commitment_list(BytesView packed);
/// The commitments are views of `bytes`. Each is a valid encoding; signatures are not judged.
[[nodiscard]] Result<protocol::CommitmentList, SszDefect> decode_commitment_list(BytesView bytes);

}  // namespace preconf::core::codec
