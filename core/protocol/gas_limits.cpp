#include "core/protocol/gas_limits.hpp"

#include <algorithm>

#include "core/protocol/anchor_tx.hpp"

namespace preconf::core::protocol {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kMinGasLimit = 10'000'000;
constexpr std::uint64_t kMaxGasLimit = 45'000'000;
constexpr std::uint64_t kGasLimitChange = 200;  // parts of kGasLimitParts per block
constexpr std::uint64_t kGasLimitParts = 1'000'000;

}  // namespace

std::uint64_t effective_gas_limit(BlockNumber number, std::uint64_t gas_limit) {
  return number.value == 0 ? gas_limit : gas_limit - std::min(gas_limit, kAnchorGasLimit);
}

GasLimitBounds manifest_gas_limit_bounds(std::uint64_t effective_parent) {
  // Capped at once: nothing above the maximum matters below.
  const auto scaled = [effective_parent](std::uint64_t parts) {
    const Wide gas = Wide{effective_parent} * parts / kGasLimitParts;
    return gas > kMaxGasLimit ? kMaxGasLimit : static_cast<std::uint64_t>(gas);
  };
  const std::uint64_t high = scaled(kGasLimitParts + kGasLimitChange);
  const std::uint64_t low =
      std::min(std::max(scaled(kGasLimitParts - kGasLimitChange), kMinGasLimit), high);
  return GasLimitBounds{low, high};
}

}  // namespace preconf::core::protocol
