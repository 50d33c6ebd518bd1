#include "node/devnet/sim_wallet.hpp"

#include "core/base/assert.hpp"
#include "core/codec/rlp.hpp"
#include "core/crypto/hash.hpp"

namespace preconf::node::devnet {
namespace {

constexpr std::uint8_t kDynamicFeeType = 2;
constexpr std::uint64_t kTransferGas = 21'000;

core::U256 half(const core::Signature65& signature, std::size_t offset) {
  core::U256 value;
  value.be = core::Hash32::from(signature.view().subspan(offset));
  return value;
}

/// type | rlp(fields)
core::Bytes typed(const core::Bytes& fields) {
  core::Bytes raw{kDynamicFeeType};
  core::codec::append_rlp_list_header(raw, fields.size());
  raw.insert(raw.end(), fields.begin(), fields.end());
  return raw;
}

}  // namespace

std::optional<SimWallet> SimWallet::create(std::uint64_t chain_id, std::string_view seed) {
  const core::Bytes bytes(seed.begin(), seed.end());
  const core::crypto::SecretKey key = core::crypto::keccak256(bytes);
  const auto address = core::crypto::address_of(key);
  if (!address) return std::nullopt;
  return SimWallet(chain_id, key, *address);
}

core::Bytes SimWallet::transfer(const core::Address& to, std::uint64_t value_wei,
                                std::uint64_t max_fee_wei, std::uint64_t tip_wei) {
  core::Bytes fields;
  core::codec::append_rlp_u64(fields, chain_id_);
  core::codec::append_rlp_u64(fields, nonce_++);
  core::codec::append_rlp_u64(fields, tip_wei);
  core::codec::append_rlp_u64(fields, max_fee_wei);
  core::codec::append_rlp_u64(fields, kTransferGas);
  core::codec::append_rlp_string(fields, to.view());
  core::codec::append_rlp_u64(fields, value_wei);
  core::codec::append_rlp_string(fields, {});      // data
  core::codec::append_rlp_list_header(fields, 0);  // access list
  const auto signature = core::crypto::sign(core::crypto::keccak256(typed(fields)), key_);
  PRECONF_ASSERT(signature.has_value());  // create() checked the key
  core::codec::append_rlp_u64(fields, signature->bytes[64]);
  core::codec::append_rlp_u256(fields, half(*signature, 0));
  core::codec::append_rlp_u256(fields, half(*signature, 32));
  return typed(fields);
}

}  // namespace preconf::node::devnet
