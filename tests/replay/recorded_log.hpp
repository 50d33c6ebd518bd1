// A data directory as a node leaves it behind, with ways to spoil it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>

#include "core/state_bytes.hpp"
#include "storage/event_log.hpp"
#include "storage/rocks.hpp"
#include "storage/snapshot_store.hpp"
#include "tests/replay/real_world.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::tests {

/// Temporary files in memory where the system has such a place: these tests ask for no durability,
/// and every log costs a dozen syncs.
inline bool prefer_memory() {
  std::error_code error;
  return std::filesystem::is_directory("/dev/shm", error) && ::setenv("TMPDIR", "/dev/shm", 0) == 0;
}

class RecordedLog {
 public:
  RecordedLog() : log_(open(storage::OpenMode::kCreate)) {}

  /// Where the data directory is.
  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "node"; }
  [[nodiscard]] storage::EventLog& log() { return *log_; }

  /// Writes what the world did since the last call.
  void write(RealWorld& world) { append(*log_, world); }
  /// Snapshot of the world's state, of events that were written.
  [[nodiscard]] storage::Snapshot snapshot(const core::State& state) const {
    storage::Snapshot snapshot;
    snapshot.position = {state.last_seq, log_->chain_at(state.last_seq).value()};
    snapshot.reducer_version = core::kReducerVersion;
    snapshot.state_hash = core::state_hash(state);
    snapshot.state = core::encode_state(state);
    return snapshot;
  }
  [[nodiscard]] storage::SnapshotStore snapshots() const {
    return storage::SnapshotStore(path() / "snapshots");
  }
  void save(const storage::Snapshot& snapshot) {
    if (!snapshots().save(snapshot)) throw std::runtime_error("snapshot");
  }

  /// Ends the writer's life, the high-water mark at the end.
  void close() {
    if (log_ == nullptr) return;
    if (!log_->append({}, {}, true) || !log_->write_high_water_mark(log_->end())) {
      throw std::runtime_error("closing the log");
    }
    log_.reset();
  }

  /// Gives the closed log's database to `spoil`.
  template <class Spoil>
  void spoil(Spoil&& spoil) {
    close();
    const auto rocks =
        storage::Rocks::open(path() / "log", storage::RocksMode::kWrite, nullptr).value().release();
    const std::unique_ptr<storage::Rocks> owner(rocks);
    spoil(*rocks);
  }

 private:
  std::unique_ptr<storage::EventLog> open(storage::OpenMode mode) const {
    auto log = storage::EventLog::open(path(), mode);
    if (!log) throw std::runtime_error(log.error().detail);
    return std::move(log).value();
  }

  bool in_memory_ = prefer_memory();
  TemporaryDirectory directory_;
  std::unique_ptr<storage::EventLog> log_;
};

}  // namespace preconf::tests
