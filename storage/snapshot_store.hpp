// Snapshots: a cache of the fold. Any subset may be deleted or damaged; that only costs time. Where
// older events were pruned, the state at the log's base is no cache but the only way to the events
// behind it: it lies apart, and nothing here removes it.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "core/base/result.hpp"
#include "storage/event_source.hpp"
#include "storage/storage_error.hpp"

namespace preconf::storage {

/// Which snapshots stay: the newest ones, and of the older ones at least one in each run of `every`
/// events, so that no state of the log is farther than that from a snapshot.
struct SnapshotPolicy {
  std::size_t newest = 3;
  std::uint64_t every = 250'000;
};

/// Those of `seqs` (ascending) that `policy` can do without. Of a run of `every` events the first
/// snapshot stays.
[[nodiscard]] std::vector<core::Seq> superfluous(const std::vector<core::Seq>& seqs,
                                                 const SnapshotPolicy& policy);

/// One file per snapshot, written to a temporary name, synced, then renamed. Also offers the states
/// in the directory `base` beside `directory`.
class SnapshotStore final : public SnapshotSource {
 public:
  explicit SnapshotStore(std::filesystem::path directory);

  [[nodiscard]] core::Result<core::Ok, StorageFailure> save(const Snapshot& snapshot);
  [[nodiscard]] std::vector<core::Seq> list() const override;
  [[nodiscard]] std::optional<Snapshot> load(core::Seq seq) const override;
  /// Keeps the newest `keep` files and removes the others.
  void prune(std::size_t keep);
  /// Removes the files that `policy` can do without.
  void thin(const SnapshotPolicy& policy);
  /// Writes the state with which a pruned log begins; it stays until the log begins later.
  [[nodiscard]] core::Result<core::Ok, StorageFailure> save_base(const Snapshot& snapshot);
  /// The states in `base`, ascending.
  [[nodiscard]] std::vector<core::Seq> list_base() const;
  /// Removes base states other than that at `seq`, and snapshots before it.
  void drop_before_base(core::Seq seq);

 private:
  std::filesystem::path directory_;
  std::filesystem::path base_directory_;
};

}  // namespace preconf::storage
