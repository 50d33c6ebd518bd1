// What the tools that look into a log share: opening it, whole or not, positions, folding with
// progress, and telling the user what went wrong.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "replay/cli/tool.hpp"
#include "replay/history.hpp"
#include "replay/walker.hpp"

namespace preconf::replay {

/// First and last event of a range, both of them in it.
struct EventRange {
  core::Seq from;
  core::Seq to;
};

/// What an answer rests on: folded states, or the records alone.
enum class Needs : std::uint8_t { kStates, kRecords };

/// A log under inspection. Damage does not end it: whatever lies before the damage can be asked
/// for, what is lost is told once, on `err`, and code() is kDamaged from then on.
class Inspection {
 public:
  /// `tool` stands before each message. Progress is drawn on a terminal unless `is_quiet`.
  Inspection(const char* tool, Streams streams, bool is_quiet)
      : tool_(tool), streams_(streams), is_quiet_(is_quiet) {}

  // Each of these returns nothing (or false) after it has told the user why; code() is then what
  // the tool exits with.

  /// Requires that `path` names a log with at least one event that can be read. Where the state
  /// with which it begins is missing, that is told, and code() is kDamaged; when no later one is
  /// here either, only `kRecords` can go on.
  [[nodiscard]] bool open(const std::string& path, Needs needs = Needs::kStates);
  /// The event that `text` names; `otherwise` when there is no text. Refused when the state after
  /// it is needed and not known.
  [[nodiscard]] std::optional<core::Seq> position(const std::optional<std::string>& text,
                                                  core::Seq otherwise);
  /// The range that two positions name; without them from the first event to the last.
  [[nodiscard]] std::optional<EventRange> range(const std::optional<std::string>& from,
                                                const std::optional<std::string>& to);
  /// A walker that has just folded event `seq`, or stands before the first one.
  [[nodiscard]] std::optional<Walker> stand_after(core::Seq seq);
  /// The same at the event that `text` names; without text as far as the log can be folded.
  [[nodiscard]] std::optional<Walker> stand_at(const std::optional<std::string>& text);
  /// A walker whose next event is `seq`, or first_known() when that is later.
  [[nodiscard]] std::optional<Walker> stand_before(core::Seq seq);
  /// Folds on to `until` or the end of the log. After each event `visit` says whether to go on. At
  /// damage the fold ends and last() is the event before it.
  using Visit = std::function<bool(const Walker&)>;
  [[nodiscard]] bool fold(Walker& walker, core::Seq until, const Visit& visit);
  /// When event `seq` was stamped.
  [[nodiscard]] std::optional<core::WallNanos> time_of(core::Seq seq);

  /// Asks `question`, a function of the history that gives a Result, and when it meets damage asks
  /// again about what lies before. Positions that were named must remain.
  template <class Question>
  [[nodiscard]] auto ask(const Question& question)
      -> std::optional<std::decay_t<decltype(question(std::declval<const History&>()).value())>> {
    for (;;) {
      auto answer = question(*history_);
      if (answer) return std::move(answer).value();
      if (has_retreated(answer.error())) continue;
      return std::nullopt;
    }
  }

  [[nodiscard]] const History& history() const { return *history_; }
  [[nodiscard]] core::Seq first() const { return core::next(history_->events->base().seq); }
  [[nodiscard]] core::Seq last() const { return last_; }
  /// The first event that can be folded: first(), unless the state before that one is missing.
  [[nodiscard]] core::Seq first_known() const { return first_known_; }
  [[nodiscard]] ExitCode code() const { return code_; }
  /// What the tool exits with after an answer: `answer`, unless the log is damaged.
  [[nodiscard]] ExitCode code(ExitCode answer) const {
    return code_ == ExitCode::kClean ? answer : code_;
  }

  void fail(const storage::StorageFailure& failure);
  void fail(const std::string& message, ExitCode code = ExitCode::kFailed);
  /// Reading came as far as event `last` and then failed. True when that is damage: the log ends
  /// there from now on, which is told. Otherwise the same as fail().
  [[nodiscard]] bool note_failure(core::Seq last, const storage::StorageFailure& why);

 private:
  /// Whether to ask again; if not, the user was told.
  [[nodiscard]] bool has_retreated(const storage::StorageFailure& failure);
  /// A failure that is that of reading, or a message.
  template <class Failure>
  [[nodiscard]] bool has_retreated(const Failure& failure) {
    if (failure.storage) return has_retreated(*failure.storage);
    fail(failure.message);
    return false;
  }
  /// From now on the log ends before `failure`; false when that leaves nothing, or is no damage.
  [[nodiscard]] bool retreat(const storage::StorageFailure& failure);
  void tell_loss();
  /// False when there is nothing to fold from.
  [[nodiscard]] bool find_first_known();
  void say(const std::string& message);

  const char* tool_;
  Streams streams_;
  const bool is_quiet_;
  std::optional<History> history_;
  core::Seq last_;    ///< when it was opened: a running node appends
  core::Seq wanted_;  ///< the latest event that the user named
  core::Seq first_known_;
  /// Why that is not first(); none without kStates, too.
  std::optional<storage::StorageFailure> missing_;
  ExitCode code_ = ExitCode::kClean;
};

}  // namespace preconf::replay
