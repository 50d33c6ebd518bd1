// Driver effects E1, E6, E9, E10, E11 and T4 in a model world: what L1 says becomes the chain.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/status.hpp"
#include "tests/reducer/derivation_world.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

TEST(Derivation, AFreshNodeDerivesWhatWasProposed) {
  ProposedChain chain(30);
  for (std::size_t i = 0; i < 3; ++i) chain.l1.propose(chain.proposal(i));
  DerivingNode node(chain);
  node.catch_up();
  EXPECT_EQ(node.engine.head(), chain.headers[29]);
  EXPECT_EQ(node.world.state.heads.unsafe, chain.headers[29]);
  EXPECT_EQ(node.engine.head_l1_origin, BlockNumber{30});
  EXPECT_EQ(node.engine.batches.at(ProposalId{2}), BlockNumber{20});
  EXPECT_EQ(node.engine.rows.at(BlockNumber{11}).l1_block_height,
            node.world.state.l1_chain.derived[1].proposal.landed.block_number);
  EXPECT_EQ(node.world.state.heads.safe, chain.headers[29].ref());
  EXPECT_EQ(node.engine.labels.safe, chain.headers[29].hash);
  EXPECT_EQ(node.count(Verdict::kDerivedBuilt), 30U);
  EXPECT_TRUE(node.world.state.gate.open);
  EXPECT_EQ(make_status(node.world.state).l1->derived, ProposalId{3});
}

TEST(Derivation, KeptPromisesCostRowsAndNothingElse) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.promise_up_to(20);
  ASSERT_EQ(node.engine.head(), chain.headers[19]);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  const std::uint64_t writes = node.engine.writes;
  node.catch_up();
  EXPECT_EQ(node.engine.head(), chain.headers[19]);
  EXPECT_EQ(node.count(Verdict::kDerivedKept), 20U);
  EXPECT_EQ(node.count(Verdict::kHonoured), 20U);
  EXPECT_EQ(node.count(Verdict::kContradicted), 0U);
  EXPECT_EQ(node.engine.writes - writes, 1U) << "one forkchoice call with the labels";
  EXPECT_NE(node.engine.rows.at(BlockNumber{20}).l1_block_height, L1BlockNumber{0});
  EXPECT_TRUE(node.world.state.gate.open);
}

TEST(Derivation, APromiseOnTheLastConfirmedOneIsExecuted) {
  ProposedChain chain(21);
  DerivingNode node(chain);
  node.promise_up_to(20);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  node.catch_up();
  ASSERT_EQ(node.engine.head_l1_origin, BlockNumber{20});
  ASSERT_TRUE(node.world.state.book.held.empty()) << "what is confirmed is forgotten";
  node.world.promise(chain.promises[20]);
  node.catch_up();
  EXPECT_EQ(node.count(Verdict::kPendingParent), 0U);
  EXPECT_EQ(node.engine.head(), chain.headers[20]);
}

TEST(Derivation, FromTheFirstBlockThatDiffersEverythingIsBuilt) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.promise_up_to(20);
  chain.l1.propose(chain.other_proposal(0, 4));
  node.catch_up();
  EXPECT_EQ(node.count(Verdict::kDerivedKept), 4U);
  EXPECT_EQ(node.count(Verdict::kDerivedBuilt), 6U);
  EXPECT_EQ(node.count(Verdict::kContradicted), 1U);
  ASSERT_FALSE(node.world.state.evidence.empty());
  EXPECT_EQ(node.world.state.evidence.back().kind, EvidenceKind::kL1Contradicted);
  EXPECT_EQ(node.world.state.evidence.back().number, BlockNumber{5});
  EXPECT_EQ(node.engine.head().number, BlockNumber{20}) << "promises that still link go on";
  EXPECT_NE(node.engine.head(), chain.headers[19]);
  EXPECT_EQ(node.engine.blocks.at(node.engine.canonical.at(BlockNumber{5})).beneficiary,
            address_number(0x66));
}

TEST(Derivation, WhatWasPromisedOnAContradictedBlockIsTakenOut) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.promise_up_to(20);
  chain.l1.propose(chain.other_proposal(0, 9));
  node.catch_up();
  EXPECT_EQ(node.count(Verdict::kDerivedKept), 9U);
  EXPECT_EQ(node.count(Verdict::kDerivedBuilt), 1U);
  EXPECT_EQ(node.engine.head().number, BlockNumber{10});
  EXPECT_EQ(node.world.state.heads.unsafe, node.engine.head());
}

TEST(Derivation, AReorgOfL1TakesTheSafeHeadBackAndDerivesTheOtherBranch) {
  ProposedChain chain(30);
  for (std::size_t i = 0; i < 3; ++i) chain.l1.propose(chain.proposal(i));
  DerivingNode node(chain);
  node.catch_up();
  std::size_t depth = 1;  // down to below the second proposal
  while (chain.l1.next_id() != ProposalId{2}) chain.l1.reorg(depth);
  chain.l1.mine();
  node.engine.anchors = chain.l1.anchors;
  chain.l1.tell(node.world);
  EXPECT_FALSE(node.world.state.gate.open);
  EXPECT_EQ(node.world.state.gate.reason, Reason::kGateRewinding);
  EXPECT_EQ(node.world.state.l1_chain.safe_block, chain.headers[9].ref());
  node.catch_up();
  EXPECT_EQ(node.engine.head_l1_origin, BlockNumber{10});
  EXPECT_EQ(node.count(Verdict::kRewound), 1U);
  EXPECT_EQ(node.engine.head(), chain.headers[29]) << "blocks stay until L1 says otherwise";
  chain.l1.propose(chain.other_proposal(1, 0));
  chain.l1.propose(chain.proposal(2));
  node.catch_up();
  DerivingNode fresh(chain);
  fresh.catch_up();
  EXPECT_EQ(node.engine.head(), fresh.engine.head());
  EXPECT_EQ(node.engine.head_l1_origin, BlockNumber{30});
  EXPECT_TRUE(node.world.state.gate.open);
}

TEST(Derivation, AReorgInTheMiddleOfAProposalIsFollowed) {
  for (std::size_t cut = 0; cut < 60; ++cut) {
    ProposedChain chain(20);
    chain.l1.propose(chain.proposal(0));
    DerivingNode node(chain);
    node.engine.anchors = chain.l1.anchors;
    chain.l1.tell(node.world);
    for (std::size_t i = 0; i < cut && node.world.answer_next(); ++i) {
      node.engine.anchors = chain.l1.anchors;
    }
    chain.l1.reorg(1);
    chain.l1.propose(chain.other_proposal(0, 3));
    node.catch_up();
    node.world.settle_with_retries();
    DerivingNode fresh(chain);
    fresh.catch_up();
    ASSERT_EQ(node.engine.head(), fresh.engine.head()) << "cut after " << cut << " answers";
    ASSERT_TRUE(node.world.state.gate.open);
  }
}

TEST(Derivation, AMissingBlobIsWaitedForByName) {
  ProposedChain chain(10);
  chain.l1.propose(chain.proposal(0));
  chain.l1.blobs_are_missing = true;
  DerivingNode node(chain);
  node.catch_up();
  EXPECT_EQ(node.engine.head().number, BlockNumber{0});
  EXPECT_TRUE(node.said(Verdict::kSourcesDeferred, Reason::kBlobMissing));
  EXPECT_EQ(make_status(node.world.state).l1->blocked, "blob_missing");
  EXPECT_FALSE(node.world.state.gate.open);
  EXPECT_EQ(node.world.state.gate.reason, Reason::kGateBlobMissing);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(node.world.fire_next_timer());
    node.world.settle();
  }
  EXPECT_EQ(node.engine.head().number, BlockNumber{0}) << "never a default";
  chain.l1.blobs_are_missing = false;
  node.world.settle_with_retries();
  EXPECT_EQ(node.engine.head(), chain.headers[9]);
  EXPECT_TRUE(make_status(node.world.state).l1->blocked.empty());
}

TEST(Derivation, AGarbageManifestIsOneDefaultBlock) {
  ProposedChain chain(10);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose_garbage();
  DerivingNode node(chain);
  node.catch_up();
  EXPECT_EQ(node.engine.head().number, BlockNumber{11});
  EXPECT_EQ(node.engine.head().beneficiary, address_number(0x99)) << "the proposer";
  EXPECT_TRUE(node.said(Verdict::kSourceDefaulted, Reason::kManifestBad));
}

// Whoever may propose could stop every node with a well-formed manifest that lists no block.
TEST(Derivation, AManifestWithoutBlocksIsOneDefaultBlock) {
  ProposedChain chain(20);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  DerivingNode node(chain);
  node.world.answer_l1 = [&](const CommandBody& command) {
    ev::L1Result result = chain.l1.perform(command);
    auto* resolved = std::get_if<ev::SourcesResolved>(&result);
    if (resolved != nullptr && resolved->id == ProposalId{1}) resolved->sources[0].blocks.clear();
    return result;
  };
  node.catch_up();
  EXPECT_TRUE(node.said(Verdict::kSourceDefaulted, Reason::kSegmentBad));
  EXPECT_EQ(node.engine.batches.at(ProposalId{1}), BlockNumber{1});
  EXPECT_EQ(node.world.state.l1_chain.derived.size(), 2U) << "and what follows is derived";
}

TEST(Derivation, ForcedInclusionsComeFirst) {
  ProposedChain chain(10);
  chain.l1.propose({{described(chain.promises[0])}, chain.proposal(0)});
  DerivingNode node(chain);
  node.catch_up();
  // The forced one inherits; the proposer's own blocks are then too old or stagnant: a default.
  EXPECT_GE(node.engine.head().number, BlockNumber{2});
  EXPECT_TRUE(node.engine.rows.at(BlockNumber{1}).is_forced_inclusion);
  EXPECT_FALSE(node.engine.rows.at(BlockNumber{2}).is_forced_inclusion);
}

TEST(Derivation, FinalityFollowsTheL1BlockOfTheProposal) {
  ProposedChain chain(20);
  chain.l1.propose(chain.proposal(0));
  chain.l1.mine(4);
  chain.l1.propose(chain.proposal(1));
  chain.l1.mine(2);
  DerivingNode node(chain);
  node.catch_up();
  EXPECT_FALSE(node.world.state.l1_chain.finalized_block);
  chain.l1.finalize(4);
  node.catch_up();
  EXPECT_EQ(node.world.state.l1_chain.finalized_block, chain.headers[9].ref());
  EXPECT_EQ(node.engine.labels.finalized, chain.headers[9].hash);
  chain.l1.finalize(0);
  node.catch_up();
  EXPECT_EQ(node.world.state.heads.finalized, chain.headers[19].ref());
}

TEST(Derivation, ANewLogResumesAtTheProposalOfTheHeadOrigin) {
  ProposedChain chain(30);
  for (std::size_t i = 0; i < 2; ++i) chain.l1.propose(chain.proposal(i));
  DerivingNode first(chain);
  first.catch_up();
  chain.l1.propose(chain.proposal(2));
  DerivingNode second(chain, first.engine);
  ASSERT_TRUE(second.world.state.l1_chain.start);
  EXPECT_EQ(second.world.state.l1_chain.start->first_proposal, ProposalId{2});
  second.catch_up();
  EXPECT_EQ(second.engine.head(), chain.headers[29]);
  EXPECT_EQ(second.count(Verdict::kDerivedKept), 10U) << "the pointer may move before the end";
  EXPECT_EQ(second.count(Verdict::kDerivedBuilt), 10U);
}

TEST(Derivation, AnEngineWithBlocksButNoHeadOriginFailsClosed) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.promise_up_to(5);
  DerivingNode other(chain, node.engine);
  EXPECT_TRUE(other.said(Verdict::kDerivationHalted, Reason::kResumeUnknown));
  EXPECT_FALSE(other.world.state.gate.open);
}

TEST(Derivation, AnEngineThatLostBlocksIsBroughtBack) {
  ProposedChain chain(30);
  for (std::size_t i = 0; i < 3; ++i) chain.l1.propose(chain.proposal(i));
  DerivingNode node(chain);
  node.catch_up();
  node.engine.lose_blocks(13);
  node.engine.head_l1_origin = BlockNumber{17};
  for (int i = 0; i < 5 && !node.said(Verdict::kOutOfStep, Reason::kL1EngineBehind); ++i) {
    ASSERT_TRUE(node.world.fire_next_timer());
    node.world.settle();
  }
  EXPECT_TRUE(node.said(Verdict::kOutOfStep, Reason::kL1EngineBehind));
  ASSERT_TRUE(node.world.run_to(chain.headers[29].hash));
  node.world.settle_with_retries();
  EXPECT_EQ(node.engine.head_l1_origin, BlockNumber{30});
}

TEST(Derivation, AnEngineThatLostFinalBlocksIsBroughtBack) {
  ProposedChain chain(30);
  for (std::size_t i = 0; i < 3; ++i) chain.l1.propose(chain.proposal(i));
  chain.l1.finalize(0);
  DerivingNode node(chain);
  node.catch_up();
  ASSERT_EQ(node.world.state.l1_chain.finalized_block, chain.headers[29].ref());
  node.engine.lose_blocks(13);
  node.engine.head_l1_origin = BlockNumber{17};
  for (int i = 0; i < 5 && !node.said(Verdict::kOutOfStep, Reason::kL1EngineBehind); ++i) {
    ASSERT_TRUE(node.world.fire_next_timer());
    node.world.settle();
  }
  ASSERT_TRUE(node.world.run_to(chain.headers[29].hash));
  node.world.settle_with_retries();
  EXPECT_EQ(node.engine.labels.finalized, chain.headers[29].hash);
}

TEST(Derivation, AnEngineThatComesBackEmptyWhileARewindIsDueIsBroughtBack) {
  ProposedChain chain(20);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  DerivingNode node(chain);
  node.catch_up();
  node.engine = ModelEngine(167001);
  node.engine.pointer_needs_row = true;
  chain.l1.reorg(1);
  chain.l1.mine();
  node.catch_up();
  node.world.settle_with_retries();
  EXPECT_EQ(node.engine.head(), chain.headers[9]);
  EXPECT_EQ(node.engine.head_l1_origin, BlockNumber{10});
  EXPECT_TRUE(node.world.state.gate.open);
}

TEST(Derivation, AnUnlinkedBlockIsRefusedAndNothingIsSkipped) {
  ProposedChain chain(10);
  DerivingNode node(chain);
  node.catch_up();
  chain.l1.mine(3);
  node.world.feed(chain.l1.chain().back());
  EXPECT_TRUE(node.said(Verdict::kL1BlockRefused, Reason::kL1Unlinked));
  EXPECT_EQ(node.world.state.l1_chain.links.size(), 1U);
  ev::L1BlockObserved skipping = chain.l1.chain().back();
  skipping.previous = node.world.state.l1_chain.links.back().hash;
  node.world.feed(skipping);
  EXPECT_TRUE(node.said(Verdict::kL1BlockRefused, Reason::kL1SkipNotFinal));
  node.catch_up();
  EXPECT_EQ(node.world.state.l1_chain.links.size(), 4U);
}

TEST(Derivation, ABranchBelowFinalizedL1IsRefused) {
  ProposedChain chain(10);
  chain.l1.mine(5);
  DerivingNode node(chain);
  node.catch_up();
  chain.l1.finalize(1);
  node.catch_up();
  chain.l1.reorg(4);
  chain.l1.mine(6);
  node.catch_up();
  EXPECT_TRUE(node.said(Verdict::kL1BlockRefused, Reason::kL1BelowFinalized));
}

// One Proposed log missing from one answer about final history stopped a node for good.
TEST(Derivation, AFinalBlockThatIsReadAgainMayHaveAProposal) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.catch_up();
  chain.l1.propose(chain.proposal(0));
  const Hash32 hidden = chain.l1.chain().back().hash;
  chain.l1.mine(3);
  chain.l1.finalize(0);
  std::size_t first = 0;
  while (chain.l1.chain()[first].hash != node.world.state.l1_chain.links.back().hash) ++first;
  for (std::size_t i = first + 1; i < chain.l1.chain().size(); ++i) {
    ev::L1BlockObserved block = chain.l1.chain()[i];
    if (block.hash == hidden) block.facts.clear();
    node.world.feed(block);
  }
  node.catch_up();  // finality, and the links that it rests on
  ASSERT_TRUE(node.world.state.l1_chain.finalized);
  chain.l1.propose(chain.proposal(1));
  node.catch_up();
  ASSERT_TRUE(node.said(Verdict::kL1BlockRefused, Reason::kProposalGap));
  for (const ev::L1BlockObserved& block : chain.l1.chain()) {
    if (block.hash == hidden) node.world.feed(block);
  }
  node.catch_up();
  node.world.settle_with_retries();
  EXPECT_EQ(node.engine.head(), chain.headers[19]);
  EXPECT_TRUE(node.world.state.gate.open);
}

TEST(Derivation, AProposalThatIsNotTheNextOneIsRefused) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.catch_up();
  protocol::ProposedFacts proposed;
  proposed.id = ProposalId{2};
  chain.l1.mine_with(proposed);
  node.catch_up();
  EXPECT_TRUE(node.said(Verdict::kL1BlockRefused, Reason::kProposalGap));
}

TEST(Derivation, PromisesOfAProposalThatEndsBeforeThemDidNotLand) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  node.promise_up_to(10);
  std::vector<DescribedBlock> shorter = chain.proposal(0);
  shorter.resize(7);
  chain.l1.propose(shorter);
  node.catch_up();
  EXPECT_EQ(node.count(Verdict::kHonoured), 7U);
  EXPECT_EQ(node.count(Verdict::kNotLanded), 3U);
}

}  // namespace
}  // namespace preconf::tests
