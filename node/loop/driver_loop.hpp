// The loop: the only writer of the state, the only appender to the log, the only source of
// commands.
//
// It has no thread of its own: whoever calls step() is the loop (the node's main thread; a test, by
// hand). Everything outside speaks to it through the ports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "core/limits.hpp"
#include "core/reducer.hpp"
#include "node/loop/input_queue.hpp"
#include "node/loop/ports.hpp"

namespace preconf::core {
struct State;
}

namespace preconf::node {

struct LoopConfig {
  std::size_t batch_events_max = core::limits::kBatchEventsMax;
  std::size_t batch_bytes_max = core::limits::kBatchBytesMax;
  /// Events handed to the log and not durable above which no input is taken. A slow fsync takes
  /// 260 ms; at 60k events/s that many arrive meanwhile.
  std::size_t backlog_max = 16'384;
  /// Invariants are checked at every event whose seq is a multiple of this; 1 = always.
  std::uint64_t invariants_every = 1'024;
};

struct LoopPorts {
  ClockPort& clock;
  ExecutorPort& executor;
  LogPort& log;
  ObserverPort& observer;
};

enum class StepResult : std::uint8_t {
  kWorked,        ///< a batch was taken; there may be more
  kIdle,          ///< nothing waits
  kBackpressure,  ///< the log is behind; try again after on_durable
  kStopped,       ///< ShutdownRequested was the last event of this life
  kHalted,        ///< see on_halt
};

class DriverLoop {
 public:
  /// `state` is the fold of the log so far, of which `durable` is the end.
  DriverLoop(std::unique_ptr<core::State> state, storage::LogPosition durable, InputQueue& inputs,
             LoopPorts ports, LoopConfig config);
  ~DriverLoop();
  DriverLoop(const DriverLoop&) = delete;
  DriverLoop& operator=(const DriverLoop&) = delete;

  /// Takes one batch of inputs through the fixed order. Never blocks.
  StepResult step();

  /// Everything up to `position` is durable: releases the commands, decisions and status it covers.
  void on_durable(const storage::LogPosition& position);

  /// Stops for good: no input is taken and no command started any more.
  void halt(const Halt& reason);

  [[nodiscard]] const core::State& state() const { return *state_; }
  [[nodiscard]] core::Seq last_seq() const;
  [[nodiscard]] core::Seq durable_seq() const { return durable_; }
  [[nodiscard]] bool is_stopped() const { return is_stopped_; }

 private:
  [[nodiscard]] std::shared_ptr<const storage::EventBatch> next_batch();
  void reduce_batch(const storage::EventBatch& batch);
  void settle(const core::Event& event);
  void check(const core::Event& event);
  void start_ready();
  void publish();

  std::unique_ptr<core::State> state_;
  core::Seq durable_;
  InputQueue& inputs_;
  LoopPorts ports_;
  LoopConfig config_;

  core::MonoNanos last_mono_;
  bool is_stopped_ = false;
  bool is_halted_ = false;

  std::vector<Input> taken_;           // reused by every batch
  core::Outcome outcome_;              // reused by every event
  std::vector<core::Hash32> digests_;  // of the batch at hand
  std::vector<core::Command> ready_;   // class R of the batch at hand
  std::deque<core::Command> held_;     // ordered by cause
  std::deque<Settled> settled_;        // ordered by seq
  std::shared_ptr<const core::protocol::Schedule> schedule_;
  std::shared_ptr<const io::L1View> l1_;
  std::shared_ptr<const io::Published> next_published_;
  bool is_published_outdated_ = false;
};

}  // namespace preconf::node
