// The order of the loop: what must have happened before what.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/state.hpp"
#include "tests/support/fake_ports.hpp"
#include "tests/support/world.hpp"

namespace preconf::tests {
namespace {

namespace ev = core::events;
using core::Lane;
using node::StepResult;

void offer(LoopBench& bench, core::EventBody body, Lane lane = Lane::kControl,
           std::uint64_t request = 0) {
  ASSERT_TRUE(bench.inputs.offer(make_input(std::move(body), lane, request)));
}

void offer_boot(LoopBench& bench) {
  offer(bench, model_genesis_event());
  offer(bench, ev::BootStarted{{}, "test"});
  offer(bench, ev::ScheduleConfigured{model_schedule()});
  ev::L1SyncObserved l1;
  l1.scanner_live = true;
  offer(bench, l1);
}

void offer_promise(LoopBench& bench, const Promise& promise, std::uint64_t request = 0) {
  offer(bench, ev::TxListReceived{promise.list, 1}, Lane::kTxList);
  offer(bench, ev::CommitmentReceived{core::Bytes(382), promise.facts, 1}, Lane::kCommitment,
        request);
}

std::size_t index_of(const Trace& trace, const std::string& what) {
  return static_cast<std::size_t>(std::find(trace.begin(), trace.end(), what) - trace.begin());
}

struct DriverLoopTest : testing::Test {
  ModelEngine engine{core::protocol::chain_profile("devnet").value().chain_id};
};
using driver_loop = DriverLoopTest;

TEST_F(driver_loop, submits_before_it_reduces_and_digests_after) {
  LoopBench bench;
  offer_boot(bench);
  EXPECT_EQ(bench.loop.step(), StepResult::kWorked);
  ASSERT_GE(bench.trace.size(), 6U);
  EXPECT_EQ(bench.trace[0], "submit 1..4");
  EXPECT_EQ(bench.trace[1], "reduced 1");
  EXPECT_EQ(bench.trace[4], "reduced 4");
  EXPECT_EQ(bench.trace[5], "digests 1..4");
  EXPECT_EQ(bench.loop.step(), StepResult::kIdle);
}

TEST_F(driver_loop, a_read_starts_at_once_and_nothing_else_before_its_cause_is_durable) {
  LoopBench bench;
  offer_boot(bench);
  (void)bench.drain();
  ASSERT_EQ(bench.executor.started.size(), 1U) << "E12 reads the heads of the engine at boot";
  EXPECT_TRUE(std::holds_alternative<core::commands::ReadHeads>(bench.executor.started[0].body));

  // Bring the loop to a block of which everything is known, without making its events durable.
  bench.settle(engine);
  Preconfer preconfer;
  offer_promise(bench, preconfer.next_block());
  (void)bench.drain();
  bench.make_durable();
  for (int round = 0; round < 50; ++round) {
    const std::size_t before = bench.executor.started.size();
    if (!bench.executor.answer_next(engine, bench.inputs)) break;
    (void)bench.drain();
    for (std::size_t i = before; i < bench.executor.started.size(); ++i) {
      EXPECT_EQ(core::class_of(bench.executor.started[i].body), core::CommandClass::kRead);
    }
    bench.make_durable();
  }
  EXPECT_EQ(bench.loop.state().heads.unsafe->number, preconfer.tip.number);
  std::set<std::string> names;
  for (const core::Command& command : bench.executor.started) {
    names.insert(core::name_of(command.body));
  }
  EXPECT_GE(names.size(), 6U) << "every step of the apply plan was seen";
}

TEST_F(driver_loop, commands_wait_for_exactly_their_own_cause) {
  LoopBench bench({.batch_events_max = 1});
  offer_boot(bench);
  bench.settle(engine);
  const auto timers = std::count_if(
      bench.executor.started.begin(), bench.executor.started.end(), [](const auto& command) {
        return std::holds_alternative<core::commands::SetTimer>(command.body);
      });
  EXPECT_GE(timers, 1);
  for (const core::Command& command : bench.executor.started) {
    if (core::class_of(command.body) == core::CommandClass::kRead) continue;
    const std::string start = std::string("start ") + core::name_of(command.body) + " " +
                              std::to_string(command.id.cause.value);
    EXPECT_LT(index_of(bench.trace, "reduced " + std::to_string(command.id.cause.value)),
              index_of(bench.trace, start));
  }
}

TEST_F(driver_loop, answers_and_status_wait_for_durability) {
  LoopBench bench;
  offer_boot(bench);
  bench.settle(engine);
  Preconfer preconfer;
  const std::size_t published = bench.observer.published.size();
  bench.observer.settled.clear();
  offer_promise(bench, preconfer.next_block(), 77);
  (void)bench.drain();
  EXPECT_TRUE(bench.observer.settled.empty());
  EXPECT_EQ(bench.observer.published.size(), published);
  bench.make_durable();
  const auto answer = std::find_if(bench.observer.settled.begin(), bench.observer.settled.end(),
                                   [](const auto& s) { return s.request.value == 77; });
  ASSERT_NE(answer, bench.observer.settled.end());
  EXPECT_FALSE(answer->decisions.empty());
  ASSERT_GT(bench.observer.published.size(), published);
  EXPECT_EQ(bench.observer.published.back()->status.last_seq, bench.loop.last_seq());
  ASSERT_TRUE(bench.observer.published.back()->schedule);
  EXPECT_EQ(*bench.observer.published.back()->schedule, model_schedule());
}

TEST_F(driver_loop, a_partly_durable_batch_releases_only_its_durable_part) {
  LoopBench bench;
  offer_boot(bench);
  bench.settle(engine);
  Preconfer preconfer;
  bench.observer.settled.clear();
  const core::Seq before = bench.loop.last_seq();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    offer(bench, ev::CommitmentReceived{core::Bytes(382), preconfer.next_block().facts, 1},
          Lane::kCommitment, i);
  }
  (void)bench.drain();
  bench.loop.on_durable({core::Seq{before.value + 2}, {}});
  EXPECT_EQ(bench.observer.settled.size(), 2U);
  bench.make_durable();
  EXPECT_EQ(bench.observer.settled.size(), 3U);
}

TEST_F(driver_loop, batch_boundaries_change_nothing) {
  core::Hash32 state;
  std::vector<core::Hash32> digests;
  for (const std::size_t batch : {256U, 1U, 3U, 7U}) {
    LoopBench bench({.batch_events_max = batch, .invariants_every = 1});
    ModelEngine own(engine);
    offer_boot(bench);
    bench.settle(own);
    Preconfer preconfer;
    for (int i = 0; i < 12; ++i) offer_promise(bench, preconfer.next_block());
    bench.settle(own);
    EXPECT_TRUE(bench.observer.halts.empty());
    EXPECT_EQ(bench.loop.state().heads.unsafe->number, preconfer.tip.number);
    if (digests.empty()) {
      state = core::state_hash(bench.loop.state());
      digests = bench.log.digests;
    }
    EXPECT_EQ(core::state_hash(bench.loop.state()), state) << batch;
    EXPECT_EQ(bench.log.digests, digests) << batch;
    // What was logged folds to what ran.
    EXPECT_EQ(core::state_hash(fold(bench.log.events)), state);
  }
}

TEST_F(driver_loop, takes_no_input_while_the_log_is_behind) {
  LoopBench bench({.batch_events_max = 2, .backlog_max = 4});
  offer_boot(bench);
  offer(bench, ev::BootStarted{{}, "again"});
  EXPECT_EQ(bench.drain(), StepResult::kBackpressure);
  EXPECT_EQ(bench.log.events.size(), 4U);
  EXPECT_EQ(bench.inputs.size(), 1U);
  bench.make_durable();
  EXPECT_EQ(bench.drain(), StepResult::kIdle);
  EXPECT_EQ(bench.log.events.size(), 5U);
}

TEST_F(driver_loop, shutdown_is_the_last_event_and_no_command_starts_after_it) {
  LoopBench bench;
  offer_boot(bench);
  bench.settle(engine);
  Preconfer preconfer;
  offer_promise(bench, preconfer.next_block());
  (void)bench.drain();
  const std::size_t started = bench.executor.started.size();
  offer(bench, ev::ShutdownRequested{15});
  offer(bench, ev::TxListReceived{preconfer.next_block().list, 1}, Lane::kTxList);
  EXPECT_EQ(bench.drain(), StepResult::kStopped);
  bench.make_durable();
  EXPECT_EQ(bench.executor.started.size(), started);
  EXPECT_TRUE(std::holds_alternative<ev::ShutdownRequested>(bench.log.events.back().body));
  EXPECT_TRUE(bench.loop.is_stopped());
  EXPECT_EQ(bench.loop.step(), StepResult::kStopped);
}

TEST_F(driver_loop, after_a_halt_nothing_moves) {
  LoopBench bench;
  offer_boot(bench);
  bench.settle(engine);
  Preconfer preconfer;
  offer_promise(bench, preconfer.next_block());
  (void)bench.drain();
  const std::size_t started = bench.executor.started.size();
  bench.loop.halt({node::HaltKind::kStorage, core::Seq{3}, "disk full"});
  bench.loop.halt({node::HaltKind::kStorage, core::Seq{3}, "disk full"});
  bench.make_durable();
  EXPECT_EQ(bench.executor.started.size(), started);
  ASSERT_EQ(bench.observer.halts.size(), 1U);
  EXPECT_EQ(bench.observer.halts[0].detail, "disk full");
  EXPECT_EQ(bench.loop.step(), StepResult::kHalted);
}

TEST_F(driver_loop, stamps_dense_seqs_and_a_clock_that_never_goes_back) {
  LoopBench bench({.batch_events_max = 1});
  bench.clock.mono_ns = 100;
  offer_boot(bench);
  (void)bench.loop.step();
  bench.clock.mono_ns = 50;
  (void)bench.drain();
  core::Seq expected{1};
  core::MonoNanos last;
  for (const core::Event& event : bench.log.events) {
    EXPECT_EQ(event.seq, expected);
    EXPECT_GE(event.mono, last);
    EXPECT_EQ(event.wall.value, bench.clock.wall_ns);
    expected = core::next(expected);
    last = event.mono;
  }
  EXPECT_EQ(last.value, 100U);
}

TEST_F(driver_loop, tells_the_executor_the_engine_epoch_before_it_starts_reads) {
  LoopBench bench;
  offer_boot(bench);
  (void)bench.drain();
  ASSERT_FALSE(bench.executor.started.empty());
  EXPECT_EQ(bench.executor.engine_epoch, bench.loop.state().engine_epoch);
  EXPECT_EQ(bench.executor.started[0].engine_epoch, bench.executor.engine_epoch);
}

}  // namespace
}  // namespace preconf::tests
