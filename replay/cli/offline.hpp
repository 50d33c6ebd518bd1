// What the tools share that change a data directory whose node is stopped.
#pragma once

#include "core/types.hpp"
#include "replay/cli/tool.hpp"
#include "storage/storage_error.hpp"

namespace preconf::replay {

/// Required positional DIR: the data directory of a stopped node.
void add_directory_argument(CLI::App& app, std::string& directory);

/// Prints why `preconf log <tool>` can not do it.
[[nodiscard]] ExitCode fail(Streams streams, const char* tool,
                            const storage::StorageFailure& failure);

/// Time of day, for what these tools write down.
[[nodiscard]] core::WallNanos wall_clock();

}  // namespace preconf::replay
