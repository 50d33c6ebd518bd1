// One pass over a history that remembers, in little memory, when what changed: the way back from a
// state to the events that made it.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/history.hpp"
#include "replay/why/reorg_watch.hpp"

namespace preconf::replay {

/// What an event may have changed, beside commitments.
enum class Facet : std::uint8_t {
  kSchedule,  ///< a table was accepted
  kHead,      ///< the executed head moved
  kBoundary,  ///< the confirmed boundary moved
  kGate,      ///< the gate's reason changed
  kBoot,      ///< what was in flight is gone: a boot, or a gap that a repair recorded
  kShutdown,
  kL1Sync,
  kEngineReads,  ///< the engine's heads were read, or could not be
  kEngineFatal,
};
inline constexpr std::size_t kFacetCount = 9;

/// A decision about a commitment or a transaction list, without its operands.
struct Mention {
  std::uint64_t key = 0;  ///< first 8 bytes of the subject
  core::Seq seq;
  core::BlockNumber number;
  core::Verdict verdict = core::Verdict::kIgnored;
  core::Reason reason = core::Reason::kNone;

  [[nodiscard]] static std::uint64_t key_of(const core::Hash32& subject);
};

/// A condition of readiness: whether it holds, and since which event it has been so; 0: since one
/// before the log begins.
struct Condition {
  bool holds = false;
  core::Seq since;
};
enum class Criterion : std::uint8_t {
  kHeadKnown,
  kRightChain,
  kEngineUsable,
  kScannerLive,
  kConfirmedSync,
  kGateOpen,
};
inline constexpr std::size_t kCriterionCount = 6;
[[nodiscard]] const char* name_of(Criterion criterion);

/// L1 blocks that were not linked: the first of those since L1 was followed last, unless another
/// reason came after it.
struct L1Refusals {
  core::Seq seq;
  core::Decision decision;  ///< kL1BlockRefused
  std::uint32_t count = 1;  ///< for that reason
};

/// What a question wants to know about in particular.
struct Interest {
  std::optional<core::Hash32> hash;        ///< commitment (any of its hashes) or list
  std::optional<core::BlockNumber> block;  ///< when it left the executed chain
  bool any_reorg = false;                  ///< when any block did
  std::optional<core::CommandId> command;
};

/// The state before and after one event, and what it caused.
struct Moment {
  storage::LoggedEvent logged;
  core::Outcome outcome;
  std::unique_ptr<core::State> before;
  std::unique_ptr<core::State> after;
};

/// Memory: 32 bytes per decision about a commitment or list, 8 per change of a facet and per timer,
/// and at most kWaypointsMax states.
class Chronicle {
 public:
  /// Older mentions are forgotten above this number (512 MiB).
  static constexpr std::size_t kMentionsMax = 16'777'216;
  static constexpr std::size_t kWaypointsMax = 12;

  using Progress = std::function<void(core::Seq)>;
  /// Folds everything up to and including `until`. A failure is that of reading the log.
  [[nodiscard]] static core::Result<Chronicle, storage::StorageFailure> record(
      const History& history, core::Seq until, const Interest& interest, const Progress& progress);

  [[nodiscard]] core::Seq first() const { return first_; }  ///< first event that was folded
  [[nodiscard]] const core::State& start() const { return *start_; }  ///< before that event
  [[nodiscard]] core::Seq until() const { return state_->last_seq; }
  [[nodiscard]] const core::State& state() const { return *state_; }

  /// The newest change at or before `seq`.
  [[nodiscard]] std::optional<core::Seq> last(Facet facet, core::Seq seq) const;
  /// Decisions about `subject` at or before `seq`, oldest first.
  [[nodiscard]] std::vector<Mention> mentions(const core::Hash32& subject, core::Seq seq) const;
  /// Decisions about height `number`, oldest first.
  [[nodiscard]] std::vector<Mention> mentions_at(core::BlockNumber number) const;
  /// The event that armed a timer.
  [[nodiscard]] std::optional<core::Seq> armed(core::TimerId timer, std::uint32_t generation) const;
  /// Why no L1 block is linked at the end; none: the newest one was.
  [[nodiscard]] const std::optional<L1Refusals>& l1_refusals() const { return l1_refusals_; }
  /// Did L1 take this proposal back after event `after`?
  [[nodiscard]] bool is_undone(core::ProposalId proposal, core::Seq after) const;
  [[nodiscard]] const Condition& condition(Criterion criterion) const {
    return conditions_[static_cast<std::size_t>(criterion)];
  }

  /// The preconfirmation hash of the commitment that Interest::hash named by another of its hashes.
  [[nodiscard]] const std::optional<core::Hash32>& alias() const { return alias_; }
  /// The events that took Interest::block off the executed chain.
  [[nodiscard]] const std::vector<core::Seq>& replacements() const { return replacements_; }
  /// With Interest::any_reorg.
  [[nodiscard]] const ReorgWatch& reorgs() const { return reorgs_; }
  /// The event that answered Interest::command; a timer's firing counts.
  [[nodiscard]] std::optional<core::Seq> answered() const { return answered_; }
  /// Why something from before this event can not be known; empty when the log is whole.
  [[nodiscard]] std::string missing_before() const;

  /// Event `seq` with its states. A failure is that of reading the log.
  [[nodiscard]] core::Result<Moment, storage::StorageFailure> moment(core::Seq seq) const;
  /// The event alone.
  [[nodiscard]] core::Result<storage::LoggedEvent, storage::StorageFailure> event(
      core::Seq seq) const;

 private:
  explicit Chronicle(const History& history) : history_(&history) {}
  void begin(const core::State& start);
  void observe(const core::State& state, const core::Event& event, const core::Outcome& outcome);
  void observe_decisions(const core::State& state, const core::Outcome& outcome);
  void observe_commands(const core::Event& event, const core::Outcome& outcome);
  void observe_conditions(const core::State& state);
  void observe_l1(const core::State& state, const core::Event& event, const core::Outcome& outcome);
  void observe_block(const core::State& state, const core::Event& event,
                     const core::Outcome& outcome);
  void remember(Mention mention);
  void mark(Facet facet, core::Seq seq);
  void keep_waypoint(const core::State& state);

  const History* history_;
  Interest interest_;
  core::Seq first_;
  std::unique_ptr<core::State> start_;  ///< before first_
  std::unique_ptr<core::State> state_;
  std::vector<Mention> mentions_;
  core::Seq forgotten_until_;
  std::array<std::vector<core::Seq>, kFacetCount> facets_;
  std::array<std::vector<std::pair<std::uint32_t, core::Seq>>, core::kTimerCount> timers_;
  std::array<Condition, kCriterionCount> conditions_;
  std::optional<L1Refusals> l1_refusals_;
  core::Reason gate_reason_ = core::Reason::kNone;
  std::optional<core::Hash32> alias_;
  std::optional<core::Hash32> block_hash_;
  std::vector<core::Seq> replacements_;
  ReorgWatch reorgs_;
  std::optional<core::commands::SetTimer> timer_asked_;
  std::optional<core::Seq> answered_;
  std::vector<std::unique_ptr<core::State>> waypoints_;
  std::uint64_t waypoint_every_ = 4'096;
  std::vector<std::pair<core::Seq, core::ProposalId>> undone_;  ///< by L1
};

}  // namespace preconf::replay
