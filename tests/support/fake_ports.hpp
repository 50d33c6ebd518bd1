// Ports of the loop for tests: time that stands still, a log that becomes durable when the test
// says so, and an executor that asks a model engine when the test says so.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "node/loop/driver_loop.hpp"
#include "node/loop/ports.hpp"
#include "tests/support/model_engine.hpp"

namespace preconf::tests {

/// What happened at the ports, in order: "submit 1..3", "digests 1..3", "start ReadHeads 2", ...
using Trace = std::vector<std::string>;

struct FakeClock final : node::ClockPort {
  core::WallNanos wall() override { return core::WallNanos{wall_ns}; }
  core::MonoNanos mono() override { return core::MonoNanos{mono_ns}; }
  std::uint64_t wall_ns = 1'000'000'000;
  std::uint64_t mono_ns = 5;
};

struct FakeLog final : node::LogPort {
  explicit FakeLog(Trace& trace) : trace_(trace) {}
  void submit(std::shared_ptr<const storage::EventBatch> batch) override;
  void submit_digests(storage::EffectsDigests digests) override;
  std::size_t backlog() const override { return events.size() - durable; }

  std::vector<std::shared_ptr<const storage::EventBatch>> batches;
  std::vector<core::Event> events;
  std::vector<core::Hash32> digests;
  std::size_t durable = 0;

 private:
  Trace& trace_;
};

struct FakeExecutor final : node::ExecutorPort {
  explicit FakeExecutor(Trace& trace) : trace_(trace) {}
  void start(const core::Command& command) override;
  void publish_engine_epoch(std::uint32_t epoch) override { engine_epoch = epoch; }

  /// Answers the oldest engine command as `engine` does; false when there is none.
  bool answer_next(ModelEngine& engine, node::InputQueue& inputs);

  std::deque<core::Command> outstanding;  ///< without timers
  std::vector<core::Command> started;     ///< all, with timers
  std::uint32_t engine_epoch = 0;

 private:
  Trace& trace_;
};

struct FakeObserver final : node::ObserverPort {
  explicit FakeObserver(Trace& trace) : trace_(trace) {}
  void on_reduced(const core::Event& event, const core::Outcome& outcome) override;
  void on_settled(node::Settled settled) override;
  void on_published(std::shared_ptr<const io::Published> published) override;
  void on_halt(const node::Halt& halt) override;

  std::vector<node::Settled> settled;
  std::vector<std::shared_ptr<const io::Published>> published;
  std::vector<node::Halt> halts;

 private:
  Trace& trace_;
};

/// A loop on fake ports, beginning with an empty log.
struct LoopBench {
  explicit LoopBench(node::LoopConfig config = {});

  /// Steps until idle, stopped, halted or held back.
  node::StepResult drain();
  /// Everything submitted becomes durable.
  void make_durable();
  /// drain, make_durable and engine answers until nothing moves any more.
  void settle(ModelEngine& engine);

  Trace trace;
  FakeClock clock;
  FakeLog log{trace};
  FakeExecutor executor{trace};
  FakeObserver observer{trace};
  node::InputQueue inputs;
  node::DriverLoop loop;
};

[[nodiscard]] node::Input make_input(core::EventBody body, core::Lane lane = core::Lane::kControl,
                                     std::uint64_t request = 0);

}  // namespace preconf::tests
