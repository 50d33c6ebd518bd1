// Collects what a log covers while it is read.
#pragma once

#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/audit/coverage.hpp"
#include "storage/event_source.hpp"

namespace preconf::replay::audit {

class CoverageTracker {
 public:
  CoverageTracker(Coverage& coverage, LogIdentity& identity)
      : coverage_(coverage), identity_(identity) {}

  /// An event, what it caused, and the state after it.
  void note(const storage::LoggedEvent& logged, const core::Outcome& outcome,
            const core::State& state);

  /// Did this node see everything that reached it in [from, to]? Times before the first event,
  /// after the last one so far and outages are not covered.
  [[nodiscard]] bool covers(core::WallNanos from, core::WallNanos to) const;
  [[nodiscard]] core::WallNanos last_wall() const { return coverage_.last_wall; }

 private:
  void note_kind(const core::Event& event);
  void note_boot(const core::Event& event);
  void note_decisions(const core::Event& event, const core::Outcome& outcome,
                      const core::State& state);
  void compare_digest(const storage::LoggedEvent& logged, const core::Outcome& outcome);
  template <class T>
  void append(std::vector<T>& list, T entry) {
    if (list.size() < Coverage::kListMax) {
      list.push_back(std::move(entry));
    } else {
      ++coverage_.lists_cut;
    }
  }

  Coverage& coverage_;
  LogIdentity& identity_;
  bool stopping_ = false;
  core::Seq last_seq_;
};

}  // namespace preconf::replay::audit
