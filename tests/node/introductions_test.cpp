// Who comes and goes without end costs the log a bounded number of events.
#include "node/p2p/introductions.hpp"

#include <gtest/gtest.h>

namespace preconf::node {
namespace {

using core::Millis;
using core::PeerNumber;
namespace events = core::events;

events::PeerConnected peer(std::uint64_t number,
                           events::Direction direction = events::Direction::kInbound,
                           bool is_static = false) {
  return {PeerNumber{number}, {1, 2, 3}, "/ip4/10.0.0.1/tcp/1", direction, is_static};
}

std::size_t introduced(Introductions& strangers, Millis now) {
  std::size_t count = 0;
  while (strangers.next(now)) ++count;
  return count;
}

TEST(Introductions, ABurstThenOnePerInterval) {
  Introductions strangers;
  const Millis start{5'000};
  for (std::uint64_t i = 1; i <= 1'000; ++i) strangers.arrived(peer(i), start);
  EXPECT_EQ(introduced(strangers, start), kIntroductionBurst);
  EXPECT_EQ(introduced(strangers, Millis{start.value + kIntroductionInterval.value - 1}), 0U);
  const auto next = strangers.next(Millis{start.value + kIntroductionInterval.value});
  ASSERT_TRUE(next);
  EXPECT_EQ(next->peer, PeerNumber{kIntroductionBurst + 1}) << "the longest waiting";
  EXPECT_EQ(introduced(strangers, Millis{start.value + kIntroductionInterval.value}), 0U);
  EXPECT_EQ(introduced(strangers, Millis{start.value + 21 * kIntroductionInterval.value}), 20U);
  EXPECT_EQ(strangers.waiting().size(), 1'000 - kIntroductionBurst - 21);
}

TEST(Introductions, TimeWithoutStrangersFillsTheBucketAndNoMore) {
  Introductions strangers;
  for (std::uint64_t i = 1; i <= 1'000; ++i) strangers.arrived(peer(i), Millis{0});
  EXPECT_EQ(introduced(strangers, Millis{0}), kIntroductionBurst);
  EXPECT_EQ(introduced(strangers, Millis{3'600'000}), kIntroductionBurst);
}

TEST(Introductions, WhomWeDialedOrTheOperatorNamedWaitsForNobody) {
  Introductions strangers;
  for (std::uint64_t i = 1; i <= 200; ++i) strangers.arrived(peer(i), Millis{0});
  EXPECT_EQ(introduced(strangers, Millis{0}), kIntroductionBurst);
  strangers.arrived(peer(900, events::Direction::kOutbound), Millis{0});
  strangers.arrived(peer(901, events::Direction::kInbound, true), Millis{0});
  EXPECT_EQ(strangers.next(Millis{0})->peer, PeerNumber{900});
  EXPECT_EQ(strangers.next(Millis{0})->peer, PeerNumber{901});
  EXPECT_FALSE(strangers.next(Millis{0}));
}

TEST(Introductions, WhoLeavesBeforeItsTurnWasNeverThere) {
  Introductions strangers;
  for (std::uint64_t i = 1; i <= 200; ++i) strangers.arrived(peer(i), Millis{0});
  EXPECT_EQ(introduced(strangers, Millis{0}), kIntroductionBurst);
  EXPECT_TRUE(strangers.left(PeerNumber{1}));
  EXPECT_FALSE(strangers.left(PeerNumber{200}));
  EXPECT_EQ(strangers.waiting().size(), 200 - kIntroductionBurst - 1);
}

}  // namespace
}  // namespace preconf::node
