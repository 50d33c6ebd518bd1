// What the loop needs from the outside, and what the outside hands to the loop.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/event.hpp"
#include "core/reducer.hpp"
#include "storage/event_log.hpp"

namespace preconf::node {

/// A fact on its way into the log: everything of an event but its position and time.
struct Input {
  core::EventBody body;
  core::Lane lane = core::Lane::kControl;
  core::SourceKind source = core::SourceKind::kLocal;
  std::uint64_t source_id = 0;
  core::RequestId request;
  std::vector<storage::Content> contents;
};

/// Time, as the single appender stamps it.
struct ClockPort {
  virtual ~ClockPort() = default;
  [[nodiscard]] virtual core::WallNanos wall() = 0;
  [[nodiscard]] virtual core::MonoNanos mono() = 0;
};

/// Performs one primitive I/O per command; every command ends in exactly one Input, later, on the
/// loop's thread. Never calls back from inside start().
struct ExecutorPort {
  virtual ~ExecutorPort() = default;
  virtual void start(const core::Command& command) = 0;
};

/// Takes batches to durable storage (storage::LogWriter in the node; tests decide when).
struct LogPort {
  virtual ~LogPort() = default;
  virtual void submit(std::shared_ptr<const storage::EventBatch> batch) = 0;
  virtual void submit_digests(storage::EffectsDigests digests) = 0;
  [[nodiscard]] virtual std::size_t backlog() const = 0;
};

}  // namespace preconf::node
