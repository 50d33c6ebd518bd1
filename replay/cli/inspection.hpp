// What the tools that look into a log share: opening it, positions, folding with progress, and
// telling the user what went wrong.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "replay/cli/tool.hpp"
#include "replay/history.hpp"
#include "replay/walker.hpp"

namespace preconf::replay {

class Inspection {
 public:
  /// `tool` stands before each message. Progress is drawn on a terminal unless `is_quiet`.
  Inspection(const char* tool, Streams streams, bool is_quiet)
      : tool_(tool), streams_(streams), is_quiet_(is_quiet) {}

  // Each of these returns nothing (or false) after it has told the user why; code() is then what
  // the tool exits with.

  /// Requires that `path` names a log with at least one event.
  [[nodiscard]] bool open(const std::string& path);
  /// The event that `text` names; `otherwise` when there is no text.
  [[nodiscard]] std::optional<core::Seq> position(const std::optional<std::string>& text,
                                                  core::Seq otherwise);
  /// A walker that has just folded event `seq`, or stands before the first one.
  [[nodiscard]] std::optional<Walker> stand_after(core::Seq seq);
  /// Folds on to `until` or the end of the log. After each event `visit` says whether to go on.
  using Visit = std::function<bool(const Walker&)>;
  [[nodiscard]] bool fold(Walker& walker, core::Seq until, const Visit& visit);
  /// When event `seq` was stamped.
  [[nodiscard]] std::optional<core::WallNanos> time_of(core::Seq seq);

  [[nodiscard]] const History& history() const { return *history_; }
  [[nodiscard]] core::Seq first() const { return core::next(history_->events->base().seq); }
  [[nodiscard]] core::Seq last() const { return last_; }
  [[nodiscard]] ExitCode code() const { return code_; }

  void fail(const storage::StorageFailure& failure);
  void fail(const std::string& message, ExitCode code = ExitCode::kFailed);

 private:
  const char* tool_;
  Streams streams_;
  const bool is_quiet_;
  std::optional<History> history_;
  core::Seq last_;  ///< when it was opened: a running node appends
  ExitCode code_ = ExitCode::kClean;
};

}  // namespace preconf::replay
