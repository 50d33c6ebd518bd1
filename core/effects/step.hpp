// Step: one call of reduce() in progress. Effects read and change the state through it, and leave
// their commands and decisions in it.
#pragma once

#include <variant>

#include "core/event.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"

namespace preconf::core::effects {

struct Step {
  State& state;
  const Event& event;
  Outcome& out;

  /// Issues a command with an outcome; it is in flight from now on.
  CommandId issue(CommandBody body);
  /// Issues a command that has no outcome.
  void order(CommandBody body);
  /// Arms a timer; replaces an armed one with the same id.
  void set_timer(TimerId timer, Millis delay);
  /// Records and counts a decision.
  void decide(const Decision& decision);
  /// Remembers signed material, once per offence; the newest limits::kEvidenceMax records stay.
  void add_evidence(const Evidence& evidence);
};

/// Delay before attempt number `attempts` + 1 after a temporary failure: doubles up to a bound.
[[nodiscard]] Millis retry_delay(std::uint32_t attempts);

/// Confirmed boundary: blocks at or below it come from L1 and are stale for every commitment.
/// 0 when the engine has no head L1 origin (only genesis is confirmed then).
[[nodiscard]] BlockNumber confirmed_boundary(const State& state);

/// The commitment's verdict as a decision about it.
[[nodiscard]] Decision about(const protocol::CommitmentFacts& facts, Verdict verdict,
                             Reason reason = Reason::kNone, std::uint64_t a = 0,
                             std::uint64_t b = 0, const Hash32& hash = {});

}  // namespace preconf::core::effects
