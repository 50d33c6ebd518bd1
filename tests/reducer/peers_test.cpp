// Peers: reputation and its decay, bans, bounds, and what a restart keeps.
#include <gtest/gtest.h>

#include <cmath>

#include "core/effects/peer_reputation.hpp"
#include "core/limits.hpp"
#include "core/status.hpp"
#include "tests/support/chains.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;
using protocol::kPoint;

constexpr std::uint64_t kSecond = 1'000'000'000;

/// Against the formula of the specification in floating point, which core/ has not.
TEST(Reputation, decay_has_the_half_life_of_the_specification) {
  for (const std::int64_t score : {kPoint, -kPoint, 10 * kPoint, -100 * kPoint, std::int64_t{7}}) {
    for (const std::uint64_t seconds : {0ULL, 1ULL, 59ULL, 599ULL, 600ULL, 601ULL, 6'000ULL}) {
      const double expected =
          static_cast<double>(score) * std::exp2(-static_cast<double>(seconds) / 600.0);
      EXPECT_NEAR(static_cast<double>(protocol::decayed(score, seconds)), expected, 11.0)
          << score << " after " << seconds;
    }
    EXPECT_EQ(protocol::decayed(score, ~std::uint64_t{0}), 0);
  }
  EXPECT_EQ(protocol::decayed(-10 * kPoint, 600), -5 * kPoint);
}

struct OnePeer : Node {
  OnePeer() {
    peer = network.connect(archive);
    world.settle();
  }
  PeerRecord& record() { return *effects::record_of(world.state, peer); }
  std::int64_t score() { return effects::score_at(record(), world.state.last_wall); }
  void report(ev::PeerConduct conduct, std::uint64_t count) {
    world.feed(ev::PeerReported{peer, {{conduct, count}}});
  }
  void wait(std::uint64_t seconds) { world.now_ns += seconds * kSecond; }

  Archive archive;
  PeerNumber peer;
};

TEST(Reputation, a_failure_costs_a_point_and_at_most_four_in_ten_seconds) {
  OnePeer node;
  const std::int64_t before = node.score();
  node.report(ev::PeerConduct::kGossipInvalid, 1);
  EXPECT_EQ(node.score(), before - kPoint);
  node.report(ev::PeerConduct::kGossipInvalid, 1'000'000);
  EXPECT_EQ(node.score(), before - 4 * kPoint);
  node.wait(11);
  node.report(ev::PeerConduct::kGossipMismatch, 1);
  EXPECT_LT(node.score(), before - 4 * kPoint);
  EXPECT_GT(node.score(), before - 5 * kPoint) << "some has faded";
}

TEST(Reputation, what_is_no_offence_costs_nothing) {
  OnePeer node;
  const std::int64_t before = node.score();
  node.report(ev::PeerConduct::kGossipUnwanted, 1'000);
  EXPECT_EQ(node.score(), before);
  node.report(ev::PeerConduct::kServed, 1'000'000);
  EXPECT_EQ(node.score(), protocol::kScoreMax);
}

TEST(Reputation, ten_points_ban_and_the_ban_outlives_connection_and_restart) {
  OnePeer node;
  for (int i = 0; i < 3; ++i) {
    node.report(ev::PeerConduct::kGossipUndecodable, 100);
    node.wait(10);
  }
  ASSERT_EQ(node.network.banned.size(), 1u);
  EXPECT_TRUE(effects::is_banned(node.record(), node.world.state.last_wall));
  const Bytes id = node.world.state.p2p.peers.at(node.peer).peer_id;
  node.network.disconnect(node.peer);
  node.world.start(long_schedule());
  node.network.restart();
  node.network.banned.clear();
  node.world.feed(ev::PeerConnected{PeerNumber{900}, id, "", ev::Direction::kInbound, false});
  EXPECT_FALSE(node.world.state.p2p.peers.contains(PeerNumber{900}));
  EXPECT_TRUE(node.network.banned.contains(id)) << "the host is told again";
  node.wait(protocol::kBanSeconds + 1);
  node.world.feed(ev::PeerConnected{PeerNumber{901}, id, "", ev::Direction::kInbound, false});
  EXPECT_TRUE(node.world.state.p2p.peers.contains(PeerNumber{901})) << "it is over";
}

TEST(Reputation, five_points_ban_only_when_they_last) {
  OnePeer node;
  node.report(ev::PeerConduct::kRuleBroken, 4);
  node.wait(10);
  node.report(ev::PeerConduct::kRuleBroken, 2);
  ASSERT_LE(node.score(), protocol::kGreylistScore);
  node.wait(20);
  node.report(ev::PeerConduct::kRuleBroken, 1);
  EXPECT_TRUE(node.network.banned.empty()) << "20 s";
  node.wait(11);
  node.report(ev::PeerConduct::kRuleBroken, 1);
  EXPECT_EQ(node.network.banned.size(), 1u) << "31 s";
}

TEST(Reputation, the_operators_peers_are_not_banned) {
  Node node;
  const PeerNumber peer{500};
  node.world.feed(ev::PeerConnected{peer, Bytes(34, 1), "", ev::Direction::kOutbound, true});
  for (int i = 0; i < 9; ++i) {
    node.world.feed(ev::PeerReported{peer, {{ev::PeerConduct::kRuleBroken, 100}}});
    node.world.now_ns += 10 * kSecond;
  }
  EXPECT_TRUE(node.network.banned.empty());
  EXPECT_LE(
      effects::score_at(*effects::record_of(node.world.state, peer), node.world.state.last_wall),
      protocol::kBanScore);
}

TEST(Reputation, a_clock_that_goes_back_neither_forgives_nor_blocks) {
  OnePeer node;
  node.report(ev::PeerConduct::kGossipInvalid, 2);
  const std::int64_t before = node.record().score_micro;
  node.world.now_ns -= 500 * kSecond;
  node.report(ev::PeerConduct::kGossipInvalid, 1);
  EXPECT_EQ(node.record().score_micro, before - kPoint);
  EXPECT_TRUE(node.world.run_until(
      [](const State& state) { return state.p2p.peers.begin()->second.heads_reported > 2; }, 9))
      << "it is asked for its head as ever";
}

TEST(Peers, are_bounded_and_the_least_recently_seen_identity_is_forgotten) {
  Node node;
  node.world.check_every = 64;
  Archive nothing;
  for (std::size_t i = 0; i < limits::kPeersMax; ++i) node.network.connect(nothing);
  node.world.settle();
  EXPECT_EQ(node.world.state.p2p.peers.size(), limits::kPeersMax);
  node.network.connect(nothing);
  EXPECT_EQ(node.world.state.p2p.peers.size(), limits::kPeersMax);
  EXPECT_EQ(node.world.decisions.back().verdict, Verdict::kPeerRefused);
  for (std::uint64_t i = 1; i <= limits::kPeersMax; ++i) node.network.disconnect(PeerNumber{i});
  for (std::size_t i = 0; i < limits::kPeerRecordsMax + 10; ++i) {
    node.network.disconnect(node.network.connect(nothing));
  }
  EXPECT_EQ(node.world.state.p2p.records.size(), limits::kPeerRecordsMax);
}

TEST(Peers, one_identity_has_one_connection) {
  OnePeer node;
  const Bytes id = node.world.state.p2p.peers.at(node.peer).peer_id;
  node.world.feed(ev::PeerConnected{PeerNumber{800}, id, "", ev::Direction::kInbound, false});
  EXPECT_FALSE(node.world.state.p2p.peers.contains(PeerNumber{800}));
}

TEST(Peers, a_lost_connection_ends_its_exchanges) {
  Node node;
  Archive nothing;
  const PeerNumber peer = node.network.connect(nothing);
  ASSERT_EQ(node.world.state.p2p.requests_in_flight, 1u);
  const CommandId asked = node.world.outstanding.front().id;
  node.network.disconnect(peer);
  EXPECT_EQ(node.world.state.p2p.requests_in_flight, 0u);
  EXPECT_TRUE(node.world.state.in_flight.empty());
  node.world.feed(ev::PeerAnswered{asked, 1, ev::HeadReported{}});
  EXPECT_EQ(node.world.decisions.back().reason, Reason::kLateAnswer);
}

TEST(Peers, pacing_survives_a_restart) {
  LongChain chain(60);
  Node node;
  node.world.check_every = 16;
  node.network.connect(chain.archive);
  node.world.settle();
  const std::size_t before = node.network.sent.size();
  node.world.start(long_schedule());
  node.network.restart();
  node.world.feed(ev::PeerConnected{PeerNumber{700}, node.world.state.p2p.records.begin()->first,
                                    "", ev::Direction::kOutbound, false});
  node.world.settle();
  for (std::size_t i = before; i < node.network.sent.size(); ++i) {
    EXPECT_NE(node.network.sent[i].protocol, PeerProtocol::kTxList)
        << "seven were sent a moment ago";
  }
}

TEST(Peers, without_a_network_nothing_is_asked) {
  LongChain chain(3);
  ModelEngine engine(167001);
  World world(engine);
  world.start(long_schedule());
  world.feed(ev::PeerConnected{PeerNumber{1}, Bytes(34, 1), "", ev::Direction::kInbound, false});
  world.commitment(chain.promises[2].facts);
  world.settle();
  EXPECT_TRUE(world.state.p2p.peers.empty());
  EXPECT_FALSE(make_status(world.state).is_network_on);
}

/// Version 2 knows no peers: the same events change nothing.
TEST(Peers, older_rules_know_none) {
  ModelEngine engine(167001);
  World world(engine);
  world.state.reducer_version = 2;
  world.start(long_schedule());
  world.settle();
  const P2p before = world.state.p2p;
  world.feed(ev::NetworkStarted{Bytes(34, 1), ""});
  world.feed(ev::PeerConnected{PeerNumber{1}, Bytes(34, 2), "", ev::Direction::kInbound, false});
  world.feed(ev::PeerReported{PeerNumber{1}, {{ev::PeerConduct::kRuleBroken, 9}}});
  world.feed(ev::PeerDisconnected{PeerNumber{1}, ev::DisconnectReason::kTimeout});
  world.feed(ev::DialFailed{"", ev::DialFailureKind::kConnect, 1});
  EXPECT_EQ(world.state.p2p, before);
}

}  // namespace
}  // namespace preconf::tests
