// Where derivation begins on an engine that was filled by another log: only above what L1 still has
// (WLP-INV-001).
#include <gtest/gtest.h>

#include "tests/reducer/derivation_world.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test

void undo_proposals_from(ProposedChain& chain, ProposalId id) {
  while (chain.l1.next_id() != id) chain.l1.reorg(1);
  chain.l1.mine();
}

void expect_equal_chains(const DerivingNode& one, const DerivingNode& other, BlockNumber last) {
  for (BlockNumber n{1}; n <= last; n = next(n)) {
    ASSERT_EQ(one.engine.canonical.at(n), other.engine.canonical.at(n)) << n.value;
    EXPECT_EQ(one.engine.rows.at(n).l1_block_hash, other.engine.rows.at(n).l1_block_hash);
  }
}

void run_to_the_end(DerivingNode& node) {
  for (int i = 0; i < 4; ++i) {
    node.catch_up();
    node.world.settle_with_retries();
  }
}

TEST(Resume, TheProposalBelowTheFirstOneMayHaveBeenTakenBack) {
  ProposedChain chain(30);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  DerivingNode first(chain);
  first.catch_up();
  ASSERT_EQ(first.engine.head_l1_origin, BlockNumber{20});
  // While no node looks, L1 replaces both.
  undo_proposals_from(chain, ProposalId{1});
  chain.l1.propose(chain.other_proposal(0, 3));
  chain.l1.propose(chain.proposal(1));
  chain.l1.propose(chain.proposal(2));
  DerivingNode second(chain, first.engine);
  ASSERT_EQ(second.world.state.l1_chain.start->first_proposal, ProposalId{2});
  run_to_the_end(second);
  EXPECT_TRUE(second.said(Verdict::kOutOfStep, Reason::kResumeStale));
  DerivingNode fresh(chain);
  run_to_the_end(fresh);
  expect_equal_chains(second, fresh, BlockNumber{30});
  EXPECT_EQ(second.engine.head_l1_origin, BlockNumber{30});
  EXPECT_TRUE(second.world.state.gate.open);
}

TEST(Resume, TheGateWaitsForAFirstProposalThatWasTakenBack) {
  ProposedChain chain(20);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  DerivingNode first(chain);
  first.catch_up();
  undo_proposals_from(chain, ProposalId{2});
  chain.l1.mine(3);
  DerivingNode second(chain, first.engine);
  ASSERT_EQ(second.world.state.l1_chain.start->first_proposal, ProposalId{2});
  chain.l1.tell(second.world);
  EXPECT_FALSE(second.world.state.gate.open) << "nothing says yet that the pointer is right";
  run_to_the_end(second);
  EXPECT_EQ(second.engine.head_l1_origin, BlockNumber{10}) << "the pointer names what L1 has";
  EXPECT_EQ(second.world.state.l1_chain.safe_block, chain.headers[9].ref());
  EXPECT_TRUE(second.world.state.gate.open);
  chain.l1.propose(chain.other_proposal(1, 0));
  run_to_the_end(second);
  DerivingNode fresh(chain);
  run_to_the_end(fresh);
  expect_equal_chains(second, fresh, BlockNumber{20});
}

TEST(Resume, EverythingMayHaveBeenTakenBack) {
  ProposedChain chain(20);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  DerivingNode first(chain);
  first.catch_up();
  undo_proposals_from(chain, ProposalId{1});
  DerivingNode second(chain, first.engine);
  run_to_the_end(second);
  ASSERT_TRUE(second.world.state.l1_chain.start);
  EXPECT_EQ(second.world.state.l1_chain.start->first_proposal, ProposalId{1});
  chain.l1.propose(chain.other_proposal(0, 0));
  run_to_the_end(second);
  DerivingNode fresh(chain);
  run_to_the_end(fresh);
  expect_equal_chains(second, fresh, BlockNumber{10});
}

TEST(Resume, WithoutRowsL1sFinalityHasToDo) {
  ProposedChain chain(30);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  DerivingNode first(chain);
  first.catch_up();
  ModelEngine engine = first.engine;
  for (BlockNumber n{1}; n.value <= 10; n = next(n)) engine.rows.erase(n);
  DerivingNode second(chain, engine);
  second.catch_up();
  EXPECT_TRUE(second.said(Verdict::kDerivationDeferred, Reason::kResumeStale));
  EXPECT_FALSE(second.world.state.gate.open);
  chain.l1.finalize(0);
  run_to_the_end(second);
  EXPECT_EQ(second.engine.head(), chain.headers[19]);
  EXPECT_TRUE(second.world.state.gate.open);
}

// Such a block was taken for the head without asking, and lost again with the next read, several
// times a second; in between the gate was open. And reading the parent again forgot how often the
// engine had failed.
TEST(Resume, BlocksThatAnEngineServesAboveItsHeadAreNotAdopted) {
  ProposedChain chain(20);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  DerivingNode first(chain);
  first.catch_up();
  ModelEngine engine = first.engine;
  engine.executed = BlockNumber{15};
  DerivingNode second(chain, engine);
  second.catch_up();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(second.world.fire_next_timer());
    second.catch_up();
    ASSERT_EQ(second.world.state.heads.unsafe->number, BlockNumber{15});
    ASSERT_FALSE(second.world.state.gate.open);
  }
  EXPECT_TRUE(second.said(Verdict::kDerivationDeferred, Reason::kEngineSyncing));
  EXPECT_FALSE(second.said(Verdict::kHeadAdopted, Reason::kDerivedFromL1));
  EXPECT_GT(second.world.state.l1_chain.backoff.failures, 10U);
  second.engine.executed.reset();
  run_to_the_end(second);
  EXPECT_EQ(second.engine.head(), chain.headers[19]);
  EXPECT_TRUE(second.world.state.gate.open);
}

// The proposal below the first one was looked up in its tables for ever.
TEST(Resume, AnEngineAtGenesisBeforeAnythingWasDerivedGetsEverything) {
  ProposedChain chain(20);
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  DerivingNode first(chain);
  first.catch_up();
  DerivingNode second(chain, first.engine);
  ASSERT_EQ(second.world.state.l1_chain.start->first_proposal, ProposalId{2});
  second.engine = ModelEngine{167001};
  second.world.feed(events::BootStarted{});
  run_to_the_end(second);
  EXPECT_TRUE(second.said(Verdict::kOutOfStep, Reason::kL1EngineBehind));
  DerivingNode fresh(chain);
  run_to_the_end(fresh);
  expect_equal_chains(second, fresh, BlockNumber{20});
  EXPECT_TRUE(second.world.state.gate.open);
}

}  // namespace
}  // namespace preconf::tests
