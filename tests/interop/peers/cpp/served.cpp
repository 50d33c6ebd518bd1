#include "tests/interop/peers/cpp/served.hpp"

#include "core/codec/base64.hpp"
#include "core/codec/p2p_ssz.hpp"

namespace preconf::interop {

using core::Bytes;
using core::BytesView;
using io::wire::ExchangeProtocol;
namespace codec = core::codec;
namespace protocol = core::protocol;

namespace {

Bytes decoded(const simdjson::dom::element& value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return {};
  return codec::decode_base64(text).value_or(Bytes{});
}

/// The block number of a signed commitment: 32 bytes little-endian behind the EOP flag.
core::BlockNumber number_of(const Bytes& commitment) {
  std::uint64_t number = 0;
  for (std::size_t i = 8; i > 0; --i) number = number << 8 | commitment.at(i);
  return core::BlockNumber{number};
}

}  // namespace

Served::Served(const simdjson::dom::element& order) {
  simdjson::dom::element value;
  if (order["head"].get(value) == simdjson::SUCCESS) head_ = decoded(value);
  simdjson::dom::array items;
  if (order["commitments"].get(items) == simdjson::SUCCESS) {
    for (const auto& item : items) {
      Bytes raw = decoded(item);
      commitments_[number_of(raw)] = std::move(raw);
    }
  }
  if (order["txlists"].get(items) == simdjson::SUCCESS) {
    for (const auto& item : items) {
      Bytes raw = decoded(item);
      txlists_[core::Hash32::from(raw)] = std::move(raw);
    }
  }
}

std::optional<Bytes> Served::answer(ExchangeProtocol kind, BytesView request) const {
  if (kind == ExchangeProtocol::kGetHead) {
    if (!codec::decode_get_head_request(request)) return std::nullopt;
    return head_;
  }
  if (kind == ExchangeProtocol::kGetRawTxList) {
    const auto hash = codec::decode_get_raw_tx_list_request(request);
    if (!hash) return std::nullopt;
    const auto found = txlists_.find(*hash);
    if (found != txlists_.end()) return found->second;
    return codec::encode_raw_tx_list(protocol::RawTxList{*hash, {}});
  }
  const auto asked = codec::decode_get_commitments_request(request);
  if (!asked || !asked->start_block_number.fits_u64()) return std::nullopt;
  Bytes packed;
  std::size_t left = std::min<std::size_t>(asked->max_count, protocol::kCommitmentsPerResponseMax);
  const core::BlockNumber start{asked->start_block_number.low_u64()};
  for (auto at = commitments_.lower_bound(start); at != commitments_.end() && left > 0;
       ++at, --left) {
    packed.insert(packed.end(), at->second.begin(), at->second.end());
  }
  return codec::encode_commitment_list(packed);
}

}  // namespace preconf::interop
