#include "core/protocol/payload_attributes.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/crypto/hash.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/gas_limits.hpp"

namespace preconf::core::protocol {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kFirstBaseFeeWei = 25'000'000;  // of block 1
constexpr std::uint64_t kMaxBaseFeeWei = 1'000'000'000;
constexpr std::uint64_t kElasticity = 2;
constexpr std::uint64_t kBaseFeeChangeDenominator = 8;
constexpr std::uint64_t kBlockTimeTargetSeconds = 2;
constexpr std::uint64_t kMaxGasTargetPercent = 95;

constexpr std::uint8_t kPayloadIdVersion = 2;
constexpr std::uint8_t kRlpEmptyList = 0xc0;

/// The low 64 bits, or the largest value when there are more.
std::uint64_t saturate(Wide value) {
  constexpr std::uint64_t kMax = ~std::uint64_t{0};
  return value > kMax ? kMax : static_cast<std::uint64_t>(value);
}

std::array<std::uint8_t, 8> be64(std::uint64_t value) {
  std::array<std::uint8_t, 8> out;
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return out;
}

}  // namespace

Hash32 mix_hash_of(const U256& parent_difficulty, BlockNumber number) {
  crypto::Keccak256 hasher;
  hasher.update(parent_difficulty.be.view());
  hasher.update(U256::from_u64(number.value).be.view());
  return hasher.finish();
}

std::optional<std::uint64_t> base_fee_after(const BaseFeeParent& parent,
                                            const ChainProfile& chain) {
  if (parent.number.value == 0) return kFirstBaseFeeWei;
  const std::uint64_t base = parent.gas_limit / kElasticity;
  if (base == 0) return std::nullopt;

  const Wide by_time = Wide{base} * parent.block_time_seconds / kBlockTimeTargetSeconds;
  const Wide cap = Wide{parent.gas_limit} * kMaxGasTargetPercent / 100;
  const std::uint64_t target = saturate(std::min(by_time, cap));
  const auto change = [&parent, base](std::uint64_t gas) {
    return Wide{parent.base_fee_wei} * gas / base / kBaseFeeChangeDenominator;
  };

  Wide fee = parent.base_fee_wei;
  if (parent.gas_used > target) {
    fee += std::max(change(parent.gas_used - target), Wide{1});
  } else if (parent.gas_used < target) {
    const Wide decrease = change(target - parent.gas_used);
    fee -= std::min(fee, decrease);
  }
  // The same order as std::clamp, which asks for low <= high; a custom chain may lack that.
  return std::min(std::max(saturate(fee), chain.min_base_fee_wei), kMaxBaseFeeWei);
}

ExtraData7 extra_data_of(std::uint8_t base_fee_sharing_pctg, ProposalId id) {
  PRECONF_ASSERT(id.value <= kUint48Max);
  ExtraData7 out;
  const auto bytes = be64(id.value);
  out.bytes[0] = base_fee_sharing_pctg;
  std::copy(bytes.begin() + 2, bytes.end(), out.bytes.begin() + 1);
  return out;
}

PayloadId payload_id_of(const PayloadAttributes& attributes) {
  const auto timestamp = be64(attributes.timestamp.value);
  crypto::Sha256 hasher;
  hasher.update(attributes.parent_hash.view());
  hasher.update(timestamp);
  hasher.update(attributes.prev_randao.view());
  hasher.update(attributes.fee_recipient.view());
  hasher.update(BytesView{&kRlpEmptyList, 1});  // withdrawals: present and empty
  hasher.update(attributes.tx_list_rlp_hash.view());
  hasher.update(attributes.extra_data.view());
  PayloadId id = PayloadId::from(hasher.finish().view());
  id.bytes[0] = kPayloadIdVersion;
  return id;
}

GasLimitBounds gas_limit_bounds(BlockNumber parent_number, std::uint64_t parent_gas_limit) {
  const GasLimitBounds bounds =
      manifest_gas_limit_bounds(effective_gas_limit(parent_number, parent_gas_limit));
  return GasLimitBounds{bounds.low + kAnchorGasLimit, bounds.high + kAnchorGasLimit};
}

}  // namespace preconf::core::protocol
