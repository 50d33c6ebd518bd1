// Driver effect E4: the apply plan, step by step and with each kind of failure.
#include <gtest/gtest.h>

#include "tests/support/world.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

class UnsafeBlockProcessing : public ::testing::Test {
 protected:
  UnsafeBlockProcessing() {
    world.start();
    world.settle();
  }
  [[nodiscard]] bool decided(Verdict verdict, Reason reason = Reason::kNone) const {
    return std::ranges::any_of(world.decisions, [=](const Decision& decision) {
      return decision.verdict == verdict && decision.reason == reason;
    });
  }
  [[nodiscard]] std::uint64_t head() const { return world.state.heads.unsafe->number.value; }

  ModelEngine engine{167001};
  World world{engine};
  Preconfer preconfer;
};

TEST_F(UnsafeBlockProcessing, plan_takes_its_six_steps_in_order) {
  world.promise(preconfer.next_block());
  std::vector<std::string> steps;
  while (!world.outstanding.empty()) {
    steps.emplace_back(name_of(world.outstanding.front().body));
    EXPECT_EQ(head(), 0U) << "the head must not move before the block is read back";
    world.answer_next();
  }
  const std::vector<std::string> expected{"read_block",  "start_payload",     "get_payload",
                                          "new_payload", "update_forkchoice", "read_block"};
  EXPECT_EQ(steps, expected);
  EXPECT_EQ(head(), 1U);
  EXPECT_EQ(world.state.heads.unsafe->hash, preconfer.tip.hash);
  EXPECT_TRUE(decided(Verdict::kApplied));
}

TEST_F(UnsafeBlockProcessing, list_may_come_before_or_after_its_commitment) {
  const Promise first = preconfer.next_block();
  const Promise second = preconfer.next_block();
  world.commitment(first.facts);
  EXPECT_TRUE(world.outstanding.empty()) << "no list, nothing to execute";
  world.txlist(second.list);
  world.commitment(second.facts);
  world.txlist(first.list);
  world.settle();
  EXPECT_EQ(head(), 2U);
}

TEST_F(UnsafeBlockProcessing, block_that_the_engine_has_is_recognised_without_a_write) {
  const Promise block = preconfer.next_block();
  world.promise(block);
  world.settle();
  const std::uint64_t writes = engine.writes;
  // The node dies before it could log that it confirmed; its log ends before the plan.
  std::vector<Event> log = world.log;
  while (!std::holds_alternative<ev::CommitmentReceived>(log.back().body)) log.pop_back();
  World restarted(engine);
  restarted.state = fold(log);
  restarted.start();
  restarted.settle();
  EXPECT_EQ(restarted.state.heads.unsafe->hash, preconfer.tip.hash);
  EXPECT_EQ(engine.writes, writes);
  EXPECT_TRUE(std::ranges::any_of(restarted.decisions, [](const Decision& decision) {
    return decision.verdict == Verdict::kAlreadyMaterialized;
  }));
}

TEST_F(UnsafeBlockProcessing, engine_invalid_is_permanent_and_poisons_descendants) {
  const Promise first = preconfer.next_block();
  const Promise second = preconfer.next_block();
  world.promise(first);
  world.promise(second);
  for (int i = 0; i < 3; ++i) world.answer_next();
  ev::PayloadJudged invalid;
  invalid.status = ev::PayloadStatus::kInvalid;
  world.answer_next_with(invalid);
  world.settle_with_retries();
  EXPECT_EQ(head(), 0U);
  EXPECT_TRUE(decided(Verdict::kInvalidated, Reason::kEngineInvalid));
  EXPECT_TRUE(decided(Verdict::kInvalidated, Reason::kParentInvalid));
  ASSERT_EQ(world.state.evidence.size(), 1U);
  EXPECT_EQ(world.state.evidence[0].kind, EvidenceKind::kEngineInvalid);
  world.commitment(first.facts);
  EXPECT_TRUE(decided(Verdict::kDuplicate, Reason::kEngineInvalid));
}

TEST_F(UnsafeBlockProcessing, every_lost_answer_is_followed_by_a_read) {
  for (int step = 0; step < 6; ++step) {
    ModelEngine other(167001);
    World run(other);
    Preconfer author;
    run.start();
    run.settle();
    run.promise(author.next_block());
    for (int i = 0; i < step; ++i) run.answer_next();
    run.lose_next_answer();
    EXPECT_TRUE(run.outstanding.empty()) << "no hot loop after a lost answer at step " << step;
    ASSERT_TRUE(run.fire_next_timer());
    ASSERT_FALSE(run.outstanding.empty());
    EXPECT_EQ(class_of(run.outstanding.front().body), CommandClass::kRead) << "at step " << step;
    run.settle_with_retries();
    EXPECT_EQ(run.state.heads.unsafe->hash, author.tip.hash) << "at step " << step;
  }
}

TEST_F(UnsafeBlockProcessing, retry_delays_double_up_to_the_bound) {
  world.promise(preconfer.next_block());
  std::vector<std::uint64_t> delays;
  for (int i = 0; i < 10; ++i) {
    while (std::string_view(name_of(world.outstanding.front().body)) != "start_payload") {
      world.answer_next();
    }
    world.answer_next_with(ev::ForkchoiceAnswered{});  // SYNCING
    delays.push_back(world.decisions.back().b);
    // The poll timer may come first; its read changes nothing.
    while (world.state.apply_backoff.waiting) {
      world.fire_next_timer();
      if (world.state.apply_backoff.waiting) world.settle();
    }
  }
  const std::vector<std::uint64_t> expected{250,  500,   1000,  2000,  4000,
                                            8000, 12000, 12000, 12000, 12000};
  EXPECT_EQ(delays, expected);
}

TEST_F(UnsafeBlockProcessing, lost_job_is_built_again_at_once) {
  world.promise(preconfer.next_block());
  world.answer_next();
  world.answer_next();
  engine.jobs.clear();
  world.answer_next();
  ASSERT_FALSE(world.outstanding.empty());
  EXPECT_STREQ(name_of(world.outstanding.front().body), "start_payload");
  world.settle();
  EXPECT_EQ(head(), 1U);
}

TEST_F(UnsafeBlockProcessing, payload_that_differs_from_the_promise_is_not_inserted) {
  world.promise(preconfer.next_block());
  world.answer_next();
  world.answer_next();
  auto taken = std::get<ev::PayloadTaken>(engine.perform(world.outstanding.front().body));
  taken.header.gas_limit += 1;
  world.answer_next_with(taken);
  EXPECT_TRUE(decided(Verdict::kApplyDeferred, Reason::kEngineUnexpected));
  world.settle_with_retries();
  EXPECT_EQ(head(), 1U);
}

TEST_F(UnsafeBlockProcessing, boundary_that_passes_the_block_in_flight_makes_it_stale) {
  world.promise(preconfer.next_block());
  world.promise(preconfer.next_block());
  engine.head_l1_origin = BlockNumber{1};
  const std::uint64_t writes = engine.writes;
  world.answer_next();
  EXPECT_EQ(engine.writes, writes) << "no engine write for a stale block";
  EXPECT_TRUE(decided(Verdict::kStale, Reason::kStaleCommitment));
}

TEST_F(UnsafeBlockProcessing, stopping_issues_nothing_more) {
  world.promise(preconfer.next_block());
  world.feed(ev::ShutdownRequested{15});
  world.answer_next();
  EXPECT_TRUE(world.outstanding.empty());
  EXPECT_FALSE(world.state.gate.open);
  world.start();
  world.settle();
  EXPECT_EQ(head(), 1U) << "the next life takes it up again";
}

TEST_F(UnsafeBlockProcessing, late_answer_changes_only_a_counter) {
  world.promise(preconfer.next_block());
  const Command probe = world.outstanding.front();
  world.settle();
  State before = world.state;
  world.feed(ev::EngineAnswered{probe.id, 1, ev::BlockRead{}});
  EXPECT_TRUE(decided(Verdict::kIgnored, Reason::kLateAnswer));
  before.last_seq = world.state.last_seq;
  before.last_wall = world.state.last_wall;
  ++before.counters[counter_key(Verdict::kIgnored, Reason::kLateAnswer)];
  EXPECT_EQ(before, world.state);
}

}  // namespace
}  // namespace preconf::tests
