#include "tests/support/fake_ports.hpp"

#include <utility>
#include <variant>

#include "core/crypto/hash.hpp"
#include "core/state.hpp"

namespace preconf::tests {
namespace {

std::string range(core::Seq first, std::size_t count) {
  return std::to_string(first.value) + ".." + std::to_string(first.value + count - 1);
}

}  // namespace

void FakeLog::submit(std::shared_ptr<const storage::EventBatch> batch) {
  trace_.push_back("submit " + range(batch->events.front().seq, batch->events.size()));
  events.insert(events.end(), batch->events.begin(), batch->events.end());
  batches.push_back(std::move(batch));
}

void FakeLog::submit_digests(storage::EffectsDigests submitted) {
  trace_.push_back("digests " + range(submitted.first, submitted.digests.size()));
  digests.insert(digests.end(), submitted.digests.begin(), submitted.digests.end());
}

void FakeExecutor::start(const core::Command& command) {
  trace_.push_back(std::string("start ") + core::name_of(command.body) + " " +
                   std::to_string(command.id.cause.value));
  started.push_back(command);
  if (!std::holds_alternative<core::commands::SetTimer>(command.body)) {
    outstanding.push_back(command);
  }
}

bool FakeExecutor::answer_next(ModelEngine& engine, node::InputQueue& inputs) {
  if (outstanding.empty()) return false;
  const core::Command command = outstanding.front();
  outstanding.pop_front();
  node::Input input =
      make_input(core::events::EngineAnswered{command.id, 1, engine.perform(command.body)},
                 core::Lane::kEngine);
  input.source = core::SourceKind::kEngine;
  return inputs.offer(std::move(input));
}

void FakeObserver::on_reduced(const core::Event& event, const core::Outcome&) {
  trace_.push_back("reduced " + std::to_string(event.seq.value));
}

void FakeObserver::on_settled(node::Settled value) {
  trace_.push_back("settled " + std::to_string(value.seq.value));
  settled.push_back(std::move(value));
}

void FakeObserver::on_published(std::shared_ptr<const io::Published> value) {
  trace_.push_back("published " + std::to_string(value->status.last_seq.value));
  published.push_back(std::move(value));
}

void FakeObserver::on_halt(const node::Halt& halt) {
  trace_.push_back("halt " + std::to_string(halt.seq.value));
  halts.push_back(halt);
}

LoopBench::LoopBench(node::LoopConfig config)
    : loop(std::make_unique<core::State>(), {}, inputs, {clock, executor, log, observer}, config) {}

node::StepResult LoopBench::drain() {
  for (;;) {
    const node::StepResult result = loop.step();
    if (result != node::StepResult::kWorked) return result;
  }
}

void LoopBench::make_durable() {
  if (log.durable == log.events.size()) return;
  log.durable = log.events.size();
  loop.on_durable({log.events.back().seq, {}});
}

void LoopBench::settle(ModelEngine& engine) {
  do {
    (void)drain();
    make_durable();
  } while (executor.answer_next(engine, inputs));
}

node::Input make_input(core::EventBody body, core::Lane lane, std::uint64_t request) {
  node::Input input;
  input.body = std::move(body);
  input.lane = lane;
  input.request = core::RequestId{request};
  return input;
}

}  // namespace preconf::tests
