// What the status says of the tips and of L1: the driver client's contract (preconf.md 6.7, 8).
#include <gtest/gtest.h>

#include "core/status.hpp"
#include "tests/reducer/derivation_world.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

Status status_of(const DerivingNode& node) { return make_status(node.world.state); }

/// The node sees what is on L1 and does nothing yet.
void observe(DerivingNode& node) {
  node.engine.anchors = node.chain.l1.anchors;
  node.chain.l1.tell(node.world);
}

TEST(Tips, EventSyncTipIsZeroOnlyAtGenesis) {
  ProposedChain chain(10);
  DerivingNode node(chain);
  ASSERT_TRUE(node.world.state.l1_chain.start);
  EXPECT_EQ(status_of(node).event_sync_tip.error, TipError::kEventSyncTipUnknown)
      << "L1 is not read yet: nobody knows that it has no proposal";
  node.catch_up();
  EXPECT_EQ(status_of(node).event_sync_tip, (Tip{TipError::kNone, BlockNumber{0}}));
  chain.l1.propose(chain.proposal(0));
  observe(node);
  EXPECT_EQ(status_of(node).event_sync_tip.error, TipError::kEventSyncTipUnknown);
  node.catch_up();
  EXPECT_EQ(status_of(node).event_sync_tip, (Tip{TipError::kNone, BlockNumber{10}}));
}

TEST(Tips, BlocksWithoutAHeadL1OriginAreNoBoundary) {
  ProposedChain chain(10);
  DerivingNode first(chain);
  first.promise_up_to(10);
  ASSERT_FALSE(first.engine.head_l1_origin);
  DerivingNode again(chain, first.engine);
  again.catch_up();
  const Status status = status_of(again);
  EXPECT_EQ(status.preconf_tip, (Tip{TipError::kNone, BlockNumber{10}}));
  EXPECT_EQ(status.event_sync_tip.error, TipError::kEventSyncTipUnknown);
  EXPECT_EQ(status.canonical_proposal, ProposalId{0});
  EXPECT_FALSE(status.synced_with_inbox);
}

TEST(Tips, PreconfTipIsTheExecutedHead) {
  ProposedChain chain(12);
  ModelEngine engine(167001);
  World world(engine);
  world.feed(ev::BootStarted{});
  EXPECT_EQ(make_status(world.state).preconf_tip.error, TipError::kMissingLatestBlock);
  DerivingNode node(chain);
  EXPECT_EQ(status_of(node).preconf_tip, (Tip{TipError::kNone, BlockNumber{0}}));
  node.promise_up_to(12);
  EXPECT_EQ(status_of(node).preconf_tip, (Tip{TipError::kNone, BlockNumber{12}}));
}

TEST(Tips, TheSafeReadingHasNoFallback) {
  ProposedChain chain(10);
  DerivingNode node(chain);
  const auto safe_tip = [&node] { return event_sync_tip(status_of(node), EventSyncSource::kSafe); };
  node.catch_up();
  ASSERT_EQ(status_of(node).event_sync_tip.error, TipError::kNone);
  EXPECT_EQ(safe_tip().error, TipError::kMissingSafeBlock);
  chain.l1.propose(chain.proposal(0));
  node.catch_up();
  EXPECT_EQ(safe_tip(), (Tip{TipError::kNone, BlockNumber{10}}));
}

TEST(Tips, TheCanonicalProposalIsTheLastProcessedOne) {
  ProposedChain chain(30);
  DerivingNode node(chain);
  node.catch_up();
  EXPECT_EQ(status_of(node).canonical_proposal, ProposalId{0});
  EXPECT_TRUE(status_of(node).synced_with_inbox) << "an inbox without proposals";
  for (std::size_t i = 0; i < 3; ++i) chain.l1.propose(chain.proposal(i));
  observe(node);
  std::vector<std::uint64_t> seen;
  do {
    node.engine.anchors = chain.l1.anchors;
    const Status status = status_of(node);
    const std::uint64_t id = status.canonical_proposal.value;
    if (seen.empty() || seen.back() != id) seen.push_back(id);
    EXPECT_EQ(status.observed_proposal, ProposalId{3});
    EXPECT_EQ(status.synced_with_inbox, id == 3) << id;
    if (id == 0) continue;
    EXPECT_EQ(node.engine.batches.at(ProposalId{id}), BlockNumber{10 * id});
    EXPECT_GE(status.confirmed, BlockNumber{10 * id});
  } while (node.world.answer_next());
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, 1, 2, 3}));
}

TEST(Tips, AReorgTakesTheCanonicalProposalBack) {
  ProposedChain chain(20);
  DerivingNode node(chain);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  node.catch_up();
  ASSERT_EQ(status_of(node).canonical_proposal, ProposalId{2});
  chain.l1.reorg(1);
  chain.l1.propose(chain.other_proposal(1, 3));
  observe(node);
  EXPECT_EQ(status_of(node).canonical_proposal, ProposalId{1});
  EXPECT_EQ(status_of(node).observed_proposal, ProposalId{2});
  EXPECT_FALSE(status_of(node).synced_with_inbox);
  node.catch_up();
  EXPECT_EQ(status_of(node).canonical_proposal, ProposalId{2});
  EXPECT_TRUE(status_of(node).synced_with_inbox);
}

TEST(Tips, AMissingBlobKeepsTheNodeUnsynced) {
  ProposedChain chain(10);
  DerivingNode node(chain);
  chain.l1.propose(chain.proposal(0));
  chain.l1.blobs_are_missing = true;
  node.catch_up();
  EXPECT_EQ(status_of(node).canonical_proposal, ProposalId{0});
  EXPECT_EQ(status_of(node).observed_proposal, ProposalId{1});
  EXPECT_FALSE(status_of(node).synced_with_inbox);
}

// WLP-INV-007: blocks that the engine got by its own sync are no confirmed sync.
TEST(Tips, AtACheckpointTheInboxIsSyncedWithTheFirstProposalAboveIt) {
  ProposedChain chain(20);
  chain.l1.propose(chain.proposal(0));
  DerivingNode first(chain);
  first.catch_up();
  ModelEngine synced = first.engine;
  synced.rows.clear();
  synced.batches.clear();
  synced.head_l1_origin.reset();
  synced.labels = {};
  DerivingNode node(chain, synced);
  const auto& proven = chain.l1.chain().front();
  node.world.feed(ev::CheckpointReached{ProposalId{1},
                                        chain.headers[9].ref(),
                                        chain.promises[9].facts.anchor_block_number,
                                        {proven.number, proven.hash}});
  for (int i = 0; i < 3 && !node.world.state.l1_chain.start; ++i) {
    ASSERT_TRUE(node.world.fire_next_timer());
    node.world.settle();
  }
  ASSERT_TRUE(node.world.state.l1_chain.start);
  node.catch_up();
  EXPECT_EQ(status_of(node).canonical_proposal, ProposalId{1}) << "what the checkpoint ends";
  EXPECT_EQ(status_of(node).event_sync_tip.error, TipError::kEventSyncTipUnknown);
  EXPECT_FALSE(status_of(node).synced_with_inbox) << "the engine has no pointer";
  chain.l1.propose(chain.proposal(1));
  node.catch_up();
  node.world.settle_with_retries();
  EXPECT_EQ(status_of(node).canonical_proposal, ProposalId{2});
  EXPECT_EQ(status_of(node).event_sync_tip, (Tip{TipError::kNone, BlockNumber{20}}));
  EXPECT_TRUE(status_of(node).synced_with_inbox);
}

TEST(Tips, AGivenL1IsProcessedWhenItsTargetIsConfirmed) {
  for (const bool is_behind : {true, false}) {
    ModelEngine engine(167001);
    engine.head_l1_origin = BlockNumber{is_behind ? 8U : 9U};
    World world(engine);
    world.feed(ev::BootStarted{});
    world.feed(ev::L1SyncObserved{true, ProposalId{5}, BlockNumber{9}});
    world.settle();
    const Status status = make_status(world.state);
    EXPECT_EQ(status.observed_proposal, ProposalId{5});
    EXPECT_EQ(status.canonical_proposal, ProposalId{is_behind ? 0U : 5U});
    EXPECT_EQ(status.synced_with_inbox, !is_behind);
  }
}

}  // namespace
}  // namespace preconf::tests
