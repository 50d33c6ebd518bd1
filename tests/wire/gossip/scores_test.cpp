// Peer scores with the weights of the deployed network.
#include "io/wire/gossipsub/peer_scores.hpp"

#include <gtest/gtest.h>

#include "io/wire/gossipsub/limits.hpp"
#include "tests/wire/gossip/router_table.hpp"

namespace preconf::io::wire::test {
namespace {

const PeerId kPeer = made_up_peer_id(1);

struct ScoresTest : testing::Test {
  ScoresTest() { scores.peer_connected(kPeer); }
  void decay(int times) {
    for (int i = 0; i < times; ++i) {
      now.value += config.decay_interval.value;
      scores.decay(now);
    }
  }
  ScoreConfig config;
  PeerScores scores{config};
  Millis now{0};
};

using ScoreArithmetic = testing::Test;

TEST(ScoreArithmetic, MillionthsRoundTowardsZero) {
  EXPECT_EQ(times(Score::whole(3), Score::milli(500)), Score::milli(1500));
  EXPECT_EQ(times(Score{3}, Score::milli(500)), Score{1});
  EXPECT_EQ(times(Score{-3}, Score::milli(500)), Score{-1});
  EXPECT_EQ(square(Score::milli(1500)), Score::milli(2250));
  EXPECT_EQ(square(Score{Score::kFactorMax}), Score::whole(1'000'000));
  EXPECT_EQ(times(square(Score{Score::kFactorMax}), Score::whole(-2)), Score::whole(-2'000'000));
  EXPECT_EQ(clamped(Score::whole(-11), Score::whole(10)), Score::whole(-10));
}

// "one rejected message: -2 (P4) - 1 (application) = -3; a second soon after: -8 - 2 = -10".
TEST_F(ScoresTest, RejectedMessagesCountSquared) {
  scores.invalid_message(kPeer, kTopic);
  scores.set_app_score(kPeer, Score::whole(-1));
  EXPECT_EQ(scores.score(kPeer), Score::whole(-3));
  scores.invalid_message(kPeer, kTopic);
  scores.set_app_score(kPeer, Score::whole(-2));
  EXPECT_EQ(scores.score(kPeer), Score::whole(-10));
}

TEST_F(ScoresTest, TopicsAddUp) {
  scores.invalid_message(kPeer, kTopic);
  scores.invalid_message(kPeer, kOtherTopic);
  EXPECT_EQ(scores.score(kPeer), Score::whole(-4)) << "each topic has its own square";
}

// "from 1 to the cut-off of 0.1 takes about 229 ticks of 10 s".
TEST_F(ScoresTest, AnInvalidMessageIsForgottenAfter38Minutes) {
  scores.invalid_message(kPeer, kTopic);
  decay(1);
  EXPECT_EQ(scores.score(kPeer), times(square(Score::milli(990)), Score::whole(-2)));
  decay(227);
  EXPECT_LT(scores.score(kPeer), Score{});
  decay(3);
  EXPECT_EQ(scores.score(kPeer), Score{});
}

TEST_F(ScoresTest, FirstDeliveriesAreHalvesUpToTwenty) {
  scores.first_delivery(kPeer, kTopic);
  EXPECT_EQ(scores.score(kPeer), Score::milli(500));
  for (int i = 0; i < 100; ++i) scores.first_delivery(kPeer, kTopic);
  EXPECT_EQ(scores.score(kPeer), Score::whole(10));
  decay(1);
  EXPECT_EQ(scores.score(kPeer), Score::milli(9990));
}

TEST_F(ScoresTest, TheApplicationsScoreIsCutToTen) {
  scores.set_app_score(kPeer, Score::whole(-16'384));
  EXPECT_EQ(scores.score(kPeer), Score::whole(-10));
  scores.set_app_score(kPeer, Score::whole(11));
  EXPECT_EQ(scores.score(kPeer), Score::whole(10));
}

TEST_F(ScoresTest, MisbehaviourCountsWithoutWeightOnThisNetwork) {
  EXPECT_FALSE(scores.misbehaves(kPeer));
  scores.misbehaved(kPeer, 3);
  EXPECT_TRUE(scores.misbehaves(kPeer));
  EXPECT_EQ(scores.score(kPeer), Score{});
  ScoreConfig strict;
  strict.behaviour_weight = Score::whole(-1);
  PeerScores other(strict);
  other.peer_connected(kPeer);
  other.misbehaved(kPeer, 3);
  EXPECT_EQ(other.score(kPeer), Score::whole(-9));
}

TEST_F(ScoresTest, AReconnectWashesNothingOff) {
  scores.invalid_message(kPeer, kTopic);
  scores.peer_disconnected(kPeer, now);
  decay(10);
  scores.peer_connected(kPeer);
  EXPECT_EQ(scores.score(kPeer), Score::whole(-2)) << "what is retained does not decay";
}

TEST_F(ScoresTest, ARetainedScoreEndsAfterAnHour) {
  scores.invalid_message(kPeer, kTopic);
  scores.peer_disconnected(kPeer, now);
  decay(360);
  EXPECT_EQ(scores.size(), 0U);
  scores.peer_connected(kPeer);
  EXPECT_EQ(scores.score(kPeer), Score{});
}

TEST_F(ScoresTest, AGoodScoreEndsWithTheConnection) {
  scores.first_delivery(kPeer, kTopic);
  scores.peer_disconnected(kPeer, now);
  EXPECT_EQ(scores.size(), 0U);
}

TEST_F(ScoresTest, FirstDeliveriesDoNotSoftenARetainedScore) {
  scores.invalid_message(kPeer, kTopic);
  scores.first_delivery(kPeer, kTopic);
  scores.first_delivery(kPeer, kTopic);
  EXPECT_EQ(scores.score(kPeer), Score::whole(-1));
  scores.peer_disconnected(kPeer, now);
  EXPECT_EQ(scores.score(kPeer), Score::whole(-2));
}

TEST_F(ScoresTest, RetainedScoresAreBoundedAndTheMildestGoes) {
  for (std::uint32_t n = 1; n <= gossip_limits::kRetainedScoresMax + 10; ++n) {
    const PeerId peer = made_up_peer_id(n);
    scores.peer_connected(peer);
    scores.invalid_message(peer, kTopic);
    if (n == 1) scores.invalid_message(peer, kTopic);
    scores.peer_disconnected(peer, now);
  }
  EXPECT_EQ(scores.size(), gossip_limits::kRetainedScoresMax);
  EXPECT_EQ(scores.score(kPeer), Score::whole(-8));
}

TEST_F(ScoresTest, CountersCanNotOverflow) {
  for (int i = 0; i < 3'000; ++i) scores.invalid_message(kPeer, kTopic);
  scores.misbehaved(kPeer, SIZE_MAX);
  EXPECT_EQ(scores.score(kPeer), Score::whole(-2'000'000));
}

TEST_F(ScoresTest, StrangersHaveNoScore) {
  const PeerId stranger = made_up_peer_id(9);
  scores.invalid_message(stranger, kTopic);
  scores.misbehaved(stranger, 1);
  scores.set_app_score(stranger, Score::whole(5));
  scores.peer_disconnected(stranger, now);
  EXPECT_EQ(scores.score(stranger), Score{});
  EXPECT_EQ(scores.size(), 1U);
}

}  // namespace
}  // namespace preconf::io::wire::test
