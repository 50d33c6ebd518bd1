#include "core/protocol/l1_deployment.hpp"

#include "core/base/assert.hpp"
#include "core/base/hex_literal.hpp"

namespace preconf::core::protocol {
namespace {

/// A day; the beacon chain's epoch has 384 seconds.
constexpr std::uint64_t kEpochSecondsMax = 86'400;

}  // namespace

bool is_usable(const EpochClock& clock) {
  return clock.slot_seconds > 0 && clock.slots_per_epoch > 0 &&
         clock.slot_seconds <= kEpochSecondsMax &&
         clock.slots_per_epoch <= kEpochSecondsMax / clock.slot_seconds;
}

UnixSeconds epoch_of(const EpochClock& clock, UnixSeconds time) {
  PRECONF_ASSERT(is_usable(clock));
  const std::uint64_t since = distance(clock.genesis, time);
  return UnixSeconds{clock.genesis.value + since - since % clock.epoch_seconds()};
}

UnixSeconds next_epoch(const EpochClock& clock, UnixSeconds time) {
  return UnixSeconds{epoch_of(clock, time).value + clock.epoch_seconds()};
}

bool is_epoch(const EpochClock& clock, UnixSeconds time) {
  return time >= clock.genesis && epoch_of(clock, time) == time;
}

std::optional<std::uint64_t> slot_of(const EpochClock& clock, UnixSeconds time) {
  PRECONF_ASSERT(is_usable(clock));
  if (time < clock.genesis) return std::nullopt;
  return distance(clock.genesis, time) / clock.slot_seconds;
}

std::optional<L1Deployment> l1_deployment(std::string_view chain_name) {
  L1Deployment out;
  if (chain_name == "mainnet") {
    out.l1_chain_id = 1;
    out.clock.genesis = UnixSeconds{1'606'824'023};
    out.inbox = fixed_hex("6f21c543a4af5189ebdb0723827577e1ef57ef1f");
    out.preconf_whitelist = fixed_hex("fd019460881e6eec632258222393d5821029b2ac");
    return out;
  }
  if (chain_name == "hoodi") {
    out.l1_chain_id = 560'048;
    out.clock.genesis = UnixSeconds{1'742'213'400};
    out.inbox = fixed_hex("ef4bb7a442bd68150a3aa61a6a097b86b91700bf");
    out.preconf_whitelist = fixed_hex("8b969fcf37122bc5ecb4e0e5ad65ceec3f1393ba");
    return out;
  }
  return std::nullopt;
}

}  // namespace preconf::core::protocol
