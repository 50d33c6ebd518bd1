// WorkerPool: threads for work that would hold up an event loop (hashing, inflating, signatures).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace preconf::io {

class WorkerPool {
 public:
  /// `threads` >= 1; at most `queue_max` jobs wait.
  WorkerPool(std::size_t threads, std::size_t queue_max);
  /// Jobs that have not started are dropped; the running ones are waited for.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Any thread. False when the queue is full: the caller refuses its work, nothing blocks.
  [[nodiscard]] bool submit(std::function<void()> job);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::io
