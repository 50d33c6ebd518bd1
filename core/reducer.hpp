// The only function that changes the driver's state.
//
//     (State, Event) -> State', {commands, decisions}
//
// Deterministic and total: no clock, no randomness, no I/O, no exceptions; every event has a
// defined result in every state. Folding reduce() over the log rebuilds the same state on every
// machine; replay, audit and recovery rest on this one fact.
#pragma once

#include <vector>

#include "core/commands/commands.hpp"
#include "core/decision.hpp"
#include "core/event.hpp"

namespace preconf::core {

struct State;

/// Version of the reducer's semantics. Changes only together with a logged barrier.
inline constexpr std::uint32_t kReducerVersion = 1;

/// What one event caused, in order.
struct Outcome {
  std::vector<Command> commands;    ///< at most limits::kCommandsPerEventMax
  std::vector<Decision> decisions;  ///< at most limits::kDecisionsPerEventMax
  PRECONF_FIELDS(Outcome, commands, decisions);

  void clear() {
    commands.clear();
    decisions.clear();
  }
};

/// Applies `event` to `state`, then evaluates every driver effect's condition in a fixed order.
///
/// Requires  event.seq == next(state.last_seq), and the first event is GenesisRecorded
/// Ensures   state.last_seq == event.seq; check_invariants(state) names nothing
///           every returned command with an outcome is in state.in_flight under its id
/// `out` is cleared first; passing the same object again avoids allocation.
void reduce(State& state, const Event& event, Outcome& out);

/// SHA-256 of the canonical encoding of `outcome`: the effects digest stored beside each event.
[[nodiscard]] Hash32 effects_digest(const Outcome& outcome);

/// SHA-256 of the canonical encoding of `state`, prefixed by the reducer version.
[[nodiscard]] Hash32 state_hash(const State& state);

}  // namespace preconf::core
