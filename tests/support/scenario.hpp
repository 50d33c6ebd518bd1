// Scenario files: a reviewer reads what happens and what the driver does about it.
//
// A line that does not begin with a space is a command; the indented lines below it are what the
// reducer answered: decisions, then "-> command". The runner executes the commands and rebuilds the
// whole text; a test compares the two, and UPDATE_SCENARIOS=1 rewrites the file, so that a changed
// behaviour is a diff. The commands are listed in tests/scenario/README.md.
#pragma once

#include <string>

namespace preconf::tests {

/// The text of the scenario with the trace that the reducer gives today.
/// A command that does not exist gives a line "  ! unknown command".
[[nodiscard]] std::string run_scenario(const std::string& text);

}  // namespace preconf::tests
