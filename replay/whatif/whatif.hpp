// `preconf whatif`: the history folded twice, as it was and with changed input.
//
// Until the first command that history did not answer, the second fold is exact: it gets recorded
// inputs, answers and timers. From there on the engine's answers are those of a model, timers fire
// when they are due, and the report says where that begins. Inputs come as recorded all the way,
// and L1, which does not depend on this node, answers a question as it did in history.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "replay/history.hpp"
#include "replay/whatif/changes.hpp"

namespace preconf::replay {

struct WhatIfOptions {
  core::Seq from{1};  ///< changes apply to events from here on
  core::Seq to;       ///< last event of history that is folded
};

/// The first event after which the folds decide differently.
struct FirstDifference {
  core::Seq seq;          ///< of the recorded event
  core::Seq changed_seq;  ///< in the changed history
  core::WallNanos time;
  std::string event;
  std::string summary;
  std::vector<std::string> recorded;  ///< decisions
  std::vector<std::string> changed;
  PRECONF_FIELDS(FirstDifference, seq, changed_seq, time, event, summary, recorded, changed);
};

/// From here on answers are not history.
struct ModelBegin {
  core::Seq seq;
  core::WallNanos time;
  std::string why;
  PRECONF_FIELDS(ModelBegin, seq, time, why);
};

struct DecisionCounts {
  std::uint64_t recorded = 0;
  std::uint64_t changed = 0;
  PRECONF_FIELDS(DecisionCounts, recorded, changed);
};
struct CommandCounts {
  std::uint64_t gone = 0;   ///< issued in history only
  std::uint64_t added = 0;  ///< issued in the changed history only
  PRECONF_FIELDS(CommandCounts, gone, added);
};

struct HeadAt {
  core::WallNanos time;
  core::BlockNumber number;
  core::Hash32 hash;
  PRECONF_FIELDS(HeadAt, time, number, hash);
};

struct WhatIfReport {
  bool differs = false;
  std::string statement;  ///< what is exact and what is model
  std::optional<FirstDifference> first;
  std::optional<ModelBegin> model;
  std::map<std::string, DecisionCounts> decisions;  ///< "verdict/reason", those that differ
  std::map<std::string, CommandCounts> commands;    ///< by name, those that differ
  std::vector<HeadAt> recorded_heads;  ///< from the first difference on, the first ones
  std::vector<HeadAt> changed_heads;
  std::optional<HeadAt> recorded_head;  ///< at the end
  std::optional<HeadAt> changed_head;
  std::uint64_t events_recorded = 0;
  std::uint64_t events_changed = 0;
  std::uint64_t dropped = 0;
  std::uint64_t inserted = 0;
  std::uint64_t rewritten = 0;      ///< events, or the state at the start, with changed rules
  std::uint64_t not_droppable = 0;  ///< the condition holds, but they are no inputs; when none is
  std::uint64_t inserts_asked = 0;  ///< more than `inserted`: the rest lies outside of the range
  bool drops_asked = false;
  bool nothing_changed = false;        ///< both histories are one and the same
  std::uint64_t answers_recorded = 0;  ///< answers that history gave to the very same command
  std::uint64_t answers_modelled = 0;
  std::uint64_t l1_answers = 0;     ///< of `answers_modelled`: L1's to the same question in history
  std::uint64_t l1_unanswered = 0;  ///< questions to L1 that history never asked
  PRECONF_FIELDS(WhatIfReport, differs, statement, first, model, decisions, commands,
                 recorded_heads, changed_heads, recorded_head, changed_head, events_recorded,
                 events_changed, dropped, inserted, rewritten, not_droppable, inserts_asked,
                 drops_asked, nothing_changed, answers_recorded, answers_modelled, l1_answers,
                 l1_unanswered);
};

/// Reading failed, or, without that, the condition makes no sense for an event.
struct WhatIfFailure {
  std::string message;
  std::optional<storage::StorageFailure> storage;
};

/// Folds once to learn the engine's blocks and L1's answers, then twice side by side. Memory: two
/// states, the model's newest blocks (ModelEngine::kBlocksMax), ModelEngine::kRecordedMax recorded
/// ones, RecordedL1, and
/// 100 bytes per distinct command after the first difference, at most kCommandsMax of them.
[[nodiscard]] core::Result<WhatIfReport, WhatIfFailure> what_if(
    const History& history, const InputChanges& changes, const WhatIfOptions& options,
    const std::function<void(core::Seq)>& progress);
inline constexpr std::size_t kWhatIfCommandsMax = 1'000'000;

[[nodiscard]] std::string to_text(const WhatIfReport& report);

}  // namespace preconf::replay
