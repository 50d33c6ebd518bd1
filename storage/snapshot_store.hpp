// Snapshots: a cache of the fold. Any subset may be deleted or damaged; that only costs time.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "core/base/result.hpp"
#include "storage/event_source.hpp"
#include "storage/storage_error.hpp"

namespace preconf::storage {

/// One file per snapshot, written to a temporary name, synced, then renamed.
class SnapshotStore final : public SnapshotSource {
 public:
  explicit SnapshotStore(std::filesystem::path directory);

  [[nodiscard]] core::Result<core::Ok, StorageFailure> save(const Snapshot& snapshot);
  [[nodiscard]] std::vector<core::Seq> list() const override;
  [[nodiscard]] std::optional<Snapshot> load(core::Seq seq) const override;
  /// Keeps the newest `keep` files and removes the others.
  void prune(std::size_t keep);

 private:
  std::filesystem::path directory_;
};

}  // namespace preconf::storage
