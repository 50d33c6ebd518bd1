// Invariants of preconfirmation by whitelist (WLP-INV, preconf.md 6.8) that no other test shows as
// such. docs/derivation.md has the table of all.
#include <gtest/gtest.h>

#include "core/status.hpp"
#include "tests/reducer/derivation_world.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test

/// An engine with two derived proposals and `promised` blocks in all.
ModelEngine engine_with(ProposedChain& chain, std::size_t promised) {
  chain.l1.propose(chain.proposal(0));
  chain.l1.propose(chain.proposal(1));
  DerivingNode node(chain);
  node.catch_up();
  node.promise_up_to(promised);
  EXPECT_EQ(node.engine.head().number, BlockNumber{std::max<std::size_t>(promised, 20)});
  EXPECT_EQ(node.engine.head_l1_origin, BlockNumber{20});
  return node.engine;
}

TEST(WlpInv001, TheScanBeginsAtTheHeadOriginHoweverFarLatestIs) {
  ProposedChain near(30);
  ProposedChain far(30);
  const DerivingNode at_origin(near, engine_with(near, 20));
  const DerivingNode far_above(far, engine_with(far, 30));
  ASSERT_TRUE(at_origin.world.state.l1_chain.start);
  EXPECT_EQ(far_above.world.state.heads.unsafe->number, BlockNumber{30});
  EXPECT_EQ(far_above.world.state.l1_chain.start, at_origin.world.state.l1_chain.start);
}

TEST(WlpInv006, WhatOneTableHasIsNotReadFromAnother) {
  ProposedChain chain(30);
  const ModelEngine whole = engine_with(chain, 20);
  for (unsigned kept = 0; kept < 8; ++kept) {
    const bool has_pointer = (kept & 1) != 0;
    ModelEngine engine = whole;
    if (!has_pointer) engine.head_l1_origin.reset();
    if ((kept & 2) == 0) engine.rows.clear();
    if ((kept & 4) == 0) engine.batches.clear();
    const DerivingNode node(chain, engine);
    const Status status = make_status(node.world.state);
    EXPECT_EQ(status.confirmed.has_value(), has_pointer) << kept;
    EXPECT_EQ(node.world.state.l1_chain.start.has_value(), has_pointer) << kept;
    EXPECT_EQ(node.said(Verdict::kDerivationHalted, Reason::kResumeUnknown), !has_pointer) << kept;
    if (!has_pointer) continue;
    EXPECT_EQ(status.confirmed, BlockNumber{20}) << kept;
    EXPECT_EQ(node.world.state.l1_chain.start->first_proposal, ProposalId{2}) << kept;
  }
}

TEST(WlpInv009, AnotherPromisedBranchDoesNotMoveWhatIsConfirmed) {
  ProposedChain chain(30);
  DerivingNode node(chain, engine_with(chain, 25));
  node.catch_up();
  const Status before = make_status(node.world.state);
  ASSERT_EQ(before.confirmed, BlockNumber{20});
  ASSERT_EQ(before.canonical_proposal, ProposalId{2});
  protocol::HeaderFacts foreign = node.engine.head();
  foreign.hash.bytes.fill(0xee);
  node.engine.blocks[foreign.hash] = foreign;
  node.engine.adopt(foreign.hash);
  const std::uint64_t writes = node.engine.writes;
  for (int i = 0; i < 5 && node.world.state.heads.unsafe->hash != foreign.hash; ++i) {
    ASSERT_TRUE(node.world.fire_next_timer());
    node.world.settle();
  }
  const Status after = make_status(node.world.state);
  EXPECT_EQ(after.unsafe, foreign.ref());
  EXPECT_EQ(after.confirmed, before.confirmed);
  EXPECT_EQ(after.canonical_proposal, before.canonical_proposal);
  EXPECT_EQ(after.safe, before.safe);
  EXPECT_EQ(node.engine.writes, writes) << "no forkchoice update: L1 said nothing";
}

}  // namespace
}  // namespace preconf::tests
