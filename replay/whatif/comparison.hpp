// What two folds side by side did differently: decisions, engine calls, heads.
#pragma once

#include <map>
#include <string>

#include "replay/whatif/whatif.hpp"

namespace preconf::replay {

/// Do both decide the same about the same? Operands that are sequence numbers shift with the input.
[[nodiscard]] bool same_decisions(const core::Outcome& a, const core::Outcome& b);
/// Are the calls the same, by content? Timers are bound to generations and left out.
[[nodiscard]] bool same_calls(const core::Outcome& a, const core::Outcome& b);

/// Fills the parts of a report that compare. Memory: 100 bytes per distinct engine call after the
/// first difference, at most kWhatIfCommandsMax of them.
class WhatIfComparison {
 public:
  /// `start`: the recorded state before the first event.
  WhatIfComparison(const core::State& start, WhatIfReport& report)
      : report_(report), recorded_base_(start.counters) {}

  /// Takes note of the first event at which the decisions differ; later ones change nothing.
  void differ(const core::Event& event, core::Seq changed_seq, const core::Outcome& recorded,
              const core::Outcome& changed);
  void note_recorded(const core::State& state, const core::Outcome& outcome);
  void note_changed(const core::State& state, const core::Outcome& outcome);
  /// Engine calls of one event on both sides, when they are the first that differ.
  void note_calls(const core::Outcome& recorded, const core::Outcome& changed);
  void finish(const core::State& recorded, const core::State& changed);

 private:
  struct Tally {
    std::string name;
    std::int64_t balance = 0;  ///< history minus changed history
  };
  void tally(const core::Outcome& outcome, std::int64_t sign);
  void count_decisions(const core::State& recorded, const core::State& changed);

  WhatIfReport& report_;
  const std::map<std::uint32_t, std::uint64_t> recorded_base_;
  std::map<core::Hash32, Tally> tallies_;
  core::Hash32 recorded_head_;
  core::Hash32 changed_head_;
};

}  // namespace preconf::replay
