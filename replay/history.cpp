#include "replay/history.hpp"

#include "replay/snapshots.hpp"
#include "storage/event_log.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::replay {

core::Result<History, storage::StorageFailure> open_history(const std::filesystem::path& path) {
  auto log = storage::EventLog::open(path, storage::OpenMode::kReadOnly);
  if (!log) return core::Unexpected{log.error()};
  return History{path, std::move(log).value(),
                 std::make_unique<storage::SnapshotStore>(path / kSnapshotDirectory)};
}

}  // namespace preconf::replay
