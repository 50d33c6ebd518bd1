// Reads a log ahead on a thread of its own: reading, hashing, decoding and chain checks overlap
// with whatever the caller does with the events.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "replay/bounded_queue.hpp"
#include "storage/event_log.hpp"

namespace preconf::replay {

using EventRun = std::vector<storage::LoggedEvent>;  ///< consecutive events
using EventRunPtr = std::shared_ptr<const EventRun>;

class EventStream {
 public:
  struct Span {
    core::Seq from;   ///< first event; at least 1
    core::Seq until;  ///< last event; reading ends earlier where the log does
  };

  /// Starts to read. `tap` sees every run first, on the reading thread; it may wait.
  EventStream(const storage::EventLog& log, Span span, std::function<void(const EventRunPtr&)> tap);
  /// Stops reading; what was read ahead is dropped.
  ~EventStream();
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  /// The next run; null at the end and at a failure. One consumer thread.
  [[nodiscard]] EventRunPtr next();
  /// Why reading ended early; set before next() returns null.
  [[nodiscard]] const std::optional<storage::StorageFailure>& failure() const { return failure_; }

 private:
  void run();

  const storage::EventLog& log_;
  const Span span_;
  const std::function<void(const EventRunPtr&)> tap_;
  BoundedQueue<EventRunPtr> queue_;
  std::atomic<bool> is_stopping_{false};
  std::optional<storage::StorageFailure> failure_;  // published by closing the queue
  std::thread thread_;
};

}  // namespace preconf::replay
