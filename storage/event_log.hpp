// The event log on RocksDB: append-only, dense, hash-chained, with an independent high-water mark.
// The format is docs/log_format.md.
//
// Threads: one writer thread calls append(); readers may be on any thread. RocksDB stays in the
// .cpp.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "core/event.hpp"
#include "storage/event_source.hpp"
#include "storage/storage_error.hpp"

namespace rocksdb {
class Env;
}

namespace preconf::storage {

/// Bytes that an event refers to, on their way into the content store.
struct Content {
  core::Hash32 hash;  ///< keccak256 of *bytes; checked by append()
  std::shared_ptr<const core::Bytes> bytes;
};

/// Events in sequence order with the content they refer to; written atomically.
struct EventBatch {
  std::vector<core::Event> events;
  std::vector<Content> contents;
};

/// Effects digests of consecutive events, recorded beside the log.
struct EffectsDigests {
  core::Seq first;
  std::vector<core::Hash32> digests;
};

enum class OpenMode : std::uint8_t {
  kCreate,    ///< writer; makes the directory when it is missing
  kWrite,     ///< writer; the log must exist
  kReadOnly,  ///< no lock, no writes; works beside a running node and sees what was there at open
};

class EventLog final : public EventSource {
 public:
  /// Takes the directory's lock (writers), checks format and high-water mark, and finds the last
  /// event. Does not read the whole log: log verify does.
  /// `env` replaces RocksDB's file system (tests inject faults); it outlives the log.
  [[nodiscard]] static core::Result<std::unique_ptr<EventLog>, StorageFailure> open(
      const std::filesystem::path& directory, OpenMode mode, rocksdb::Env* env = nullptr);
  /// What can still be read of a damaged or cut log, read-only: up to the first damaged record of
  /// the database, not compared with the high-water mark. For judging what is left; whoever shows
  /// the result says that it is not whole.
  [[nodiscard]] static core::Result<std::unique_ptr<EventLog>, StorageFailure> open_readable(
      const std::filesystem::path& directory);
  ~EventLog() override;
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  /// Any thread.
  [[nodiscard]] LogPosition base() const override;
  [[nodiscard]] LogPosition end() const override;

  /// Appends `batches` and `digests` in one atomic write and one fsync (none when `sync` is false:
  /// for digests alone, which replay can recompute). Writer thread only.
  /// Requires that the events continue end() densely and that every content has its hash; refuses
  /// otherwise. After any failure the object refuses everything: open the log again to find out
  /// what the disk holds.
  [[nodiscard]] core::Result<LogPosition, StorageFailure> append(
      std::span<const EventBatch* const> batches, std::span<const EffectsDigests> digests,
      bool sync);

  /// Writes the high-water mark file up to `position` and syncs it. Any thread, one at a time.
  /// Requires that `position` is durable.
  [[nodiscard]] core::Result<core::Ok, StorageFailure> write_high_water_mark(
      const LogPosition& position);

  [[nodiscard]] std::unique_ptr<LogReader> read(core::Seq from) const override;
  [[nodiscard]] std::optional<core::Hash32> chain_at(core::Seq seq) const override;
  [[nodiscard]] std::optional<core::Bytes> record(core::Seq seq) const override;
  [[nodiscard]] std::optional<core::Hash32> log_id() const override;
  [[nodiscard]] std::vector<PrunedRange> pruned() const override;
  [[nodiscard]] std::optional<RemovedContent> removed(const core::Hash32& hash) const override;
  [[nodiscard]] std::shared_ptr<const core::Bytes> content(const core::Hash32& hash) const override;

  struct Impl;

 private:
  explicit EventLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::storage
