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

/// A position in the log together with the hash that fixes everything before it.
struct LogPosition {
  core::Seq seq;       ///< 0 = empty log
  core::Hash32 chain;  ///< zero for the empty log
  friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

/// One event as read back, its integrity verified.
struct LoggedEvent {
  core::Event event;
  core::Hash32 chain;
  std::optional<core::Hash32> effects_digest;  ///< none: written but not yet digested (tail)
};

enum class OpenMode : std::uint8_t {
  kCreate,    ///< writer; makes the directory when it is missing
  kWrite,     ///< writer; the log must exist
  kReadOnly,  ///< no lock, no writes; works beside a running node and sees what was there at open
};

class LogReader;

class EventLog {
 public:
  /// Takes the directory's lock (writers), checks format and high-water mark, and finds the last
  /// event. Does not read the whole log: log verify does.
  /// `env` replaces RocksDB's file system (tests inject faults); it outlives the log.
  [[nodiscard]] static core::Result<std::unique_ptr<EventLog>, StorageFailure> open(
      const std::filesystem::path& directory, OpenMode mode, rocksdb::Env* env = nullptr);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  /// Any thread.
  [[nodiscard]] LogPosition end() const;

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

  /// A reader that starts at `from` (>= 1). Verifies hash, chain and density as it goes; when
  /// `from` > 1 the chain before `from` is taken from the record before it.
  [[nodiscard]] std::unique_ptr<LogReader> read(core::Seq from) const;

  /// The chain hash recorded at `seq`, none when there is no such event.
  [[nodiscard]] std::optional<core::Hash32> chain_at(core::Seq seq) const;

  /// Content by its keccak256. Nothing when absent; never other bytes than asked for (re-hashed).
  [[nodiscard]] std::shared_ptr<const core::Bytes> content(const core::Hash32& hash) const;

  struct Impl;

 private:
  explicit EventLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Reads forward. Not thread safe; outlived by the log it came from. Long scans read, hash and
/// decode ahead on a thread of their own.
class LogReader {
 public:
  struct Impl;
  explicit LogReader(std::unique_ptr<Impl> impl);
  ~LogReader();
  /// The next event; nothing at the end of the log; a failure names the seq at fault, and every
  /// later call returns it again.
  [[nodiscard]] core::Result<std::optional<LoggedEvent>, StorageFailure> next();
  /// The same into an existing object, whose buffers are reused: true = `out` is the next event,
  /// false = the end of the log.
  [[nodiscard]] core::Result<bool, StorageFailure> next_into(LoggedEvent& out);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::storage
