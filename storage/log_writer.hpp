// Group commit on a thread of its own: the loop hands over batches and goes on; fsync stalls (tens
// of milliseconds were measured) never stop it.
#pragma once

#include <functional>
#include <memory>

#include "storage/event_log.hpp"

namespace preconf::storage {

/// Called on the writer thread. `durable` is everything up to and including it; on failure the
/// writer has stopped for good and nothing after the last reported position is durable.
struct WriterCallbacks {
  std::function<void(LogPosition durable)> on_durable;
  std::function<void(StorageFailure)> on_failure;
};

/// While one fsync runs, later batches queue up and share the next one: at most
/// limits::kBatchEventsMax events or limits::kBatchBytesMax bytes per commit unless one batch alone
/// is larger. Also maintains the high-water mark, on a second thread, never ahead of the log.
class LogWriter {
 public:
  LogWriter(EventLog& log, WriterCallbacks callbacks);
  /// Flushes everything submitted, writes the high-water mark, joins.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  /// Batches must continue each other densely. Never blocks on the disk.
  void submit(std::shared_ptr<const EventBatch> batch);
  /// Digests of events submitted earlier; written with the next commit, or alone when idle.
  void submit_digests(EffectsDigests digests);
  /// Events handed over and not yet durable.
  [[nodiscard]] std::size_t backlog() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::storage
