// Where a Taiko chain lives on L1: addresses and clock. Data, as ChainProfile is; a devnet or a
// chain of one's own brings its own values (docs/decisions/0011).
#pragma once

#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

/// Slots and epochs of the beacon chain, in seconds.
struct EpochClock {
  UnixSeconds genesis;
  std::uint64_t slot_seconds = 12;
  std::uint64_t slots_per_epoch = 32;
  PRECONF_FIELDS(EpochClock, genesis, slot_seconds, slots_per_epoch);

  [[nodiscard]] std::uint64_t epoch_seconds() const { return slot_seconds * slots_per_epoch; }
};

/// Are both durations positive and small enough to add to any time of this age?
[[nodiscard]] bool is_usable(const EpochClock& clock);
/// Start of the epoch that contains `time`; times before genesis count as genesis. Requires a
/// usable clock.
[[nodiscard]] UnixSeconds epoch_of(const EpochClock& clock, UnixSeconds time);
/// Start of the epoch after the one that contains `time`.
[[nodiscard]] UnixSeconds next_epoch(const EpochClock& clock, UnixSeconds time);
/// Is `time` the start of an epoch?
[[nodiscard]] bool is_epoch(const EpochClock& clock, UnixSeconds time);
/// Slot whose block has the timestamp `time`; nothing before genesis.
[[nodiscard]] std::optional<std::uint64_t> slot_of(const EpochClock& clock, UnixSeconds time);

struct L1Deployment {
  std::uint64_t l1_chain_id = 0;
  EpochClock clock;
  Address inbox;
  Address preconf_whitelist;
  /// Zero: not deployed, the whitelist alone decides who proposes.
  Address lookahead_store;
  PRECONF_FIELDS(L1Deployment, l1_chain_id, clock, inbox, preconf_whitelist, lookahead_store);
};

/// Built-in deployments: "mainnet" and "hoodi". Nothing for chains that are deployed per run.
[[nodiscard]] std::optional<L1Deployment> l1_deployment(std::string_view chain_name);

}  // namespace preconf::core::protocol
