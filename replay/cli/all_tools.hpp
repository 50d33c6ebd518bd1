// One factory per tool, for the table in tool.cpp.
#pragma once

#include <memory>

#include "replay/cli/tool.hpp"

namespace preconf::replay {

[[nodiscard]] std::unique_ptr<Tool> make_replay_tool();
[[nodiscard]] std::unique_ptr<Tool> make_log_tool();

}  // namespace preconf::replay
