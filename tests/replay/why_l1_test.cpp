// preconf why on a node that does not get on with L1.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "core/base/hex.hpp"
#include "replay/why/confirmed_sync.hpp"
#include "replay/why/why.hpp"
#include "tests/reducer/derivation_world.hpp"
#include "tests/support/memory_history.hpp"

namespace preconf::replay {
namespace {

using tests::DerivingNode;
using tests::ProposedChain;

struct WhyL1 : ::testing::Test {
  WhyL1() {
    chain.l1.mine(5);
    tell(true);
    chain.l1.finalize(1);
    tell(true);
    final_one = *state().l1_chain.finalized;
  }
  void tell(bool is_live) {
    node.engine.anchors = chain.l1.anchors;
    chain.l1.tell(node.world, is_live);
    node.world.settle_with_retries();
  }
  /// L1 leaves what it had called final: the whole new branch is offered and refused.
  void leave_final() {
    chain.l1.reorg(4);
    chain.l1.mine(6);
    tell(false);
  }
  [[nodiscard]] const core::State& state() const { return node.world.state; }
  [[nodiscard]] WhyAnswer ask(WhySubject subject) const {
    const History history = tests::history_of(node.world.log);
    Question question;
    question.subject = subject;
    question.at = history.events->end().seq;
    const auto answer = explain(history, question, {});
    EXPECT_TRUE(answer.has_value());
    return answer ? *answer : WhyAnswer{};
  }
  [[nodiscard]] static Finding finding(const WhyAnswer& answer, const std::string& name) {
    const auto found = std::ranges::find(answer.findings, name, &Finding::name);
    EXPECT_NE(found, answer.findings.end()) << name << " in\n" << to_text(answer);
    return found == answer.findings.end() ? Finding{} : *found;
  }
  /// The first event of the newest branch.
  [[nodiscard]] const core::Event& first_refused() const {
    const core::L1BlockNumber first = chain.l1.chain()[chain.l1.chain().size() - 6].number;
    const auto found = std::ranges::find_if(node.world.log, [&](const core::Event& event) {
      const auto* block = std::get_if<core::events::L1BlockObserved>(&event.body);
      return block != nullptr && block->number == first &&
             block->hash == chain.l1.chain()[chain.l1.chain().size() - 6].hash;
    });
    EXPECT_NE(found, node.world.log.end());
    return *found;
  }

  ProposedChain chain{10};
  DerivingNode node{chain};
  core::events::L1Ref final_one;
};

// It said gate_scanner_not_live and "L1 is not read up to its head", and nothing of the refusal
// that stands in the log.
TEST_F(WhyL1, stuck_names_the_l1_block_that_is_refused_and_what_it_contradicts) {
  leave_final();
  ASSERT_FALSE(state().l1_chain.is_live);
  const core::Event& refused = first_refused();
  const auto& block = std::get<core::events::L1BlockObserved>(refused.body);
  const WhyAnswer answer = ask(WhySubject::kStuck);
  for (const char* name : {"gate_scanner_not_live", "l1_head"}) {
    const Finding found = finding(answer, name);
    EXPECT_EQ(found.since, refused.seq);
    EXPECT_EQ(found.detail.rfind("l1_block_refused l1_below_finalized: l1_number " +
                                     std::to_string(block.number.value),
                                 0),
              0U)
        << found.detail;
    for (const core::Hash32& hash : {block.hash, final_one.hash}) {
      EXPECT_NE(found.detail.find(core::to_hex0x(hash.view())), std::string::npos) << found.detail;
    }
    EXPECT_NE(found.detail.find("finalized_l1_number " + std::to_string(final_one.number.value)),
              std::string::npos)
        << found.detail;
    EXPECT_FALSE(found.unblocked_by.empty());
  }
  EXPECT_NE(to_text(answer).find("l1_below_finalized"), std::string::npos);
}

TEST_F(WhyL1, not_synced_names_it_too) {
  leave_final();
  const WhyAnswer answer = ask(WhySubject::kNotSynced);
  const Finding live = finding(answer, "scanner_live");
  EXPECT_FALSE(live.holds);
  EXPECT_NE(live.detail.find("l1_block_refused l1_below_finalized"), std::string::npos)
      << live.detail;
  const core::Seq seq = first_refused().seq;
  EXPECT_TRUE(std::ranges::any_of(answer.nodes, [seq](const CauseNode& one) {
    return one.seq == seq && !one.decisions.empty();
  }));
}

// It said that the head L1 origin has not reached the last proposal's block, which was not true.
TEST_F(WhyL1, not_synced_does_not_blame_confirmed_sync_for_a_scanner_that_is_not_live) {
  leave_final();
  const WhyAnswer answer = ask(WhySubject::kNotSynced);
  const Finding sync = finding(answer, "confirmed_sync");
  EXPECT_TRUE(sync.holds);
  EXPECT_TRUE(sync.detail.empty()) << sync.detail;
  EXPECT_EQ(answer.explanation, "2 of 6 criteria fail");
  EXPECT_TRUE(std::ranges::none_of(answer.nodes, [](const CauseNode& one) {
    return one.summary.find("confirmed_sync") != std::string::npos;
  }));
}

TEST_F(WhyL1, not_synced_names_the_proposals_that_wait) {
  chain.l1.blobs_are_missing = true;
  chain.l1.propose(chain.proposal(0));
  node.catch_up();
  const WhyAnswer answer = ask(WhySubject::kNotSynced);
  const Finding sync = finding(answer, "confirmed_sync");
  EXPECT_FALSE(sync.holds);
  EXPECT_EQ(sync.detail.rfind("proposal 1 of L1 is being derived", 0), 0U) << sync.detail;
  EXPECT_NE(sync.unblocked_by.find("l1_answered"), std::string::npos);
  EXPECT_TRUE(finding(answer, "scanner_live").holds);

  chain.l1.blobs_are_missing = false;
  tell(true);
  EXPECT_TRUE(finding(ask(WhySubject::kNotSynced), "confirmed_sync").holds);
}

TEST_F(WhyL1, confirmed_sync_fails_when_the_pointer_really_is_below) {
  chain.l1.propose(chain.proposal(0));
  tell(true);
  const auto changed = std::make_unique<core::State>(state());
  EXPECT_EQ(sync_obstacle(*changed), SyncObstacle::kNone);
  changed->heads.head_l1_origin = core::BlockNumber{9};
  EXPECT_EQ(sync_obstacle(*changed), SyncObstacle::kPointer);
  EXPECT_EQ(text_of(SyncObstacle::kPointer, *changed).detail,
            "the head L1 origin is 9, and the newest derived proposal 1 ends with block 10");
}

TEST_F(WhyL1, a_refusal_is_over_when_l1_is_followed_again) {
  leave_final();
  node.world.feed(core::events::L1TagsObserved{std::nullopt, final_one, true});
  node.world.feed(core::events::L1TagsObserved{std::nullopt, final_one, false});
  const Finding silent = finding(ask(WhySubject::kStuck), "l1_head");
  EXPECT_EQ(silent.detail, "L1 is not read up to its head") << "the log does not say why";
  EXPECT_EQ(ask(WhySubject::kNotSynced).verdict, "not_ready");
}

}  // namespace
}  // namespace preconf::replay
