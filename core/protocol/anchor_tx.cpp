#include "core/protocol/anchor_tx.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/rlp.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/secp256k1.hpp"

namespace preconf::core::protocol {
namespace {

constexpr std::uint8_t kDynamicFeeType = 2;
constexpr std::size_t kWordBytes = 32;

Bytes typed_envelope(BytesView fields) {
  Bytes out{kDynamicFeeType};
  codec::append_rlp_list_header(out, fields.size());
  out.insert(out.end(), fields.begin(), fields.end());
  return out;
}

}  // namespace

Bytes encode_anchor_call(const AnchorCall& call) {
  PRECONF_ASSERT(call.block_number.value <= kUint48Max);
  const U256 number = U256::from_u64(call.block_number.value);
  Bytes data;
  data.reserve(kAnchorV4CallBytes);
  for (const BytesView part : {kAnchorV4Selector.view(), number.be.view(), call.block_hash.view(),
                               call.state_root.view()}) {
    data.insert(data.end(), part.begin(), part.end());
  }
  return data;
}

std::optional<AnchorCall> decode_anchor_call(BytesView data) {
  if (data.size() != kAnchorV4CallBytes) return std::nullopt;
  const auto& selector = kAnchorV4Selector;
  if (!std::equal(selector.bytes.begin(), selector.bytes.end(), data.begin())) return std::nullopt;
  const BytesView words = data.subspan(selector.kSize);
  const U256 number{Hash32::from(words)};
  if (!number.fits_u64() || number.low_u64() > kUint48Max) return std::nullopt;
  return AnchorCall{L1BlockNumber{number.low_u64()}, Hash32::from(words.subspan(kWordBytes)),
                    Hash32::from(words.subspan(2 * kWordBytes))};
}

Bytes build_anchor_tx(const AnchorTxInput& input) {
  Bytes fields;
  codec::append_rlp_u64(fields, input.chain_id);
  codec::append_rlp_u64(fields, input.nonce);
  codec::append_rlp_u64(fields, 0);  // maxPriorityFeePerGas
  codec::append_rlp_u64(fields, input.base_fee_wei);
  codec::append_rlp_u64(fields, kAnchorGasLimit);
  codec::append_rlp_string(fields, input.anchor_address.view());
  codec::append_rlp_u64(fields, 0);  // value
  codec::append_rlp_string(fields, encode_anchor_call(input.call));
  codec::append_rlp_list_header(fields, 0);  // access list

  const Hash32 digest = crypto::keccak256(typed_envelope(fields));
  const auto signature = crypto::sign_fixed_k(digest, kGoldenTouchKey);
  // s is zero for at most one digest under each of the two nonces, and never for both.
  PRECONF_ASSERT(signature.has_value());
  codec::append_rlp_u64(fields, signature->bytes.back());
  codec::append_rlp_u256(fields, U256{Hash32::from(signature->view())});
  codec::append_rlp_u256(fields, U256{Hash32::from(signature->view().subspan(kWordBytes))});
  return typed_envelope(fields);
}

}  // namespace preconf::core::protocol
