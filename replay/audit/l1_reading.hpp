// How far L1 was read, and when nobody read it: of what may have landed there, nothing is known.
#pragma once

#include <optional>
#include <string>

#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/audit/coverage.hpp"

namespace preconf::replay::audit {

class L1Reading {
 public:
  /// `coverage` outlives this; the times in which L1 was not followed are noted in it.
  explicit L1Reading(Coverage& coverage) : coverage_(coverage) {}

  /// The state before the first event, of a log that does not begin with event 1.
  void begin_with(const core::State& state);
  /// An event, what it caused, and the state after it. Comes before the coverage notes the event.
  void note(const core::Event& event, const core::Outcome& outcome, const core::State& state);
  /// The log ends.
  void finish();

  /// Does the log read L1 itself? Otherwise all it has of L1 is the engine's head L1 origin.
  [[nodiscard]] bool is_followed() const { return is_followed_; }
  /// Was L1 read so far, and every proposal up to there derived, that a block of this timestamp can
  /// not land any more? A proposal has no block whose timestamp lies further behind it than the
  /// chain allows. The window's end is no such point: its last blocks land after it. Where the log
  /// does not follow L1: was the engine's head L1 origin read then or later?
  [[nodiscard]] bool is_past(core::UnixSeconds block) const;
  /// When !is_past(block): what would have to be known, and why it is not.
  [[nodiscard]] std::string missing_for(core::UnixSeconds block) const;

 private:
  void note_refusals(const core::Event& event, const core::Outcome& outcome,
                     const core::State& state);
  void note_absence(const core::Event& event, const core::State& state);
  void note_derived(const core::State& state);
  [[nodiscard]] core::UnixSeconds last_landing(core::UnixSeconds block) const;
  [[nodiscard]] std::string absence_text() const;

  Coverage& coverage_;
  bool is_followed_ = false;
  std::optional<L1Absence> absence_;            ///< that has not ended
  core::Reason refused_ = core::Reason::kNone;  ///< why L1's blocks are not linked at present
  std::optional<core::L1BlockNumber> tip_;
  core::UnixSeconds tip_time_;
  std::uint64_t lag_max_ = 0;             ///< of a block behind its proposal, in seconds
  std::optional<core::ProposalId> open_;  ///< the first proposal that waits
  /// Up to then L1 is read and derived. None: nothing is certain.
  std::optional<core::UnixSeconds> until_;
  core::Seq last_seq_;
  core::WallNanos last_wall_;
};

}  // namespace preconf::replay::audit
