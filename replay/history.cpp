#include "replay/history.hpp"

#include "replay/snapshots.hpp"
#include "storage/capture_file.hpp"
#include "storage/event_log.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::replay {

core::Result<History, storage::StorageFailure> open_history(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) {
    auto capture = storage::CaptureFile::open(path);
    if (!capture) return core::Unexpected{capture.error()};
    auto snapshots = (*capture)->snapshots();
    return History{path, std::move(capture).value(), std::move(snapshots)};
  }
  auto log = storage::EventLog::open(path, storage::OpenMode::kReadOnly);
  if (!log) return core::Unexpected{log.error()};
  return History{path, std::move(log).value(),
                 std::make_unique<storage::SnapshotStore>(path / kSnapshotDirectory)};
}

}  // namespace preconf::replay
