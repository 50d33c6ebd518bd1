// The only function that changes the driver's state.
//
//     (State, Event) -> State', {commands, decisions}
//
// Deterministic and total: no clock, no randomness, no I/O, no exceptions; every event has a
// defined result in every state. Folding reduce() over the log rebuilds the same state on every
// machine; replay, audit and recovery rest on this one fact.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/commands/commands.hpp"
#include "core/decision.hpp"
#include "core/event.hpp"

namespace preconf::core {

struct State;

/// Newest version of the reducer's semantics that this program has; it has all older ones, too.
/// Which one judges an event is state.reducer_version: it changes at ReducerActivated only.
///   1  the first one
///   2  a late answer's decision names the command it answers
///   3  peers: reputation, back-fill, list acquisition, publication
///   4  L1: proposals are derived, the schedule comes from L1, safe and finalized move
///   5  a list is asked of a second and a third peer when the first does not answer in time; links
///      to a forgotten, confirmed parent; a scan that begins below a head that the engine lost
///   6  promises are judged again when L1 reorged; proposals link by their hashes; labels that the
///      engine does not report are told again; the gate names a missing blob; checkpoints; resume
///      points are checked against L1; one newcomer is said to contest a few rivals
inline constexpr std::uint32_t kReducerVersion = 6;

/// Whether this program can fold by the rules of `version`.
[[nodiscard]] constexpr bool has_reducer_version(std::uint32_t version) {
  return version >= 1 && version <= kReducerVersion;
}

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

/// Why this program can not go on from `state` with `event`, which follows it in a log: rules of a
/// version it does not have, no genesis, or a barrier that was raised after another state.
/// Nothing for all but the first event and barriers.
struct Refusal {
  bool is_divergence = false;  ///< the barrier's state hash is not that of `state`
  std::string detail;          ///< for a person
};
[[nodiscard]] std::optional<Refusal> refusal_of(const State& state, const Event& event);

/// Applies `event` to `state`, then evaluates every driver effect's condition in a fixed order.
///
/// Requires  follows(state.last_seq, event), and refusal_of(state, event) has nothing to say
/// Ensures   state.last_seq == event.seq; check_invariants(state) names nothing
///           every returned command with an outcome is in state.in_flight under its id
/// `out` is cleared first; passing the same object again avoids allocation.
void reduce(State& state, const Event& event, Outcome& out);

/// SHA-256 of the canonical encoding of `outcome`: the effects digest stored beside each event.
[[nodiscard]] Hash32 effects_digest(const Outcome& outcome);

/// SHA-256 of the canonical encoding of `state`, prefixed by state.reducer_version.
[[nodiscard]] Hash32 state_hash(const State& state);

}  // namespace preconf::core
