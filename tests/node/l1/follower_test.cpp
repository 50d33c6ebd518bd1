// The follower against a random L1 and the real reducer: whatever L1 and its endpoints do, the
// events fold to exactly what the final chain says.
#include "tests/node/l1/follower_world.hpp"

namespace preconf::tests {
namespace {

std::uint64_t seeds_from() { return 1; }

TEST(Follower, FoldsToTheFinalChainWhateverHappens) {
  constexpr std::uint64_t kSeeds = 200;
  for (std::uint64_t seed = seeds_from(); seed < seeds_from() + kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FollowerWorld world(seed);
    world.l1.has_unreadable_logs = seed % 2 == 0;
    std::mt19937_64 random(seed);
    for (std::uint64_t i = random() % 200; i > 0; --i) world.l1.mine();
    std::uint64_t newest = 0;
    world.failures_percent = random() % 40;
    world.lag_max = random() % 4;
    for (int i = 0; i < 1'500; ++i) {
      world.turn();
      if (::testing::Test::HasFatalFailure()) return;
      const std::uint64_t what = random() % 100;
      if (what < 6 && world.l1.head().last_proposal < 200) world.l1.mine();
      if (what == 6) world.l1.finalize(8 + random() % 24);
      // Of any depth, longer or shorter than what it replaces.
      if (what == 7 && random() % 2 == 0) world.l1.reorg(random() % 24, random() % 26);
      if (what == 8 && random() % 8 == 0) world.restart();
      newest = std::max(newest, world.l1.head().header.timestamp.value);
    }
    // What was too old for the schedule once must still be: the chain only grows in the long run.
    do {
      world.l1.mine();
    } while (world.l1.head().header.timestamp.value < newest);
    world.settle();
    if (::testing::Test::HasFatalFailure()) return;
    world.check_against_final_chain();
    if (::testing::Test::HasFatalFailure()) return;
    EXPECT_EQ(world.follower->status().refusals, 0U)
        << "nothing that the reducer can not link is ever offered";
  }
}

TEST(Follower, ASpanOfHistoryIsReadInRangesAndTheHeadBlockByBlock) {
  FollowerWorld world(7);
  for (int i = 0; i < 600; ++i) world.l1.mine();
  world.l1.finalize(20);
  world.l1.logs_max = 9;
  world.l1.reorg(0, 0);
  // More proposals than may wait: the bound holds, and nothing is offered above it.
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
  EXPECT_LT(world.links().size(), 600U) << "some blocks without logs were passed over";
  EXPECT_EQ(world.follower->status().refusals, 0U);
}

TEST(Follower, BeginsWhereTheInboxWasActivated) {
  FollowerWorld world(9, 0);
  for (int i = 0; i < 120; ++i) world.l1.mine();
  world.l1.finalize(20);
  world.l1.activated = world.l1.chain().at(1).header.timestamp.value;
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
  EXPECT_GE(world.links().front().number.value, 1U);
}

TEST(Follower, AProposalThatAnEndpointKeptFromUsIsReadAgain) {
  FollowerWorld world(11);
  for (int i = 0; i < 8; ++i) world.l1.mine();
  world.settle();
  world.l1.omits_proposals = true;
  const std::uint64_t before = world.l1.head().last_proposal;
  while (world.l1.head().last_proposal == before) world.l1.mine();
  world.settle();
  ASSERT_LT(world.proposals().size(), world.l1.head().last_proposal);
  world.l1.omits_proposals = false;
  const std::uint64_t hidden = world.l1.head().last_proposal;
  while (world.l1.head().last_proposal == hidden) world.l1.mine();
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
}

TEST(Follower, AfterAnEngineThatLostEverythingLiveIsToldAgain) {
  FollowerWorld world(37);
  for (int i = 0; i < 150; ++i) world.l1.mine();
  world.l1.finalize(20);
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_TRUE(world.chain().is_live);
  // L1 stands still meanwhile, and is read again sooner than silence would be noticed.
  world.lose_engine();
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_TRUE(world.chain().is_live);
  world.check_against_final_chain();
}

TEST(Follower, AnEngineThatLostEverythingWithABlockUnderWay) {
  FollowerWorld world(41);
  for (int i = 0; i < 60; ++i) world.l1.mine();
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.l1.mine();
  world.link_head_untold();
  world.lose_engine();
  world.l1.mine();
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_TRUE(world.chain().is_live);
  world.check_against_final_chain();
}

// Blocks that were linked and forgotten before anybody told of them were waited for, for ever.
TEST(Follower, AScanThatBeginsAnewBeforeItsFirstBlocksAreTold) {
  FollowerWorld world(43);
  for (int i = 0; i < 8; ++i) world.l1.mine();
  world.link_head_untold();
  if (::testing::Test::HasFatalFailure()) return;
  world.lose_engine();
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_TRUE(world.chain().is_live);
  world.check_against_final_chain();
}

TEST(Follower, ADeepReorgWhileTheNodeWasDown) {
  for (const std::size_t depth : {1U, 3U, 12U, 64U}) {
    SCOPED_TRACE(depth);
    FollowerWorld world(13);
    for (int i = 0; i < 100; ++i) world.l1.mine();
    world.settle();
    world.l1.reorg(depth, depth + 60);
    // Final by now is what stands far above where the old branch ended.
    world.l1.finalize(20);
    world.restart();
    world.settle();
    if (::testing::Test::HasFatalFailure()) return;
    world.check_against_final_chain();
    EXPECT_EQ(world.chain().reorgs, 1U);
    EXPECT_EQ(world.follower->status().refusals, 0U);
    EXPECT_EQ(world.chain().finalized->number.value, world.l1.finalized());
  }
}

TEST(Follower, ARestartOnABranchThatIsGoneIsNotLiveBeforeTheReorgIsTold) {
  FollowerWorld world(19);
  for (int i = 0; i < 40; ++i) world.l1.mine();
  world.settle();
  ASSERT_TRUE(world.chain().is_live);
  world.l1.reorg(4, 4);  // the same height
  world.restart();
  while (world.chain().reorgs == 0) {
    world.turn();
    if (::testing::Test::HasFatalFailure()) return;
    if (!world.chain().is_live) break;
  }
  ASSERT_FALSE(world.chain().is_live) << "what an earlier life saw does not count";
  while (world.chain().reorgs == 0) {
    world.turn();
    if (::testing::Test::HasFatalFailure()) return;
    ASSERT_FALSE(world.chain().is_live && world.chain().reorgs == 0);
  }
  world.settle();
  EXPECT_TRUE(world.chain().is_live);
}

// The wait was a millisecond from the next poll's time on, until the answer came.
TEST(Follower, ASlowAnswerIsNotWaitedForInMilliseconds) {
  FollowerWorld world(79);
  node::l1::Follower& follower = *world.follower;
  const auto at = [](std::uint64_t millis) {
    return node::l1::FollowerTime{core::Millis{millis}, {}};
  };
  ASSERT_EQ(follower.step(at(1'000)).requests.size(), 1U);
  for (const std::uint64_t later : {1'500U, 2'000U, 4'000U, 9'000U}) {
    const auto actions = follower.step(at(later));
    EXPECT_TRUE(actions.requests.empty());
    EXPECT_EQ(actions.wake_in.value, 1'000U);
  }
}

TEST(Follower, SilenceAndLagAreNotLive) {
  FollowerWorld world(17);
  for (int i = 0; i < 10; ++i) world.l1.mine();
  world.settle();
  ASSERT_TRUE(world.chain().is_live);
  world.failures_percent = 100;
  for (int i = 0; i < 2'000 && world.chain().is_live; ++i) world.turn();
  EXPECT_FALSE(world.chain().is_live) << "L1 has not been heard of for three slots";
  world.settle();
  EXPECT_TRUE(world.chain().is_live);
}

// The gate was shut for it, and nothing said why.
TEST(Follower, AHeadThatIsTooOldIsNamed) {
  FollowerWorld world(19);
  world.head_age_max_seconds = 300;
  world.restart();
  for (int i = 0; i < 10; ++i) world.l1.mine();
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_EQ(world.follower->status().trouble, "");
  world.wall_ahead_seconds = 301;
  for (int i = 0; i < 400; ++i) world.turn();
  EXPECT_FALSE(world.chain().is_live);
  const std::string height = std::to_string(world.l1.head().header.number.value);
  EXPECT_EQ(world.follower->status().trouble,
            "L1's head, block " + height + ", is older than --l1.head-age-max: 300 s");
  world.wall_ahead_seconds = 0;
  world.settle();
  EXPECT_EQ(world.follower->status().trouble, "");
}

}  // namespace
}  // namespace preconf::tests
