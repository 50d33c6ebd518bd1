// A log to look into, wherever it lies: the data directory of a node, running or not, or a capture.
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/result.hpp"
#include "storage/event_source.hpp"

namespace preconf::replay {

/// Events with their content, and snapshots that shorten the way to a state.
struct History {
  std::filesystem::path path;  ///< as given by the user
  std::unique_ptr<storage::EventSource> events;
  std::unique_ptr<storage::SnapshotSource> snapshots;
};

/// Opens what `path` names without disturbing its owner: nothing is locked or written. A failure
/// is that of opening the log.
[[nodiscard]] core::Result<History, storage::StorageFailure> open_history(
    const std::filesystem::path& path);

}  // namespace preconf::replay
