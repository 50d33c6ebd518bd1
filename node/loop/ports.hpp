// What the loop needs from the outside, and what the outside hands to the loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "core/reducer.hpp"
#include "io/rpc/backend.hpp"
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
  /// The engine epoch after the last reduced event: commands of an older one are stale.
  virtual void publish_engine_epoch(std::uint32_t epoch) = 0;
};

/// Takes batches to durable storage (storage::LogWriter in the node; tests decide when).
struct LogPort {
  virtual ~LogPort() = default;
  virtual void submit(std::shared_ptr<const storage::EventBatch> batch) = 0;
  virtual void submit_digests(storage::EffectsDigests digests) = 0;
  [[nodiscard]] virtual std::size_t backlog() const = 0;
};

/// What one event decided, told after the event became durable.
struct Settled {
  core::Seq seq;
  core::RequestId request;  ///< who waits for it; 0 = nobody
  std::vector<core::Decision> decisions;
};

/// Why the loop will never take another input.
enum class HaltKind : std::uint8_t {
  kStorage,     ///< the log can not be written any more
  kInvariant,   ///< the state contradicts itself
  kDivergence,  ///< two folds of the same events differ
};

struct Halt {
  HaltKind kind = HaltKind::kStorage;
  core::Seq seq;
  std::string detail;  ///< for a person
};

/// Told on the loop's thread what happened. Must not call back into the loop.
struct ObserverPort {
  virtual ~ObserverPort() = default;
  /// After the event was reduced; not durable yet: for logs and counters only.
  virtual void on_reduced(const core::Event& event, const core::Outcome& outcome) = 0;
  /// For every event with decisions or a waiting request, in order.
  virtual void on_settled(Settled settled) = 0;
  /// What readers see from now on; everything in it is durable.
  virtual void on_published(std::shared_ptr<const io::Published> published) = 0;
  virtual void on_halt(const Halt& halt) = 0;
};

}  // namespace preconf::node
