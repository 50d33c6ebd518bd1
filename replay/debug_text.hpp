// What the debug session prints about an event.
#pragma once

#include <string>

#include "core/event.hpp"
#include "core/reducer.hpp"

namespace preconf::replay {

/// One line: seq, time, kind, summary.
[[nodiscard]] std::string place_of(const core::Event& event);
/// Decisions and commands, one per line; empty when there are none.
[[nodiscard]] std::string decisions_of(const core::Outcome& outcome);

}  // namespace preconf::replay
