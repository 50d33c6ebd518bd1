// A log as runs of consecutive events, which several threads may look at.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/event_source.hpp"

namespace preconf::replay {

using EventRun = std::vector<storage::LoggedEvent>;  ///< consecutive events
using EventRunPtr = std::shared_ptr<const EventRun>;

/// One thread calls next(); reading, hashing and decoding happen ahead of it, on the log reader's
/// thread. Runs outlive the stream; their buffers are used again when the last holder lets go.
class EventStream {
 public:
  struct Span {
    core::Seq from;   ///< first event; at least 1
    core::Seq until;  ///< last event; reading ends earlier where the log does
  };

  EventStream(const storage::EventSource& log, Span span);

  /// The next run, not empty; null at the end and at a failure.
  [[nodiscard]] EventRunPtr next();
  /// Why reading ended early.
  [[nodiscard]] const std::optional<storage::StorageFailure>& failure() const { return failure_; }

 private:
  struct Pool {
    std::mutex mutex;
    std::vector<std::unique_ptr<EventRun>> runs;
  };
  [[nodiscard]] std::shared_ptr<EventRun> take_run();

  const std::shared_ptr<Pool> pool_ = std::make_shared<Pool>();
  std::unique_ptr<storage::LogReader> reader_;
  core::Seq until_;
  bool is_done_ = false;
  std::optional<storage::StorageFailure> failure_;
};

}  // namespace preconf::replay
