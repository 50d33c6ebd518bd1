// Collects what a log covers while it is read.
#pragma once

#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/audit/coverage.hpp"
#include "storage/event_source.hpp"

namespace preconf::replay::audit {

class CoverageTracker {
 public:
  /// `log` outlives the tracker.
  CoverageTracker(const storage::EventSource& log, Coverage& coverage, LogIdentity& identity)
      : log_(log), coverage_(coverage), identity_(identity) {}

  /// An event, what it caused, and the state after it.
  void note(const storage::LoggedEvent& logged, const core::Outcome& outcome,
            const core::State& state);

  /// Did this node see everything that reached it in [from, to]? Times before the first event,
  /// after the last one so far and outages are not covered.
  [[nodiscard]] bool covers(core::WallNanos from, core::WallNanos to) const;
  /// Nobody knows earlier that a window will be its own: lookaheads reach two epochs of L1 ahead.
  static constexpr std::uint64_t kKnownAheadSeconds = 2 * 32 * 12;
  /// The last event that is not here; 0: the log is whole.
  [[nodiscard]] core::Seq base() const { return coverage_.base; }
  /// Did this event come before the first one that is here?
  [[nodiscard]] bool is_before(core::Seq seq) const { return seq <= coverage_.base; }
  /// May something that belongs to a block of this time have come before the first event here?
  [[nodiscard]] bool may_begin_before(core::UnixSeconds time) const;
  [[nodiscard]] core::WallNanos last_wall() const { return coverage_.last_wall; }

 private:
  void note_kind(const core::Event& event);
  void note_removed(const core::EventBody& body);
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

  const storage::EventSource& log_;
  Coverage& coverage_;
  LogIdentity& identity_;
  bool stopping_ = false;
  core::Seq last_seq_;
};

}  // namespace preconf::replay::audit
