// What the node remembers of L1, from reducer version 6 on: judged promises, the hashes of
// proposals, the labels that the engine was told.
#include <gtest/gtest.h>

#include <span>

#include "core/limits.hpp"
#include "core/limits_l1.hpp"
#include "tests/reducer/derivation_world.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

/// Undoes L1 down to where proposal `id` is the next one again.
void undo_proposals_from(ProposedChain& chain, ProposalId id) {
  while (chain.l1.next_id() != id) chain.l1.reorg(1);
  chain.l1.mine();
}

/// The last that was said of a promise by L1's word.
std::optional<Verdict> last_on_l1(const DerivingNode& node, const Promise& promise) {
  std::optional<Verdict> last;
  for (const Decision& one : node.world.decisions) {
    const bool is_it = one.verdict == Verdict::kHonoured || one.verdict == Verdict::kContradicted ||
                       one.verdict == Verdict::kNotLanded;
    if (is_it && one.subject == promise.facts.preconf_hash) last = one.verdict;
  }
  return last;
}

TEST(L1Memory, HonouredPromisesThatL1TookBackAreJudgedAgain) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.promise_up_to(20);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  node.catch_up();
  ASSERT_EQ(node.count(Verdict::kHonoured), 20U);
  ASSERT_TRUE(node.world.state.book.held.empty());
  undo_proposals_from(chain, ProposalId{2});
  node.catch_up();
  EXPECT_EQ(node.count(Verdict::kHonoured), 20U) << "nothing is said while nothing is there";
  chain.l1.propose(chain.other_proposal(1, 3));
  node.catch_up();
  node.world.settle_with_retries();
  EXPECT_EQ(node.count(Verdict::kContradicted), 1U);
  EXPECT_EQ(node.count(Verdict::kHonoured), 29U);
  EXPECT_EQ(last_on_l1(node, chain.promises[13]), Verdict::kContradicted);
  ASSERT_EQ(node.world.state.evidence.size(), 1U);
  EXPECT_EQ(node.world.state.evidence.back().number, BlockNumber{14});
  EXPECT_EQ(node.world.state.evidence.back().second,
            node.world.state.l1_chain.derived.back().proposal.seen);
}

TEST(L1Memory, AContradictionThatL1TookBackIsNoEvidenceAnyMore) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.promise_up_to(10);
  chain.l1.propose(chain.other_proposal(0, 4));
  node.catch_up();
  ASSERT_EQ(last_on_l1(node, chain.promises[4]), Verdict::kContradicted);
  ASSERT_EQ(node.world.state.evidence.size(), 1U);
  undo_proposals_from(chain, ProposalId{1});
  node.catch_up();
  EXPECT_TRUE(node.world.state.evidence.empty());
  EXPECT_TRUE(node.world.state.l1_chain.contradicted.empty());
  chain.l1.propose(chain.proposal(0));
  node.catch_up();
  node.world.settle_with_retries();
  EXPECT_EQ(last_on_l1(node, chain.promises[4]), Verdict::kHonoured);
  EXPECT_TRUE(node.world.state.evidence.empty());
}

TEST(L1Memory, AContradictionOnBothBranchesIsEvidenceOfTheNewOne) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.promise_up_to(10);
  chain.l1.propose(chain.other_proposal(0, 4));
  node.catch_up();
  ASSERT_EQ(node.world.state.evidence.size(), 1U);
  const Seq before = node.world.state.evidence.back().second;
  undo_proposals_from(chain, ProposalId{1});
  node.catch_up();
  chain.l1.propose(chain.other_proposal(0, 4));
  node.catch_up();
  node.world.settle_with_retries();
  EXPECT_EQ(node.count(Verdict::kContradicted), 2U);
  ASSERT_EQ(node.world.state.evidence.size(), 1U);
  EXPECT_GT(node.world.state.evidence.back().second, before);
}

TEST(L1Memory, APromiseWhoseHeightTheNewBranchDoesNotReachDidNotLand) {
  ProposedChain chain(10);
  DerivingNode node(chain);
  node.promise_up_to(10);
  chain.l1.propose(chain.proposal(0));
  node.catch_up();
  ASSERT_EQ(node.count(Verdict::kHonoured), 10U);
  undo_proposals_from(chain, ProposalId{1});
  node.catch_up();
  std::vector<DescribedBlock> shorter = chain.proposal(0);
  shorter.resize(7);
  chain.l1.propose(shorter);
  node.catch_up();
  node.world.settle_with_retries();
  EXPECT_EQ(node.count(Verdict::kHonoured), 17U);
  for (std::size_t i = 7; i < 10; ++i) {
    EXPECT_EQ(last_on_l1(node, chain.promises[i]), Verdict::kNotLanded) << i;
  }
}

TEST(L1Memory, APromiseThatAnOlderProposalLeftOutIsSoAgain) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.promise_up_to(10);
  std::vector<DescribedBlock> shorter = chain.proposal(0);
  shorter.resize(7);
  chain.l1.propose(shorter);
  node.catch_up();
  ASSERT_EQ(last_on_l1(node, chain.promises[7]), Verdict::kNotLanded);
  chain.l1.propose(chain.proposal(1));
  node.catch_up();
  ASSERT_EQ(last_on_l1(node, chain.promises[7]), Verdict::kContradicted);
  undo_proposals_from(chain, ProposalId{2});
  node.catch_up();
  EXPECT_EQ(last_on_l1(node, chain.promises[7]), Verdict::kNotLanded);
  EXPECT_EQ(node.count(Verdict::kNotLanded), 6U) << "once by the first, once more by the reorg";
}

TEST(L1Memory, ThePromiseIsJudgedOnceWhenTheEngineLostItsBlock) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.promise_up_to(20);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  node.catch_up();
  node.engine.lose_blocks(8);
  node.engine.head_l1_origin = BlockNumber{12};
  for (int i = 0; i < 5 && !node.said(Verdict::kOutOfStep, Reason::kL1EngineBehind); ++i) {
    ASSERT_TRUE(node.world.fire_next_timer());
    node.world.settle();
  }
  ASSERT_TRUE(node.world.run_to(chain.headers[19].hash));
  node.world.settle_with_retries();
  EXPECT_EQ(node.count(Verdict::kHonoured), 20U);
}

TEST(L1Memory, WhatIsFinalIsForgotten) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.promise_up_to(20);
  chain.l1.propose(chain.proposal(0));
  const std::size_t first_ends = chain.l1.chain().size();
  chain.l1.propose(chain.proposal(1));
  node.catch_up();
  ASSERT_EQ(node.world.state.judged_promises.size(), 20U);
  chain.l1.finalize(chain.l1.chain().size() - first_ends);
  node.catch_up();
  ASSERT_EQ(node.world.state.l1_chain.finalized_block, chain.headers[9].ref());
  ASSERT_EQ(node.world.state.judged_promises.size(), 10U);
  EXPECT_EQ(node.world.state.judged_promises.begin()->first.number, BlockNumber{11});
}

TEST(L1Memory, AProposalThatNamesAnotherOneBeforeItIsRefused) {
  ProposedChain chain(20);
  chain.l1.propose(chain.proposal(0));
  DerivingNode node(chain);
  node.catch_up();
  chain.l1.propose(chain.proposal(1));
  ev::L1BlockObserved forged = chain.l1.chain().back();
  std::get<protocol::ProposedFacts>(forged.facts.at(0).body).parent_proposal_hash.bytes[0] ^= 1;
  for (const ev::L1BlockObserved& block : chain.l1.chain()) {
    const bool is_new = block.number > node.world.state.l1_chain.links.back().number;
    if (is_new) node.world.feed(block.hash == forged.hash ? forged : block);
  }
  EXPECT_TRUE(node.said(Verdict::kL1BlockRefused, Reason::kProposalUnlinked));
  EXPECT_NE(node.world.state.l1_chain.links.back().hash, forged.hash);
  node.catch_up();
  EXPECT_EQ(node.engine.head(), chain.headers[19]) << "the true one is taken";
}

TEST(L1Memory, LabelsThatTheEngineForgotAreToldAgain) {
  ProposedChain chain(10);
  chain.l1.propose(chain.proposal(0));
  chain.l1.finalize(0);
  DerivingNode node(chain);
  node.catch_up();
  ASSERT_EQ(node.engine.labels.safe, chain.headers[9].hash);
  node.engine.labels = {};  // as after its restart
  ASSERT_TRUE(node.world.fire_next_timer());
  node.world.settle();
  EXPECT_EQ(node.engine.labels.safe, chain.headers[9].hash);
  EXPECT_EQ(node.engine.labels.finalized, chain.headers[9].hash);
  const std::uint64_t writes = node.engine.writes;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(node.world.fire_next_timer());
    node.world.settle();
  }
  EXPECT_EQ(node.engine.writes, writes) << "what it reports is not told again";
}

TEST(L1Memory, LabelsThatTheEngineDidNotTakeAreToldAgain) {
  ProposedChain chain(10);
  DerivingNode node(chain);
  node.catch_up();
  chain.l1.propose(chain.proposal(0));
  node.engine.anchors = chain.l1.anchors;
  chain.l1.tell(node.world);
  while (node.world.state.l1_chain.derived.empty()) ASSERT_TRUE(node.world.answer_next());
  node.world.lose_next_answer();
  node.world.settle_with_retries();
  EXPECT_EQ(node.engine.labels.safe, chain.headers[9].hash);
  EXPECT_EQ(node.world.state.heads.safe, chain.headers[9].ref());
  EXPECT_FALSE(node.world.state.l1_chain.labels_due);
}

TEST(L1Memory, NoHeadBelowTheEnginesIsToldForALabel) {
  ProposedChain chain(10);
  DerivingNode node(chain);
  node.promise_up_to(9);
  ASSERT_EQ(node.engine.head(), chain.headers[8]);
  node.world.promise(chain.promises[9]);
  const auto adopts = [&] {
    return !node.world.outstanding.empty() &&
           std::holds_alternative<commands::UpdateForkchoice>(node.world.outstanding.front().body);
  };
  while (!adopts()) ASSERT_TRUE(node.world.answer_next());
  // The engine adopts the block, and the node dies before it hears of it.
  static_cast<void>(node.engine.perform(node.world.outstanding.front().body));
  ASSERT_EQ(node.engine.head(), chain.headers[9]);
  node.world.feed(ev::BootStarted{});
  chain.l1.propose(chain.proposal(0));
  node.engine.anchors = chain.l1.anchors;
  chain.l1.tell(node.world);
  while (!node.world.outstanding.empty()) {
    const CommandBody& body = node.world.outstanding.front().body;
    if (const auto* update = std::get_if<commands::UpdateForkchoice>(&body)) {
      EXPECT_EQ(update->state.head, chain.headers[9].hash);
    }
    ASSERT_TRUE(node.world.answer_next());
    node.engine.anchors = chain.l1.anchors;
  }
  EXPECT_EQ(node.engine.head(), chain.headers[9]);
  EXPECT_EQ(node.count(Verdict::kDerivedBuilt), 0U);
  EXPECT_EQ(node.engine.labels.safe, chain.headers[9].hash);
  EXPECT_EQ(node.world.state.heads.unsafe, chain.headers[9]);
}

/// Promises far above that fill a memory; nothing lands up there.
template <class Value>
void fill(std::map<HeightKey, Value>& memory, std::size_t count, const Value& value) {
  for (std::size_t i = 0; i < count; ++i) {
    HeightKey key{BlockNumber{1'000'000 + i}, CommitmentKey{}};
    memory.emplace(key, value);
  }
}

TEST(L1Memory, AFullMemoryCostsNoVerdict) {
  ProposedChain chain(20);
  Promise rival = chain.promises[4];  // of the same signer, for another list
  DerivingNode node(chain);
  node.promise_up_to(10);
  rival.facts.coinbase = address_number(0x77);
  seal(rival.facts);
  node.world.promise(rival);
  node.world.settle();
  JudgedPromise other;
  other.landed = L1BlockNumber{1};
  fill(node.world.state.judged_promises, limits::kJudgedPromisesMax, other);
  fill(node.world.state.missed_promises, limits::kMissedPromisesMax, MissedBy{});
  std::vector<DescribedBlock> shorter = chain.proposal(0);
  shorter.resize(7);
  chain.l1.propose(shorter);
  node.catch_up();
  EXPECT_EQ(node.count(Verdict::kHonoured), 7U);
  EXPECT_EQ(node.count(Verdict::kContradicted), 1U) << "the rival at height 5";
  EXPECT_EQ(node.count(Verdict::kNotLanded), 3U);
  EXPECT_EQ(node.world.state.judged_promises.size(), limits::kJudgedPromisesMax);
  EXPECT_EQ(node.world.state.missed_promises.size(), limits::kMissedPromisesMax);
}

TEST(L1Memory, WhatIsReadAnewLeavesNoEvidenceOfTheOldReading) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.promise_up_to(10);
  chain.l1.propose(chain.other_proposal(0, 4));
  node.catch_up();
  ASSERT_EQ(node.world.state.evidence.size(), 1U);
  const Seq before = node.world.state.evidence.back().second;
  node.engine = ModelEngine(167001);  // it lost everything, also what it began with
  node.world.state.l1_chain.derived.front().parent = BlockRef{BlockNumber{3}, Hash32{}};
  for (int i = 0; i < 5 && !node.said(Verdict::kOutOfStep, Reason::kL1EngineBehind); ++i) {
    ASSERT_TRUE(node.world.fire_next_timer());
    node.world.settle();
  }
  EXPECT_TRUE(node.world.state.evidence.empty());
  EXPECT_TRUE(node.world.state.l1_chain.contradicted.empty());
  for (int i = 0; i < 3; ++i) {
    node.catch_up();
    node.world.settle_with_retries();
  }
  ASSERT_EQ(node.world.state.evidence.size(), 1U) << "the new reading says it, too";
  EXPECT_GT(node.world.state.evidence.back().second, before);
  undo_proposals_from(chain, ProposalId{1});
  node.catch_up();
  EXPECT_TRUE(node.world.state.evidence.empty());
}

/// Candidates of many windows for one height, all of them waiting for one parent: their pairs grow
/// with the square, what one event says must not.
TEST(ContestedHeight, DecisionsOfOneEventGrowWithTheCandidatesOnly) {
  constexpr std::size_t kWindows = 64;
  protocol::Schedule schedule;
  schedule.version = 1;
  for (std::uint64_t i = 0; i < kWindows; ++i) {
    schedule.windows.push_back(
        {UnixSeconds{1000 + 12 * i}, UnixSeconds{1012 + 12 * i}, address_number(1)});
  }
  Preconfer preconfer(schedule);
  ModelEngine engine(167001);
  World world(engine);
  world.start(schedule);
  world.settle();
  const Promise parent = preconfer.next_block(2);
  const Promise child = preconfer.variant(2, 1);
  for (std::uint64_t window = 0; window < kWindows; ++window) {
    for (std::uint8_t i = 0; i < 4; ++i) {
      protocol::CommitmentFacts facts = child.facts;
      facts.timestamp = UnixSeconds{1003 + 12 * window + i};
      facts.window_end = UnixSeconds{1012 + 12 * window};
      facts.signer = address_number(1);
      seal(facts);
      world.commitment(facts);
    }
  }
  ASSERT_GT(world.state.book.pending_parent.size(), 200U);
  const std::size_t before = world.decisions.size();
  world.commitment(parent.facts);
  const std::size_t said = world.decisions.size() - before;
  const std::size_t admitted = static_cast<std::size_t>(std::ranges::count(
      std::span(world.decisions).subspan(before), Verdict::kAdmitted, &Decision::verdict));
  EXPECT_GT(admitted, 200U);
  EXPECT_LE(said, admitted * (limits::kRivalsToldMax + limits::kCandidatesPerHeightMax + 1));
}

}  // namespace
}  // namespace preconf::tests
