// Endpoints that hide, forge and contradict: what is refused is named, nothing is undone for it,
// and the log does not grow with it.
#include "core/base/hex.hpp"
#include "tests/node/l1/follower_world.hpp"

namespace preconf::tests {
namespace {

TEST(Follower, LogsThatOneEndpointHidesAreAskedOfAnother) {
  FollowerWorld world(23);
  world.hides_logs = true;
  for (int i = 0; i < 60; ++i) world.l1.mine();
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
  EXPECT_GT(world.follower->status().hidden, 10U);
  EXPECT_GT(world.blames[node::l1::Blame::kHidesLogs], 0U);
}

TEST(Follower, LogsThatTheBloomDoesNotHaveAreRefused) {
  FollowerWorld world(29);
  world.l1.forges_logs = true;
  while (world.l1.head().logs.empty()) world.l1.mine();
  for (int i = 0; i < 2'000 && world.blames[node::l1::Blame::kFalseLogs] < 2; ++i) world.turn();
  EXPECT_GE(world.blames[node::l1::Blame::kFalseLogs], 2U);
  EXPECT_TRUE(world.links().empty() || world.links().back().number < world.l1.head().header.number);
  EXPECT_TRUE(world.proposals().empty());
  EXPECT_NE(world.follower->status().trouble.find("not in the bloom"), std::string::npos);
  world.l1.forges_logs = false;
  for (int i = 0; i < 30; ++i) world.l1.mine();
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
}

// A head that does not move was L1's for ever: nothing compared it with another endpoint's.
TEST(Follower, AnEndpointThatStandsStillIsFoundOutByAnother) {
  FollowerWorld world(53);
  for (int i = 0; i < 20; ++i) world.l1.mine();
  world.settle();
  world.stuck_at = world.l1.head().header.number.value;
  for (int i = 0; i < 5; ++i) world.l1.mine();
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_EQ(world.head_blames[node::l1::HeadBlame::kBefore], 1U);
  EXPECT_TRUE(world.is_first_shunned);
  world.check_against_final_chain();
}

TEST(Follower, AHeadFarBelowWhatIsLinkedIsBlamedAtOnce) {
  FollowerWorld world(59);
  for (int i = 0; i < 40; ++i) world.l1.mine();
  world.settle();
  world.restart();
  world.stuck_at = world.l1.head().header.number.value - 20;
  world.l1.mine();
  for (int i = 0; i < 400 && !world.is_first_shunned; ++i) world.turn();
  EXPECT_EQ(world.head_blames[node::l1::HeadBlame::kLast], 1U);
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
}

// Blamed at every poll, the only endpoint would always rest while the reorg is followed.
TEST(Follower, AReorgToALowerHeadIsBlamedOnceAtMost) {
  FollowerWorld world(61);
  for (int i = 0; i < 60; ++i) world.l1.mine();
  world.settle();
  world.l1.reorg(30, 10);
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_EQ(world.head_blames[node::l1::HeadBlame::kLast], 1U);
  EXPECT_EQ(world.head_blames[node::l1::HeadBlame::kBefore], 0U);
  world.check_against_final_chain();
}

// It was asked for in every search, and each endpoint that does not have it was blamed, until the
// process began anew or L1's finality passed it.
TEST(Follower, OneWrongWordAboutFinalityIsForgotten) {
  for (const std::int64_t above_head : {5, 1, 0, -3}) {
    SCOPED_TRACE(above_head);
    FollowerWorld world(67);
    for (int i = 0; i < 60; ++i) world.l1.mine();
    world.l1.finalize(20);
    world.settle();
    const std::uint64_t head = world.l1.head().header.number.value;
    const std::uint64_t number = head + static_cast<std::uint64_t>(above_head);
    io::l1::L1Header wrong = world.l1.chain().at(std::min(head, number)).header;
    wrong.number = core::L1BlockNumber{number};
    wrong.hash.bytes[0] ^= 1;
    world.false_final = wrong;
    for (int i = 0; i < 400 && world.false_final; ++i) world.turn();
    ASSERT_FALSE(world.false_final);
    world.l1.mine();
    world.settle();
    if (::testing::Test::HasFatalFailure()) return;
    EXPECT_LE(world.blames[node::l1::Blame::kBehind], 1U);
    const std::size_t scans = world.scans;
    for (int i = 0; i < 400; ++i) world.turn();
    EXPECT_EQ(world.scans, scans) << "nothing is searched for";
    world.l1.mine();
    world.l1.finalize(10);
    world.settle();
    if (::testing::Test::HasFatalFailure()) return;
    world.check_against_final_chain();
    for (int i = 0; i < 400; ++i) world.turn();
    EXPECT_EQ(world.chain().finalized->number.value, world.l1.finalized());
  }
}

// The scan stood still at the first such block.
TEST(Follower, LogsThatSayNothingDoNotKeepOutWhatABlockSays) {
  FollowerWorld world(83);
  world.l1.garbage_logs = 300;
  for (int i = 0; i < 12; ++i) world.l1.mine();
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_GE(world.follower->status().dropped, 12U * (300 - core::limits::kFactsPerL1BlockMax));
  EXPECT_GT(world.proposals().size(), 0U);
  // Each answer that has new ones is asked for once more.
  EXPECT_GE(world.blames[node::l1::Blame::kFalseLogs], 1U);
  EXPECT_LE(world.blames[node::l1::Blame::kFalseLogs], 12U);
  world.check_against_final_chain();
}

/// In final history, and near the head.
class FollowerHistories : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Follower, FollowerHistories, ::testing::Bool());

// They were recorded as refused logs, nobody was blamed, and below L1's finality nothing could be
// undone when the next proposal showed the gap.
TEST_P(FollowerHistories, ProposalsThatDoNotReadAreAskedOfAnotherEndpoint) {
  FollowerWorld world(97);
  const bool is_final_history = GetParam();
  for (int i = 0; i < 120; ++i) world.l1.mine();
  if (is_final_history) world.l1.finalize(10);
  world.garbles_proposals = true;
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_GE(world.blames[node::l1::Blame::kFalseLogs], 1U);
  EXPECT_EQ(world.blames[node::l1::Blame::kBehind], 0U) << "no gap was needed to find out";
  world.check_against_final_chain();
}

// Told twice it was taken for L1's, and a log in which finality lay above such a block was of no
// use any more, whatever endpoints said later.
TEST_P(FollowerHistories, AProposalThatNobodyTellsWellIsWaitedFor) {
  FollowerWorld world(101);
  for (int i = 0; i < 120; ++i) world.l1.mine();
  if (GetParam()) world.l1.finalize(10);
  world.l1_garbles_proposals = true;
  for (int i = 0; i < 6'000; ++i) world.turn();
  EXPECT_GT(world.blames[node::l1::Blame::kFalseLogs], 2U);
  EXPECT_TRUE(world.proposals().empty());
  EXPECT_NE(world.follower->status().trouble.find("does not read: waits"), std::string::npos)
      << world.follower->status().trouble;
  EXPECT_FALSE(world.follower->status().is_live);
  world.l1_garbles_proposals = false;
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
}

TEST(Follower, MoreFactsThanAnEventHoldsAreReadFromAnotherEndpoint) {
  FollowerWorld world(89);
  world.l1.repeats_blacklistings = true;
  for (int i = 0; i < 40; ++i) world.l1.mine();
  for (int i = 0; i < 2'000 && world.blames[node::l1::Blame::kFalseLogs] < 2; ++i) world.turn();
  EXPECT_GE(world.blames[node::l1::Blame::kFalseLogs], 2U);
  EXPECT_NE(world.follower->status().trouble.find("more than an event holds"), std::string::npos);
  world.l1.repeats_blacklistings = false;
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
}

/// Until the chain has another proposal.
void propose(FollowerWorld& world) {
  const std::uint64_t before = world.l1.head().last_proposal;
  while (world.l1.head().last_proposal == before) world.l1.mine();
}

// Its hash is that of a Proposal of zeros, also of the time and origin of the block of its log: the
// first proposal was taken for forged.
TEST(Follower, TheFirstProposalFollowsTheActivationWhateverBlockThatIsIn) {
  FollowerWorld world(47);
  world.l1.is_activating = true;
  propose(world);
  propose(world);
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_EQ(world.proposals().size(), world.l1.head().last_proposal);
  EXPECT_EQ(world.blames[node::l1::Blame::kFalseLogs], 0U);
}

/// The process may have read the proposal before, or an earlier one may have.
class FollowerRestarts : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Follower, FollowerRestarts, ::testing::Bool());

TEST_P(FollowerRestarts, AProposalThatNamesAnotherParentIsReadAgainAndNothingIsUndone) {
  FollowerWorld world(31);
  for (int i = 0; i < 3; ++i) propose(world);
  world.settle();
  const std::size_t linked = world.proposals().size();
  if (GetParam()) world.restart();
  world.l1.forges_parents = true;
  propose(world);
  for (int i = 0; i < 2'000 && world.blames[node::l1::Blame::kFalseLogs] < 2; ++i) world.turn();
  EXPECT_GE(world.blames[node::l1::Blame::kFalseLogs], 2U);
  EXPECT_NE(world.follower->status().trouble.find("proposal_unlinked"), std::string::npos)
      << world.follower->status().trouble;
  EXPECT_EQ(world.proposals().size(), linked);
  world.l1.forges_parents = false;
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
  // After a restart it is not known what the blocks since the last proposal said.
  EXPECT_LE(world.chain().reorgs, GetParam() ? 8U : 0U);
}

TEST_P(FollowerRestarts, AForgedProposalIsReplacedWhenTheNextOneNamesTheTrueOne) {
  FollowerWorld world(37);
  propose(world);
  world.settle();
  world.l1.forges_sources = true;
  propose(world);
  world.settle();
  ASSERT_EQ(world.proposals().size(), world.l1.head().last_proposal) << "nothing speaks against it";
  world.l1.forges_sources = false;
  if (GetParam()) world.restart();
  propose(world);
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
  EXPECT_GE(world.chain().reorgs, 1U);
  EXPECT_LE(world.chain().reorgs, GetParam() ? 2U : 1U);
}

/// A log that one endpoint keeps from us: the next proposal has an id that is not the next one.
TEST_P(FollowerRestarts, AHiddenProposalIsFoundByTheNextOne) {
  FollowerWorld world(43);
  propose(world);
  world.settle();
  world.l1.omits_proposals = true;
  propose(world);
  world.settle();
  ASSERT_LT(world.proposals().size(), world.l1.head().last_proposal);
  world.l1.omits_proposals = false;
  if (GetParam()) world.restart();
  propose(world);
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
}

// Two forged proposals that name each other: after a restart only the reducer remembers the first
// of them, and refuses the true second one.
TEST_P(FollowerRestarts, ForgedProposalsThatNameEachOtherAreReplaced) {
  FollowerWorld world(71);
  propose(world);
  propose(world);
  world.settle();
  world.l1.forges_from = 3;
  propose(world);
  propose(world);
  world.settle();
  ASSERT_EQ(world.proposals().size(), world.l1.head().last_proposal) << "nothing speaks against it";
  world.l1.forges_from.reset();
  if (GetParam()) world.restart();
  propose(world);
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
  EXPECT_GE(world.blames[node::l1::Blame::kFalseLogs], 1U);
  EXPECT_LE(world.follower->status().refusals, 2U);
}

// The follower does not know what the proposals were below the newest one of an earlier life; the
// reducer does, refuses the block, and nobody was blamed for it.
TEST(Follower, AProposalThatOnlyTheReducerCanTellIsForgedIsBlamed) {
  FollowerWorld world(73);
  for (int i = 0; i < 3; ++i) propose(world);
  const std::size_t kept = world.l1.chain().size();
  propose(world);
  world.settle();
  world.restart();
  world.l1.reorg(world.l1.chain().size() - kept, 0);
  world.l1.forges_parents = true;
  propose(world);
  for (int i = 0; i < 4'000 && world.follower->status().refusals == 0; ++i) world.turn();
  ASSERT_GE(world.follower->status().refusals, 1U);
  for (int i = 0; i < 8; ++i) world.turn();
  EXPECT_GE(world.blames[node::l1::Blame::kFalseLogs], 1U);
  for (int i = 0; i < 4'000; ++i) world.turn();
  EXPECT_LE(world.follower->status().refusals, 4U) << "each one is an event";
  world.l1.forges_parents = false;
  world.settle();
  if (::testing::Test::HasFatalFailure()) return;
  world.check_against_final_chain();
}

/// One of the things that endpoints may begin, or end, to do.
void change_endpoints(FollowerWorld& world, std::uint64_t what, std::mt19937_64& random) {
  const bool is_on = random() % 4 == 0;
  FakeL1& l1 = world.l1;
  if (what == 0) l1.forges_parents = is_on;
  if (what == 1) l1.forges_sources = is_on;
  if (what == 2) l1.omits_proposals = is_on;
  if (what == 3) l1.repeats_blacklistings = is_on;
  if (what == 4) world.hides_logs = is_on;
  if (what == 5) l1.forges_from = is_on ? std::optional(1 + random() % 20) : std::nullopt;
  if (what == 7) world.garbles_proposals = is_on;
  if (what == 6) {
    io::l1::L1Header wrong = l1.chain().at(l1.chain().size() - 1 - random() % 8).header;
    wrong.number.value += random() % 12;
    wrong.hash.bytes[0] ^= 1;
    world.false_final = wrong;
  }
}

void make_honest(FollowerWorld& world) {
  FakeL1& l1 = world.l1;
  l1.forges_parents = l1.forges_sources = l1.omits_proposals = l1.repeats_blacklistings = false;
  l1.forges_from.reset();
  world.hides_logs = false;
  world.garbles_proposals = false;
  world.false_final.reset();
}

// Found dead ends: blocks that were doubted counted as found right because the doubted ones were
// linked; what was known began again from the links in the middle of replacing them.
TEST(Follower, RecoversWhateverEndpointsSaid) {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FollowerWorld world(seed);
    world.l1.has_unreadable_logs = seed % 2 == 0;
    std::mt19937_64 random(seed);
    for (std::uint64_t i = 10 + random() % 60; i > 0; --i) world.l1.mine();
    world.settle();
    world.failures_percent = random() % 30;
    world.lag_max = random() % 3;
    for (int i = 0; i < 1'500; ++i) {
      world.turn();
      const std::uint64_t what = random() % 100;
      if (what < 4 && world.l1.head().last_proposal < 150) world.l1.mine();
      if (what == 7 && random() % 4 == 0) world.l1.reorg(random() % 12, random() % 14);
      if (what == 8 && random() % 8 == 0) world.restart();
      change_endpoints(world, what - 9, random);
    }
    make_honest(world);
    // A forged proposal is found by the one that follows it.
    for (int i = 0; i < 3; ++i) {
      propose(world);
      world.settle();
    }
    if (::testing::Test::HasFatalFailure()) return;
    world.check_against_final_chain();
    if (::testing::Test::HasFatalFailure()) return;
  }
}

std::uint64_t seed_without_a_proposal_in_block_1() {
  for (std::uint64_t seed = 41;; ++seed) {
    FakeL1 l1(seed, test_deployment());
    l1.mine();
    if (l1.head().last_proposal == 0) return seed;
  }
}

TEST(Follower, ABranchBelowWhatL1FinalizedIsOneEventHoweverLongItLasts) {
  for (const std::size_t depth : {20U, 79U}) {  // the second one: below all that is remembered
    SCOPED_TRACE(depth);
    const std::uint64_t start = depth == 79 ? 2 : 1;
    FollowerWorld world(seed_without_a_proposal_in_block_1(), start);
    for (int i = 0; i < 80; ++i) world.l1.mine();
    world.l1.finalize(10);
    world.settle();
    ASSERT_TRUE(world.chain().is_live);
    const FakeL1 final_one = world.l1;
    world.l1.unfinalize();
    world.l1.reorg(depth, depth + 5);
    const std::uint64_t refusals = world.events();
    for (int i = 0; i < 20'000; ++i) {
      world.turn();
      if (::testing::Test::HasFatalFailure()) return;
      if (i % 100 == 0) world.l1.mine();
    }
    EXPECT_EQ(world.follower->status().refusals, 1U);
    EXPECT_GT(world.follower->status().repeats, 5U);
    EXPECT_LE(world.events(), refusals + 3) << "the tags, and one refusal";
    EXPECT_FALSE(world.chain().is_live);
    // And the status names it, with what it contradicts.
    for (int i = 0; i < 1'000 && !world.follower->status().refusal; ++i) world.turn();
    const node::l1::FollowerStatus waiting = world.follower->status();
    ASSERT_TRUE(waiting.refusal.has_value());
    const bool is_unlinked = depth == 79;
    EXPECT_EQ(waiting.refusal->reason,
              is_unlinked ? core::Reason::kL1Unlinked : core::Reason::kL1BelowFinalized);
    const std::size_t height = waiting.refusal->block.number.value;
    EXPECT_LE(height, world.chain().finalized->number.value);
    EXPECT_EQ(waiting.refusal->block.hash, world.l1.chain().at(height).header.hash);
    EXPECT_NE(waiting.refusal->seq.value, 0U);
    EXPECT_GT(waiting.refusal->held_back, 5U);
    EXPECT_EQ(waiting.trouble, std::string("refused: ") + core::name_of(waiting.refusal->reason) +
                                   ": L1 block " + std::to_string(height) + " " +
                                   core::to_hex0x(waiting.refusal->block.hash.view()) +
                                   ", but L1 finalized block 70 " +
                                   core::to_hex0x(world.chain().finalized->hash.view()));
    // L1 comes back to what it had called final.
    world.l1 = final_one;
    world.l1.mine();
    world.settle();
    if (::testing::Test::HasFatalFailure()) return;
    world.check_against_final_chain();
    EXPECT_LE(world.follower->status().refusals, 2U) << "one more when it was about to replace";
    EXPECT_EQ(world.chain().reorgs, 0U);
    EXPECT_FALSE(world.follower->status().refusal.has_value());
    EXPECT_EQ(world.follower->status().trouble, "");
  }
}

// There is nothing to refuse then: the head is one of the known blocks.
TEST(Follower, AHeadBelowWhatL1FinalizedIsNamed) {
  FollowerWorld world(7);
  for (int i = 0; i < 80; ++i) world.l1.mine();
  world.l1.finalize(10);
  world.settle();
  EXPECT_EQ(world.follower->status().trouble, "");
  const FakeL1 whole = world.l1;
  world.l1.unfinalize();
  world.l1.reorg(20, 0);
  for (int i = 0; i < 2'000; ++i) world.turn();
  const node::l1::FollowerStatus waiting = world.follower->status();
  EXPECT_EQ(waiting.head, world.l1.head().header.number);
  EXPECT_EQ(waiting.trouble, "L1's head, as it is told, lies below what L1 finalized");
  EXPECT_EQ(waiting.refusals, 0U);
  world.l1 = whole;
  world.l1.mine();
  world.settle();
  EXPECT_EQ(world.follower->status().trouble, "");
}

TEST(Follower, WhatWasRefusedIsOfferedOnceMoreAfterALongTime) {
  FollowerWorld world(seed_without_a_proposal_in_block_1());
  world.held_back_max = 6;
  world.restart();
  for (int i = 0; i < 80; ++i) world.l1.mine();
  world.l1.finalize(10);
  world.settle();
  world.l1.unfinalize();
  world.l1.reorg(20, 25);
  for (int i = 0; i < 20'000 && world.follower->status().refusals < 3; ++i) world.turn();
  EXPECT_EQ(world.follower->status().refusals, 3U);
  EXPECT_GE(world.follower->status().repeats, 12U);
}

}  // namespace
}  // namespace preconf::tests
