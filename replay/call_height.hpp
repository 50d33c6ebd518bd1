// Which block a call of the engine is about.
#pragma once

#include <optional>

#include "core/commands/commands.hpp"
#include "core/state.hpp"

namespace preconf::replay {

/// The L2 height that a command to the engine is about, as far as the command itself and the plan
/// that has it in flight in `state` tell. None for what concerns no single block, and for commands
/// that the engine does not get.
[[nodiscard]] std::optional<core::BlockNumber> height_of_call(const core::Command& command,
                                                              const core::State& state);

}  // namespace preconf::replay
