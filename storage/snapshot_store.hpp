// Snapshots: a cache of the fold. Any subset may be deleted or damaged; that only costs time.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "core/base/result.hpp"
#include "storage/event_log.hpp"
#include "storage/storage_error.hpp"

namespace preconf::storage {

struct Snapshot {
  LogPosition position;  ///< the state after this event
  std::uint32_t reducer_version = 0;
  core::Hash32 state_hash;  ///< core::state_hash of the decoded state
  core::Bytes state;        ///< canonical encoding
};

/// One file per snapshot, written to a temporary name, synced, then renamed.
class SnapshotStore {
 public:
  explicit SnapshotStore(std::filesystem::path directory);

  [[nodiscard]] core::Result<core::Ok, StorageFailure> save(const Snapshot& snapshot);
  /// Sequence numbers for which a file exists, ascending. Says nothing about their health.
  [[nodiscard]] std::vector<core::Seq> list() const;
  /// Nothing when the file is missing or its checksum is wrong.
  [[nodiscard]] std::optional<Snapshot> load(core::Seq seq) const;
  /// Keeps the newest `keep` files and removes the others.
  void prune(std::size_t keep);

 private:
  std::filesystem::path directory_;
};

}  // namespace preconf::storage
