#include "core/protocol/whitelist.hpp"

#include <vector>

#include "core/base/assert.hpp"
#include "core/limits_l1.hpp"

namespace preconf::core::protocol {
namespace {

constexpr std::uint64_t kRandomnessDelayEpochs = 2;

/// The root as a number, modulo a count of at most 255.
std::size_t modulo(const Hash32& root, std::size_t count) {
  std::size_t rest = 0;
  for (const std::uint8_t byte : root.bytes) rest = (rest * 256 + byte) % count;
  return rest;
}

}  // namespace

UnixSeconds first_randomness_query(const EpochClock& clock, UnixSeconds epoch) {
  const std::uint64_t delay = kRandomnessDelayEpochs * clock.epoch_seconds();
  const std::uint64_t from = epoch.value >= delay ? epoch.value - delay : epoch.value;
  return UnixSeconds{from + clock.slot_seconds};
}

std::optional<std::size_t> selected_operator(std::span<const WhitelistOperator> operators,
                                             const Hash32& beacon_root, UnixSeconds epoch,
                                             UnixSeconds latest_activation) {
  PRECONF_ASSERT(operators.size() <= limits::kWhitelistOperatorsMax);
  if (operators.empty()) return std::nullopt;
  if (epoch >= latest_activation) return modulo(beacon_root, operators.size());
  std::vector<std::size_t> active;
  for (std::size_t i = 0; i < operators.size(); ++i) {
    const UnixSeconds since = operators[i].active_since;
    if (since.value != 0 && epoch >= since) active.push_back(i);
  }
  if (active.empty()) return std::nullopt;
  return active[modulo(beacon_root, active.size())];
}

}  // namespace preconf::core::protocol
