// `preconf commands`: what the node ordered, and what came of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/commands/commands.hpp"
#include "core/event.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/stamp.hpp"

namespace preconf::replay {

/// How a command ended.
enum class CommandEnd : std::uint8_t {
  kPending,   ///< no answer yet
  kAnswered,  ///< by its outcome
  kFired,     ///< a timer ran out
  kReplaced,  ///< a timer was set anew before it ran out
  kLost,      ///< the process that had to perform it ended
};
[[nodiscard]] const char* name_of(CommandEnd end);

struct CommandRow {
  std::string id;    ///< "cause:ordinal"
  std::string name;  ///< "new_payload"
  std::string durability;
  std::optional<core::BlockNumber> number;  ///< height concerned
  std::uint32_t attempt = 1;                ///< of the plan it belongs to
  Stamp issued;
  CommandEnd end = CommandEnd::kPending;
  std::optional<Stamp> ended;
  std::optional<std::uint64_t> elapsed_us;  ///< as the executor measured it
  std::uint64_t open_us = 0;  ///< from issue to end, or to where one looked, by the stamps
  std::string outcome;        ///< what the answer says; empty without one
  core::CommandBody body;
  PRECONF_FIELDS(CommandRow, id, name, durability, number, attempt, issued, end, ended, elapsed_us,
                 open_us, outcome, body);
};

[[nodiscard]] std::string id_text(const core::CommandId& id);

/// Follows commands from the events that cause them to those that end them.
class CommandLog {
 public:
  /// Rows that `event` ended, in the order of their issue; `state` is the one after it.
  [[nodiscard]] std::vector<CommandRow> observe(const core::Event& event,
                                                const core::Outcome& outcome,
                                                const core::State& state);
  /// Rows without an end, as of `now`.
  [[nodiscard]] std::vector<CommandRow> open(core::WallNanos now) const;

 private:
  void end_with(CommandRow& row, CommandEnd end, const core::Event& event,
                std::vector<CommandRow>& out);
  void end_all(const core::Event& event, std::vector<CommandRow>& out);

  std::map<core::CommandId, CommandRow> open_;  ///< bounded by limits::kInFlightMax and timers
};

/// The commands in flight and the timers armed in `state`. `issued` has no time yet.
[[nodiscard]] std::vector<CommandRow> pending_commands(const core::State& state);

/// What the node would order if it were started again now. Nothing that is in flight is repeated
/// blindly: plans begin anew by reading what the engine has.
[[nodiscard]] std::vector<core::Command> commands_on_restart(const core::State& state);

/// One line for a person.
[[nodiscard]] std::string line_of(const CommandRow& row);

}  // namespace preconf::replay
