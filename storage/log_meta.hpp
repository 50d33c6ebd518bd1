// What a log writes down about itself in the column family `meta` (docs/log_format.md, section 12):
// where it begins, what was pruned, which content was removed on purpose. Private to storage/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/event_source.hpp"
#include "storage/posix_file.hpp"
#include "storage/rocks.hpp"

namespace preconf::storage {

/// Where a pruned log begins.
struct BaseMeta {
  LogPosition position;  ///< of the last event that is gone; {0, zero}: nothing was pruned
  core::Hash32 log_id;   ///< chain of event 1
};
/// Nothing written: nothing was pruned. A failure: the entry is not readable.
[[nodiscard]] IoResult<BaseMeta> read_base(const Rocks& rocks);
void put_base(const Rocks& rocks, const BaseMeta& base, rocksdb::WriteBatch& batch);
/// The log begins with event 1.
void drop_base(const Rocks& rocks, rocksdb::WriteBatch& batch);

/// In the order they were pruned.
[[nodiscard]] std::vector<PrunedRange> read_pruned(const Rocks& rocks);
void put_pruned(const Rocks& rocks, const PrunedRange& range, rocksdb::WriteBatch& batch);

[[nodiscard]] std::optional<RemovedContent> read_removed(const Rocks& rocks,
                                                         const core::Hash32& hash);
/// The content has come again: its tombstone, if any, goes.
void drop_removed(const Rocks& rocks, const core::Hash32& hash, rocksdb::WriteBatch& batch);
/// All contents with a tombstone.
[[nodiscard]] std::vector<core::Hash32> removed_hashes(const Rocks& rocks);
/// `removed.reason` is cut to limits::kDetailBytesMax.
void put_removed(const Rocks& rocks, const core::Hash32& hash, const RemovedContent& removed,
                 rocksdb::WriteBatch& batch);

}  // namespace preconf::storage
