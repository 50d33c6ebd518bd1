// The shadow: a second fold of the same events on a thread of its own.
//
// It is a permanent check of determinism (its effects digests must equal the live ones) and the one
// who writes snapshots, so that neither ever pauses the loop.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "core/types.hpp"
#include "storage/event_log.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::core {
struct State;
}

namespace preconf::node {

struct Divergence {
  core::Seq seq;
  core::Hash32 live;    ///< effects digest the loop computed
  core::Hash32 shadow;  ///< effects digest of the second fold
};

struct ShadowConfig {
  std::uint64_t snapshot_every = 50'000;  ///< events
  storage::SnapshotPolicy snapshots_kept;
};

/// Called on the shadow's thread.
struct ShadowCallbacks {
  std::function<void(Divergence)> on_divergence;         ///< at most once; it folds no further
  std::function<void()> on_progress;                     ///< the backlog has become smaller
  std::function<void(core::Seq)> on_snapshot;            ///< saved
  std::function<void(std::string)> on_snapshot_failure;  ///< costs time at the next start, no more
};

class Shadow {
 public:
  /// `state` equals the loop's before its first batch; `log` and `snapshots` outlive the shadow.
  Shadow(std::unique_ptr<core::State> state, const storage::EventLog& log,
         storage::SnapshotStore& snapshots, ShadowConfig config, ShadowCallbacks callbacks);
  /// Folds what was submitted, without a snapshot.
  ~Shadow();
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;

  /// Any one thread, in order.
  void submit(std::shared_ptr<const storage::EventBatch> batch);
  void submit_digests(const storage::EffectsDigests& digests);
  /// A snapshot is saved only of durable events.
  void on_durable(const storage::LogPosition& position);

  /// Events submitted and not folded yet.
  [[nodiscard]] std::size_t backlog() const;

  /// Folds what was submitted, saves a snapshot of it when it is durable, and ends the thread.
  void finish();

 private:
  struct PendingSnapshot {
    storage::Snapshot snapshot;  ///< chain still unknown
    bool is_wanted = false;
  };

  void run();
  void fold(const storage::EventBatch& batch);
  bool compare();
  void capture();
  void save_if_durable();

  const storage::EventLog& log_;
  storage::SnapshotStore& snapshots_;
  const ShadowConfig config_;
  const ShadowCallbacks callbacks_;

  // Only the shadow's thread.
  std::unique_ptr<core::State> state_;
  std::deque<core::Hash32> own_digests_;
  core::Seq compared_;  ///< last event whose digests were compared
  core::Seq last_snapshot_;
  PendingSnapshot pending_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<const storage::EventBatch>> batches_;
  std::deque<core::Hash32> live_digests_;
  std::size_t backlog_ = 0;
  core::Seq durable_;
  bool has_diverged_ = false;
  bool is_ending_ = false;
  bool is_final_snapshot_wanted_ = false;
  std::thread thread_;
};

}  // namespace preconf::node
