// preconf diff on scripted histories.
#include <gtest/gtest.h>

#include <sstream>

#include "core/base/hex.hpp"
#include "replay/cli/tool.hpp"
#include "replay/compare/diff.hpp"
#include "tests/support/memory_history.hpp"
#include "tests/support/storage_events.hpp"
#include "tests/support/world.hpp"

namespace preconf::replay {
namespace {

using tests::ModelEngine;
using tests::Preconfer;
using tests::Promise;
using tests::World;

Ledger ledger_of(const World& world) { return *Ledger::of(tests::history_of(world.log), {}); }

TEST(Diff, order_of_arrival_is_no_difference) {
  Preconfer preconfer;
  const Promise first = preconfer.next_block();
  const Promise second = preconfer.next_block();
  ModelEngine engine_1(167001);
  ModelEngine engine_2(167001);
  World one(engine_1);
  World two(engine_2);
  one.start();
  two.start();
  one.settle();
  two.settle();
  one.promise(first);
  one.settle();
  one.promise(second);
  one.settle();
  two.now_ns += 5'000'000'000;
  two.commitment(second.facts);
  two.txlist(second.list);
  two.commitment(first.facts);
  two.txlist(first.list);
  two.settle();
  const DiffReport report = compare(ledger_of(one), ledger_of(two));
  EXPECT_TRUE(report.agree) << to_text(report);
  EXPECT_TRUE(report.only_in_1.empty());
  EXPECT_TRUE(report.only_in_2.empty());
  EXPECT_EQ(report.latency.at("commitment").items, 2U);
  EXPECT_GT(report.latency.at("commitment").median_ns, 4'900'000'000);
}

TEST(Diff, names_the_first_decision_and_the_input_behind_it) {
  Preconfer preconfer;
  const Promise first = preconfer.next_block();
  const Promise second = preconfer.next_block();
  ModelEngine engine_1(167001);
  ModelEngine engine_2(167001);
  World one(engine_1);
  World two(engine_2);
  one.start();
  one.settle();
  two.feed(core::events::BootStarted{});
  two.feed(core::events::L1SyncObserved{true, core::ProposalId{0}, std::nullopt});
  // Node 2 has another table: the first window belongs to somebody else.
  core::protocol::Schedule schedule = tests::model_schedule();
  schedule.windows[0].committer = tests::address_number(9);
  two.feed(core::events::ScheduleConfigured{schedule});
  two.settle();
  for (World* world : {&one, &two}) {
    world->promise(first);
    world->settle();
  }
  one.promise(second);
  one.settle();
  const DiffReport report = compare(ledger_of(one), ledger_of(two));
  EXPECT_FALSE(report.agree);
  ASSERT_TRUE(report.first_decision);
  EXPECT_EQ(report.first_decision->subject, first.facts.preconf_hash);
  EXPECT_EQ(report.first_decision->one.verdict, "admitted");
  EXPECT_EQ(report.first_decision->two.verdict, "rejected signer_mismatch");
  ASSERT_TRUE(report.first_input);
  EXPECT_EQ(report.first_input->kind, "schedule");
  EXPECT_EQ(report.only_in_1.at("commitment"), 1U);
  EXPECT_EQ(report.same_input_other_decision, 1U);
}

/// Settles; every answer about a payload becomes `status`.
void settle_with_verdict(World& world, core::events::PayloadStatus status) {
  while (!world.outstanding.empty()) {
    const bool asks_verdict =
        std::holds_alternative<core::commands::NewPayload>(world.outstanding.front().body);
    if (asks_verdict) {
      world.answer_next_with(core::events::PayloadJudged{status, std::nullopt, "no"});
    } else {
      ASSERT_TRUE(world.answer_next());
    }
  }
}

TEST(Diff, engines_that_judge_one_block_differently_disagree) {
  Preconfer preconfer;
  const Promise first = preconfer.next_block();
  ModelEngine engine_1(167001);
  ModelEngine engine_2(167001);
  World one(engine_1);
  World two(engine_2);
  for (World* world : {&one, &two}) {
    world->start();
    world->settle();
    world->promise(first);
  }
  one.settle();
  settle_with_verdict(two, core::events::PayloadStatus::kInvalid);
  const DiffReport same = compare(ledger_of(one), ledger_of(one));
  EXPECT_TRUE(same.agree);
  EXPECT_EQ(same.engine_in_both, 2U) << "built once, judged once";
  EXPECT_EQ(same.engine_different, 0U);

  const DiffReport report = compare(ledger_of(one), ledger_of(two));
  EXPECT_FALSE(report.agree);
  EXPECT_EQ(report.engine_in_both, 2U);
  EXPECT_EQ(report.engine_different, 1U) << to_text(report);
  const auto verdict =
      std::find_if(report.shown.begin(), report.shown.end(),
                   [](const auto& entry) { return entry.kind == "engine_verdict"; });
  ASSERT_NE(verdict, report.shown.end());
  EXPECT_EQ(verdict->subject, one.state.heads.unsafe->hash);
  EXPECT_EQ(verdict->number, core::BlockNumber{1});
  EXPECT_EQ(verdict->one.verdict, "valid");
  EXPECT_EQ(verdict->two.verdict, "invalid");
}

/// Something is written down after `seconds`: until then the node ran.
void run_on(World& world, std::uint64_t seconds) {
  world.now_ns += seconds * 1'000'000'000;
  world.feed(core::events::IngressRejected{core::SourceKind::kRpc, "wrong_size", 1, {}});
}

/// Two nodes that execute the same first block, and a commitment for block 2 that builds on nothing
/// that they know.
struct TwoNodes : testing::Test {
  TwoNodes() {
    orphan.parent_preconf_hash.bytes.fill(0x77);
    tests::seal(orphan);
    for (World* world : {&one, &two}) {
      world->start();
      world->settle();
      world->promise(first);
      world->settle();
    }
  }
  /// Node 1 hears that L1 has its block 2.
  void confirm_two() {
    one.promise(second);
    one.settle();
    engine_1.head_l1_origin = core::BlockNumber{2};
    one.now_ns += 10'000'000'000;
    ASSERT_TRUE(one.fire_next_timer());
    one.settle();
  }
  DiffReport report() const { return compare(ledger_of(one), ledger_of(two)); }

  Preconfer preconfer;
  Promise first = preconfer.next_block();
  core::protocol::CommitmentFacts orphan = preconfer.variant(2, 7).facts;
  Promise second = preconfer.next_block();
  ModelEngine engine_1{167001};
  ModelEngine engine_2{167001};
  World one{engine_1};
  World two{engine_2};
};

// A node that was stopped earlier was said to disagree.
TEST_F(TwoNodes, one_that_ended_earlier_does_not_disagree) {
  one.commitment(orphan);
  two.commitment(orphan);
  confirm_two();
  const DiffReport ended = report();
  EXPECT_TRUE(ended.agree) << to_text(ended);
  EXPECT_EQ(ended.one_not_running, 1U);
  EXPECT_EQ(ended.decisions_different, 0U);
  ASSERT_EQ(ended.shown.size(), 1U);
  EXPECT_EQ(ended.shown[0].cause, "one_not_running");
  EXPECT_EQ(ended.shown[0].one.verdict, "stale stale_commitment");
  EXPECT_EQ(ended.shown[0].two.verdict, "pending_parent parent_unknown");
  EXPECT_NE(to_text(ended).find("one node was down or catching up: 1 decisions differ"),
            std::string::npos);
  // Had it run on, it would.
  run_on(two, 60);
  const DiffReport ran = report();
  EXPECT_FALSE(ran.agree) << to_text(ran);
  EXPECT_EQ(ran.one_not_running, 0U);
  EXPECT_EQ(ran.same_input_other_decision, 1U);
}

TEST_F(TwoNodes, one_that_was_stopped_in_between_does_not_disagree) {
  one.promise(second);
  one.settle();
  engine_2 = engine_1;  // while node 2 is down, its engine learns it from others
  engine_2.head_l1_origin = core::BlockNumber{2};
  two.now_ns += 30'000'000'000;
  two.feed(core::events::BootStarted{});
  two.settle();
  two.commitment(second.facts);
  run_on(one, 60);
  const DiffReport stopped = report();
  EXPECT_TRUE(stopped.agree) << to_text(stopped);
  EXPECT_EQ(stopped.one_not_running, 1U);
  ASSERT_FALSE(stopped.shown.empty());
  EXPECT_EQ(stopped.shown[0].one.verdict, "admitted");
  EXPECT_EQ(stopped.shown[0].two.verdict, "stale stale_commitment");
  EXPECT_EQ(stopped.running_2->lives, stopped.running_1->lives + 1);
}

TEST_F(TwoNodes, one_that_has_not_caught_up_since_its_start_does_not_disagree) {
  one.promise(second);
  one.settle();
  two.now_ns = one.now_ns + 30'000'000'000;
  two.feed(core::events::BootStarted{});  // its engine is where it was
  two.settle();
  const Promise third = preconfer.next_block();
  one.now_ns = two.now_ns + 1'000'000'000;
  one.promise(third);
  one.settle();
  two.now_ns = one.now_ns + 1'000'000'000;
  two.commitment(third.facts);
  engine_2 = engine_1;
  engine_2.head_l1_origin = core::BlockNumber{3};
  ASSERT_TRUE(two.fire_next_timer());
  two.settle();
  run_on(one, 60);
  run_on(two, 60);
  const DiffReport behind = report();
  EXPECT_TRUE(behind.agree) << to_text(behind);
  EXPECT_EQ(behind.one_not_running, 1U);
  ASSERT_FALSE(behind.shown.empty());
  EXPECT_EQ(behind.shown[0].one.verdict, "admitted");
  EXPECT_EQ(behind.shown[0].two.verdict, "stale stale_commitment");
}

TEST_F(TwoNodes, one_that_ran_all_the_time_and_got_it_late_disagrees) {
  one.promise(second);
  one.settle();
  engine_2 = engine_1;
  engine_2.head_l1_origin = core::BlockNumber{2};
  ASSERT_TRUE(two.fire_next_timer());
  two.settle();
  two.commitment(second.facts);
  run_on(one, 60);
  EXPECT_FALSE(report().agree) << to_text(report());
  EXPECT_EQ(report().one_not_running, 0U);
}

TEST_F(TwoNodes, a_verdict_about_the_content_is_compared_whatever_ran) {
  one.promise(second);
  one.settle();
  two.now_ns += 30'000'000'000;
  two.feed(core::events::BootStarted{});
  core::protocol::Schedule schedule = tests::model_schedule();
  schedule.version = 2;
  schedule.windows[0].committer = tests::address_number(9);
  two.feed(core::events::ScheduleConfigured{schedule});
  two.settle();
  two.commitment(second.facts);
  const DiffReport found = report();
  EXPECT_FALSE(found.agree);
  EXPECT_EQ(found.first_decision->two.verdict, "rejected signer_mismatch");
  EXPECT_EQ(found.first_decision->cause, "");
}

TEST(Diff, a_block_that_was_replaced_after_one_node_ended_is_no_disagreement) {
  Preconfer preconfer;
  const Promise promised = preconfer.variant(1, 1);
  const Promise other = preconfer.variant(1, 2);
  ModelEngine engine_1(167001);
  ModelEngine engine_2(167001);
  World one(engine_1);
  World two(engine_2);
  for (World* world : {&one, &two}) {
    world->start();
    world->settle();
  }
  one.promise(promised);
  one.settle();
  two.now_ns += 30'000'000'000;
  two.promise(other);
  two.settle();
  ASSERT_NE(one.state.heads.unsafe->hash, two.state.heads.unsafe->hash);
  const DiffReport ended = compare(ledger_of(one), ledger_of(two));
  EXPECT_TRUE(ended.agree) << to_text(ended);
  EXPECT_EQ(ended.one_not_running, 1U);
  EXPECT_EQ(ended.shown.at(0).how, "block");
  run_on(one, 60);
  const DiffReport ran = compare(ledger_of(one), ledger_of(two));
  EXPECT_FALSE(ran.agree);
  EXPECT_EQ(ran.blocks_different, 1U);
}

TEST(Diff, a_gap_counts_as_not_running) {
  RunSpans runs;
  const auto event = [](std::uint64_t wall, core::EventBody body) {
    core::Event out;
    out.wall = core::WallNanos{wall};
    out.body = std::move(body);
    return out;
  };
  const core::events::IngressRejected noise;
  runs.observe(event(10, core::events::BootStarted{}));
  runs.observe(event(20, noise));
  runs.observe(event(70, core::events::LogGapRecorded{}));
  runs.observe(event(80, core::events::BootStarted{}));
  runs.observe(event(90, noise));
  EXPECT_TRUE(runs.cover({10}, {20}));
  EXPECT_TRUE(runs.covers({85}));
  EXPECT_FALSE(runs.covers({9}));
  EXPECT_FALSE(runs.covers({21}));
  EXPECT_FALSE(runs.covers({70}));
  EXPECT_FALSE(runs.cover({20}, {80}));
  EXPECT_FALSE(runs.cover({85}, {91}));
}

TEST(Diff, tool_exits_with_three_when_nodes_disagree) {
  Preconfer preconfer;
  const Promise first = preconfer.next_block();
  const tests::TemporaryDirectory directory;
  for (const bool is_first : {true, false}) {
    ModelEngine engine(167001);
    World world(engine);
    world.start();
    world.settle();
    if (!is_first) {
      core::protocol::Schedule none;
      none.version = 2;
      none.windows.push_back({core::UnixSeconds{1}, core::UnixSeconds{2}, {}});
      world.feed(core::events::ScheduleConfigured{none});
    }
    world.promise(first);
    run_on(world, 60);
    tests::write_log(directory.path() / (is_first ? "one" : "two"), world.log);
  }
  const auto run = [&](const char* one, const char* two) {
    std::ostringstream out;
    std::ostringstream err;
    return run_tool(
        *find_tool("diff"),
        {(directory.path() / one).string(), (directory.path() / two).string(), "--json"},
        Streams{out, err});
  };
  EXPECT_EQ(run("one", "one"), 0);
  EXPECT_EQ(run("one", "two"), 3);
  EXPECT_EQ(run("one", "three"), 1);
}

}  // namespace
}  // namespace preconf::replay
