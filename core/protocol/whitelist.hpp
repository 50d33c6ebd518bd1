// Whom the preconfer whitelist selects for an epoch, as its contract computes it.
// Source: PreconfWhitelist.sol, EIP-4788.
#pragma once

#include <span>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/protocol/l1_deployment.hpp"

namespace preconf::core::protocol {

struct WhitelistOperator {
  Address proposer;          ///< sends propose(); the contract's answers name it
  Address sequencer;         ///< may sign instead of the proposer
  UnixSeconds active_since;  ///< zero: never
  PRECONF_FIELDS(WhitelistOperator, proposer, sequencer, active_since);
};

/// The first timestamp whose EIP-4788 beacon root the contract asks for: one slot after the start
/// of two epochs before `epoch` (or of `epoch`, while there are no two before).
[[nodiscard]] UnixSeconds first_randomness_query(const EpochClock& clock, UnixSeconds epoch);

/// Index of the operator that has `epoch`. `operators` in the contract's index order;
/// `latest_activation`: from then on all are active. Nothing: the whitelist is empty or none is
/// active. Requires at most limits::kWhitelistOperatorsMax operators.
[[nodiscard]] std::optional<std::size_t> selected_operator(
    std::span<const WhitelistOperator> operators, const Hash32& beacon_root, UnixSeconds epoch,
    UnixSeconds latest_activation);

}  // namespace preconf::core::protocol
