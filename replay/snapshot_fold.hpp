// A second fold beside the main one, started anew from every snapshot.
//
// What is proved: for snapshots at s1 < s2 < ... the fold from s1 arrives at s2 with exactly the
// state that the main fold has there, which is the state in the file of s2, from which the next
// fold starts; the last one arrives at the end with the main fold's final state. By induction the
// fold from each snapshot to the end gives the same final state, at the cost of one extra fold in
// all.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <thread>

#include "core/state.hpp"
#include "replay/bounded_queue.hpp"
#include "replay/difference.hpp"
#include "replay/event_stream.hpp"

namespace preconf::replay {

struct FoldMismatch {
  core::Seq from;         ///< snapshot from which the fold started
  core::Seq at;           ///< where it was compared with the main fold
  Difference difference;  ///< recorded: from the snapshot; recomputed: main fold
};

class SnapshotFold {
 public:
  SnapshotFold();
  ~SnapshotFold();
  SnapshotFold(const SnapshotFold&) = delete;
  SnapshotFold& operator=(const SnapshotFold&) = delete;

  // One calling thread; all of them hand over and return, waiting only while the fold is behind.

  /// Continues from `state`, forgetting the current one.
  void start(std::unique_ptr<core::State> state);
  /// Folds the events [begin, end) of `run`, which must follow; nothing before the first start().
  void fold(const EventRunPtr& run, std::size_t begin, std::size_t end);
  /// The state must now encode to `bytes`.
  void expect(std::shared_ptr<const core::Bytes> bytes);

  [[nodiscard]] bool is_started() const { return is_started_; }
  /// Waits for everything handed over. The first mismatch, if any.
  [[nodiscard]] std::optional<FoldMismatch> finish();

 private:
  struct Task {
    std::unique_ptr<core::State> state;
    EventRunPtr run;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::shared_ptr<const core::Bytes> expected;
  };
  void work();
  void compare(const core::Bytes& expected);

  bool is_started_ = false;
  BoundedQueue<Task> queue_;
  // Only the fold's thread, until finish() has joined it.
  std::unique_ptr<core::State> state_;
  core::Seq from_;
  std::optional<FoldMismatch> mismatch_;
  std::thread thread_;
};

}  // namespace preconf::replay
