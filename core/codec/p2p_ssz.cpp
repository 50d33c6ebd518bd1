#include "core/codec/p2p_ssz.hpp"

#include "core/limits.hpp"

namespace preconf::core::codec {
namespace {

using protocol::CommitmentList;
using protocol::GetCommitmentsRequest;
using protocol::PreconfHead;
using protocol::RawTxList;

constexpr std::size_t kWordBytes = 32;
constexpr std::size_t kOffsetBytes = 4;

void put_u32(std::uint8_t* at, std::uint32_t value) {
  for (std::size_t i = 0; i < kOffsetBytes; ++i) at[i] = static_cast<std::uint8_t>(value >> 8 * i);
}

std::uint32_t get_u32(const std::uint8_t* at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < kOffsetBytes; ++i) value |= std::uint32_t{at[i]} << 8 * i;
  return value;
}

void put_u256(std::uint8_t* at, const U256& value) {
  std::reverse_copy(value.be.bytes.begin(), value.be.bytes.end(), at);
}

U256 get_u256(const std::uint8_t* at) {
  U256 value;
  std::reverse_copy(at, at + kWordBytes, value.be.bytes.begin());
  return value;
}

}  // namespace

GetHeadRequestSsz encode_get_head_request() {
  GetHeadRequestSsz out;
  put_u32(out.data(), kOffsetBytes);
  return out;
}

Result<Ok, SszDefect> decode_get_head_request(BytesView bytes) {
  if (bytes.size() != protocol::kGetHeadRequestBytes) return Unexpected{SszDefect::kWrongSize};
  if (get_u32(bytes.data()) != kOffsetBytes) return Unexpected{SszDefect::kWrongOffset};
  return Ok{};
}

PreconfHeadSsz encode_preconf_head(const PreconfHead& head) {
  PreconfHeadSsz out;
  put_u256(out.data(), head.block_number);
  put_u256(out.data() + kWordBytes, head.submission_window_end);
  return out;
}

Result<PreconfHead, SszDefect> decode_preconf_head(BytesView bytes) {
  if (bytes.size() != protocol::kPreconfHeadBytes) return Unexpected{SszDefect::kWrongSize};
  return PreconfHead{get_u256(bytes.data()), get_u256(bytes.data() + kWordBytes)};
}

GetCommitmentsRequestSsz encode_get_commitments_request(const GetCommitmentsRequest& request) {
  GetCommitmentsRequestSsz out;
  put_u256(out.data(), request.start_block_number);
  put_u32(out.data() + kWordBytes, request.max_count);
  return out;
}

Result<GetCommitmentsRequest, SszDefect> decode_get_commitments_request(BytesView bytes) {
  if (bytes.size() != protocol::kGetCommitmentsRequestBytes) {
    return Unexpected{SszDefect::kWrongSize};
  }
  return GetCommitmentsRequest{get_u256(bytes.data()), get_u32(bytes.data() + kWordBytes)};
}

Result<Hash32, SszDefect> decode_get_raw_tx_list_request(BytesView bytes) {
  if (bytes.size() != protocol::kGetRawTxListRequestBytes) {
    return Unexpected{SszDefect::kWrongSize};
  }
  return Hash32::from(bytes);
}

Bytes encode_raw_tx_list(const RawTxList& list) {
  PRECONF_ASSERT(list.txlist.size() <= limits::kTxListBytesMax);
  Bytes out(protocol::kRawTxListPrefixBytes);
  out.reserve(out.size() + list.txlist.size());
  std::copy(list.raw_tx_list_hash.bytes.begin(), list.raw_tx_list_hash.bytes.end(), out.begin());
  put_u32(out.data() + kWordBytes, protocol::kRawTxListPrefixBytes);
  out.insert(out.end(), list.txlist.begin(), list.txlist.end());
  return out;
}

Result<RawTxList, SszDefect> decode_raw_tx_list(BytesView bytes) {
  if (bytes.size() < protocol::kRawTxListPrefixBytes) return Unexpected{SszDefect::kWrongSize};
  if (get_u32(bytes.data() + kWordBytes) != protocol::kRawTxListPrefixBytes) {
    return Unexpected{SszDefect::kWrongOffset};
  }
  const BytesView txlist = bytes.subspan(protocol::kRawTxListPrefixBytes);
  if (txlist.size() > limits::kTxListBytesMax) return Unexpected{SszDefect::kTooLong};
  return RawTxList{Hash32::from(bytes), txlist};
}

Bytes encode_commitment_list(BytesView packed) {
  PRECONF_ASSERT(packed.size() % protocol::kSignedCommitmentBytes == 0);
  PRECONF_ASSERT(CommitmentList{packed}.size() <= protocol::kCommitmentsPerResponseMax);
  Bytes out(kOffsetBytes);
  out.reserve(out.size() + packed.size());
  put_u32(out.data(), kOffsetBytes);
  out.insert(out.end(), packed.begin(), packed.end());
  return out;
}

Result<CommitmentList, SszDefect> decode_commitment_list(BytesView bytes) {
  if (bytes.size() < kOffsetBytes) return Unexpected{SszDefect::kWrongSize};
  if (get_u32(bytes.data()) != kOffsetBytes) return Unexpected{SszDefect::kWrongOffset};
  const CommitmentList list{bytes.subspan(kOffsetBytes)};
  if (list.packed.size() % protocol::kSignedCommitmentBytes != 0) {
    return Unexpected{SszDefect::kWrongSize};
  }
  if (list.size() > protocol::kCommitmentsPerResponseMax) return Unexpected{SszDefect::kTooLong};
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto commitment = decode_signed_commitment(list[i]);
    if (!commitment) return Unexpected{commitment.error()};
  }
  return list;
}

}  // namespace preconf::core::codec
