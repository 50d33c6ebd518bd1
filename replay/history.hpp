// A log to look into, wherever it lies: the data directory of a node, running or not, or a capture.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "core/base/result.hpp"
#include "storage/event_source.hpp"

namespace preconf::replay {

/// Why a history ends before its log did.
struct Loss {
  storage::StorageFailure why;  ///< what was found, and where
  core::Seq witnessed;          ///< last event that is known to have existed
};

/// Events with their content, and snapshots that shorten the way to a state.
struct History {
  std::filesystem::path path;  ///< as given by the user
  std::unique_ptr<storage::EventSource> events;
  std::unique_ptr<storage::SnapshotSource> snapshots;
  std::optional<Loss> loss = std::nullopt;  ///< none: whole, as far as is known
};

/// Opens what `path` names without disturbing its owner: nothing is locked or written. A failure
/// is that of opening the log; kNotFound when a file is no capture.
[[nodiscard]] core::Result<History, storage::StorageFailure> open_history(
    const std::filesystem::path& path);

/// The same; where that finds damage, what can be proved of the log, up to its last sound record,
/// with `loss` saying what is not there. Whoever shows an answer from it says so, too.
[[nodiscard]] core::Result<History, storage::StorageFailure> open_readable(
    const std::filesystem::path& path);

/// From now on `history` ends after event `last`, because of `why`. Requires that there is such an
/// event. Readers that were handed out stay good.
void end_after(History& history, core::Seq last, storage::StorageFailure why);

}  // namespace preconf::replay
