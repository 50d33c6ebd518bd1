// Derivation that begins above a checkpoint: an engine that synced by itself has blocks and no
// tables (E1; docs/l1_client.md).
#include <gtest/gtest.h>

#include "tests/reducer/derivation_world.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

/// An engine that has the blocks of `from` by its own sync.
ModelEngine synced(const ModelEngine& from) {
  ModelEngine out = from;
  out.rows.clear();
  out.batches.clear();
  out.head_l1_origin.reset();
  out.labels = {};
  out.pointer_needs_row = true;
  return out;
}

/// Three proposals, the first of which is proven and what the engine synced to.
struct Synced {
  Synced() : chain(30) {
    chain.l1.propose(chain.proposal(0));
    DerivingNode first(chain);
    first.catch_up();
    engine.emplace(synced(first.engine));
    chain.l1.propose(chain.proposal(1));
    chain.l1.propose(chain.proposal(2));
  }
  [[nodiscard]] ev::CheckpointReached checkpoint() const {
    const auto& proven = chain.l1.chain().front();
    return {ProposalId{1},
            chain.headers[9].ref(),
            chain.promises[9].facts.anchor_block_number,
            {proven.number, proven.hash}};
  }

  ProposedChain chain;
  std::optional<ModelEngine> engine;
};

void take(DerivingNode& node, const ev::CheckpointReached& checkpoint) {
  node.world.feed(checkpoint);
  for (int i = 0; i < 3 && !node.world.state.l1_chain.start; ++i) {
    ASSERT_TRUE(node.world.fire_next_timer());
    node.world.settle();
  }
}

TEST(Checkpoint, WhatIsAboveItIsDerived) {
  Synced at;
  DerivingNode node(at.chain, *at.engine);
  ASSERT_TRUE(node.said(Verdict::kDerivationHalted, Reason::kResumeUnknown));
  take(node, at.checkpoint());
  ASSERT_TRUE(node.world.state.l1_chain.start);
  EXPECT_EQ(node.world.state.l1_chain.start->first_proposal, ProposalId{2});
  EXPECT_EQ(node.world.state.l1_chain.start->block, at.checkpoint().anchor);
  node.catch_up();
  node.world.settle_with_retries();
  EXPECT_EQ(node.engine.head(), at.chain.headers[29]);
  EXPECT_EQ(node.count(Verdict::kDerivedBuilt), 20U);
  EXPECT_EQ(node.engine.head_l1_origin, BlockNumber{30});
  EXPECT_TRUE(node.world.state.gate.open);
}

TEST(Checkpoint, NothingIsDerivedOnAnotherBlock) {
  Synced at;
  DerivingNode node(at.chain, *at.engine);
  ev::CheckpointReached other = at.checkpoint();
  other.block.hash.bytes[0] ^= 1;
  node.world.feed(other);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(node.world.fire_next_timer());
    node.world.settle();
  }
  EXPECT_TRUE(node.said(Verdict::kDerivationHalted, Reason::kCheckpointLost));
  EXPECT_FALSE(node.world.state.l1_chain.start);
  EXPECT_FALSE(node.world.state.gate.open);
}

TEST(Checkpoint, WhoHasBegunIsNotMoved) {
  Synced at;
  DerivingNode node(at.chain);
  node.catch_up();
  ASSERT_TRUE(node.world.state.l1_chain.start);
  node.world.feed(at.checkpoint());
  EXPECT_TRUE(node.said(Verdict::kIgnored, Reason::kCheckpointLate));
  EXPECT_FALSE(node.world.state.checkpoint);
}

TEST(Checkpoint, AReorgOfTheFirstProposalGoesBackToIt) {
  Synced at;
  DerivingNode node(at.chain, *at.engine);
  take(node, at.checkpoint());
  node.catch_up();
  node.world.settle_with_retries();
  ASSERT_EQ(node.engine.head_l1_origin, BlockNumber{30});
  while (at.chain.l1.next_id() != ProposalId{2}) at.chain.l1.reorg(1);
  at.chain.l1.mine();
  node.catch_up();
  EXPECT_EQ(node.world.state.l1_chain.safe_block, at.chain.headers[9].ref());
  EXPECT_EQ(node.count(Verdict::kRewound), 1U);
  at.chain.l1.propose(at.chain.other_proposal(1, 0));
  node.catch_up();
  node.world.settle_with_retries();
  DerivingNode fresh(at.chain);
  fresh.catch_up();
  EXPECT_EQ(node.engine.canonical.at(BlockNumber{20}), fresh.engine.canonical.at(BlockNumber{20}));
  EXPECT_EQ(node.engine.head_l1_origin, BlockNumber{20});
  EXPECT_TRUE(node.world.state.gate.open);
}

TEST(Checkpoint, ABootGoesOnFromIt) {
  Synced at;
  DerivingNode node(at.chain, *at.engine);
  take(node, at.checkpoint());
  node.world.feed(ev::BootStarted{});
  node.catch_up();
  node.world.settle_with_retries();
  node.catch_up();
  node.world.settle_with_retries();
  EXPECT_EQ(node.engine.head(), at.chain.headers[29]);
}

// The parent of the first proposal above it was waited for, for ever: the scan had begun, so no
// boot synced the engine again.
TEST(Checkpoint, AnEngineThatLostItBeforeAnythingWasDerivedIsSyncedAgain) {
  Synced at;
  DerivingNode node(at.chain, *at.engine);
  take(node, at.checkpoint());
  ASSERT_TRUE(node.world.state.l1_chain.start);
  node.engine.lose_blocks(node.engine.head().number.value);
  ASSERT_EQ(node.engine.head().number, BlockNumber{0});
  node.world.feed(ev::BootStarted{});
  node.catch_up();
  EXPECT_TRUE(node.said(Verdict::kOutOfStep, Reason::kL1EngineBehind));
  EXPECT_TRUE(node.said(Verdict::kDerivationHalted, Reason::kCheckpointLost));
  EXPECT_FALSE(node.world.state.l1_chain.start) << "what a boot looks at before it syncs";
  EXPECT_FALSE(node.world.state.gate.open);

  node.engine = *at.engine;
  node.world.feed(ev::BootStarted{});
  node.catch_up();
  take(node, at.checkpoint());
  node.catch_up();
  node.world.settle_with_retries();
  EXPECT_EQ(node.engine.head(), at.chain.headers[29]);
  EXPECT_TRUE(node.world.state.gate.open);
}

}  // namespace
}  // namespace preconf::tests
