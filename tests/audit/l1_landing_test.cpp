// Landings on a node that follows L1, and that stops following it: nobody is said not to have
// landed where nobody looked.
#include <gtest/gtest.h>

#include <algorithm>

#include "replay/audit/audit.hpp"
#include "replay/audit/print.hpp"
#include "replay/audit/question.hpp"
#include "tests/audit/story.hpp"
#include "tests/reducer/derivation_world.hpp"
#include "tests/support/memory_history.hpp"

namespace preconf::replay::audit {
namespace {

using tests::DerivingNode;
using tests::ProposedChain;
using tests::Story;

/// Twenty promises, of which L1 has ten.
struct LandingOnL1 : ::testing::Test {
  LandingOnL1() {
    node.promise_up_to(20);
    chain.l1.propose(chain.proposal(0));
    tell(true);
  }
  void tell(bool is_live) {
    node.engine.anchors = chain.l1.anchors;
    chain.l1.tell(node.world, is_live);
    node.world.settle_with_retries();
  }
  /// L1's time after which block `number` can not land any more.
  [[nodiscard]] std::uint64_t last_landing(std::uint64_t number) const {
    return chain.promises[number - 1].facts.timestamp.value +
           node.world.state.chain.timestamp_lag_max;
  }
  void mine_to(std::uint64_t time) {
    while (chain.l1.chain().back().timestamp.value < time) chain.l1.mine();
  }
  /// L1 leaves what it had called final, and has everything on its new branch.
  void leave_final() {
    chain.l1.finalize(0);
    tell(true);
    chain.l1.reorg(2);
    chain.l1.mine(3);
    chain.l1.propose(chain.proposal(1));
    mine_to(last_landing(20) + 12);
    tell(false);
  }
  [[nodiscard]] AuditReport audit() const {
    AuditOptions options;
    options.verification = Verification::kNone;
    const History history = tests::history_of(node.world.log, node.world.digests);
    return audit::audit(history, options);
  }
  [[nodiscard]] BlockLife life_of(std::uint64_t number) const {
    AuditOptions options;
    options.verification = Verification::kNone;
    Question question;
    question.topic = Topic::kBlock;
    question.number = core::BlockNumber{number};
    BlockCollector collector(question, nullptr);
    options.sink = &collector;
    const History history = tests::history_of(node.world.log, node.world.digests);
    AuditReport report = audit::audit(history, options);
    collector.give(report);
    EXPECT_EQ(report.blocks.size(), 1U);
    return report.blocks.empty() ? BlockLife{} : report.blocks.front();
  }

  ProposedChain chain{20};
  DerivingNode node{chain};
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// It said `not_landed` of each, from the engine's answers, of promises that L1 had.
TEST_F(LandingOnL1, WhatMayHaveLandedWhileNobodyReadL1IsUnknown) {
  leave_final();
  const core::Seq last = node.world.log.back().seq;
  const AuditReport report = audit();
  EXPECT_EQ(report.landing.honoured, 10U);
  EXPECT_EQ(report.landing.not_landed, 0U);
  EXPECT_EQ(report.landing.unknown, 10U);
  ASSERT_FALSE(report.coverage.l1_not_followed.empty());
  const L1Absence& absence = report.coverage.l1_not_followed.back();
  EXPECT_EQ(absence.to, core::Seq{0});
  EXPECT_EQ(absence.why, "l1_below_finalized");
  EXPECT_EQ(absence.until, node.world.log.back().wall);
  const BlockLife life = life_of(14);
  EXPECT_EQ(life.landing, Landing::kUnknown);
  for (const std::string& part :
       {"L1 up to " + std::to_string(last_landing(14)) + ", ",
        "from event " + std::to_string(absence.from.value) + " (",
        "to event " + std::to_string(last.value) + " (", std::string("l1_below_finalized")}) {
    EXPECT_TRUE(has(life.landing_missing, part)) << part << " in " << life.landing_missing;
  }
}

TEST_F(LandingOnL1, CoverageSaysWhenL1WasNotFollowed) {
  leave_final();
  const AuditReport report = audit();
  const L1Absence& absence = report.coverage.l1_not_followed.back();
  const std::string text = to_text(report, Topic::kCoverage);
  EXPECT_TRUE(has(text, "(event " + std::to_string(absence.from.value) +
                            " to the end of this log, l1_below_finalized)"))
      << text;
  EXPECT_TRUE(has(text, "times in which it was not followed")) << text;
  EXPECT_TRUE(has(to_text(report, Topic::kAll), "times in which it was not followed"));
}

TEST_F(LandingOnL1, ATimeInWhichL1WasNotFollowedEndsWhenItIsReadAgain) {
  tell(false);
  const std::size_t before = audit().coverage.l1_not_followed.size();
  tell(true);
  const AuditReport report = audit();
  ASSERT_EQ(report.coverage.l1_not_followed.size(), before);
  const L1Absence& absence = report.coverage.l1_not_followed.back();
  EXPECT_GT(absence.to, absence.from);
  EXPECT_EQ(absence.why, "l1_tags_observed");
}

// The last blocks of a window land after its end.
TEST_F(LandingOnL1, WhatMayStillLandIsUnknownAfterTheEndOfItsWindow) {
  mine_to(Story::kFirstEnd + 12);
  tell(true);
  AuditReport report = audit();
  EXPECT_EQ(report.landing.not_landed, 0U);
  EXPECT_EQ(report.landing.unknown, 10U);
  const std::string missing = life_of(14).landing_missing;
  EXPECT_TRUE(has(missing, "until when it may land, read up to block")) << missing;
  EXPECT_FALSE(has(missing, "not followed")) << missing;
  // Each has its own time, by the timestamp of its block.
  mine_to(last_landing(12));
  ASSERT_LT(chain.l1.chain().back().timestamp.value, last_landing(14));
  tell(true);
  report = audit();
  EXPECT_GE(report.landing.not_landed, 2U);
  EXPECT_LE(report.landing.not_landed, 3U);
}

TEST_F(LandingOnL1, WhatL1DoesNotHaveWhenItIsTooOldDidNotLand) {
  mine_to(last_landing(20));
  tell(true);
  const AuditReport report = audit();
  EXPECT_EQ(report.landing.honoured, 10U);
  EXPECT_EQ(report.landing.not_landed, 10U);
  EXPECT_EQ(report.landing.unknown, 0U);
  EXPECT_EQ(report.landing.from_l1, 20U);
  // The question which promises those are is answered with each of them, and nothing else.
  Question question;
  question.topic = Topic::kLanding;
  BlockCollector collector(question, nullptr);
  AuditOptions options;
  options.verification = Verification::kNone;
  options.sink = &collector;
  AuditReport answer = audit::audit(tests::history_of(node.world.log, node.world.digests), options);
  collector.give(answer);
  narrow(answer, question);
  ASSERT_EQ(answer.blocks.size(), 10U);
  EXPECT_EQ(answer.blocks.front().number, core::BlockNumber{11});
  EXPECT_TRUE(has(to_text(answer, Topic::kLanding), "not_landed   block 11 0x"))
      << to_text(answer, Topic::kLanding);
  // That it was read so far stays true when nobody reads on, unless L1 itself goes back on it.
  tell(false);
  EXPECT_EQ(audit().landing.not_landed, 10U);
  leave_final();
  EXPECT_EQ(audit().landing.not_landed, 0U);
}

TEST_F(LandingOnL1, WhatAProposalThatWaitsMayHaveIsUnknown) {
  chain.l1.blobs_are_missing = true;
  chain.l1.propose(chain.proposal(1));
  mine_to(last_landing(20) + 12);
  node.catch_up();
  const AuditReport report = audit();
  EXPECT_EQ(report.landing.not_landed, 0U);
  EXPECT_EQ(report.landing.unknown, 10U);
  EXPECT_EQ(life_of(14).landing_missing, "the blocks of proposal 2 on L1");
}

}  // namespace
}  // namespace preconf::replay::audit
