// The mesh, one rule a test: subscriptions, GRAFT and PRUNE, backoff, degree, scores.
#include <gtest/gtest.h>

#include "io/wire/gossipsub/limits.hpp"
#include "tests/wire/gossip/router_table.hpp"

namespace preconf::io::wire::test {
namespace {

using Peers = std::set<std::uint64_t>;

Peers set_of(const std::vector<std::uint64_t>& peers) { return {peers.begin(), peers.end()}; }

struct GossipMesh : testing::Test {
  /// Peers first..last, subscribed.
  void connect(std::uint32_t first, std::uint32_t last, Direction direction = Direction::kInbound) {
    for (std::uint32_t n = first; n <= last; ++n) table.connect(n, direction);
  }
  RouterTable table;
};

TEST_F(GossipMesh, ANewPeerHearsOurTopics) {
  table.router.subscribe(kOtherTopic, table.now);
  (void)table.take();
  table.connect(1, Direction::kInbound, GossipVersion::kV12, false);
  const Taken taken = table.take();
  ASSERT_EQ(taken.sent.size(), 1U);
  EXPECT_EQ(taken.sent[0].subscriptions,
            (std::vector<std::pair<Topic, bool>>{{kTopic, true}, {kOtherTopic, true}}));
  EXPECT_EQ(taken.sent[0].send_class, SendClass::kControl);
}

TEST_F(GossipMesh, ASubscriberIsGraftedAtOnceWhileTheMeshIsThin) {
  connect(1, 8);
  EXPECT_EQ(set_of(table.take().grafted()), (Peers{1, 2, 3, 4, 5, 6})) << "D_lo is 6";
  EXPECT_EQ(table.mesh(), (Peers{1, 2, 3, 4, 5, 6}));
}

TEST_F(GossipMesh, JoiningFillsTheMeshUpToD) {
  for (std::uint32_t n = 1; n <= 20; ++n) {
    table.connect(n, Direction::kInbound, GossipVersion::kV12, false);
    table.rpc(n, rpc_subscription(kOtherTopic));
  }
  (void)table.take();
  table.router.subscribe(kOtherTopic, table.now);
  const Taken taken = table.take();
  EXPECT_EQ(table.mesh(kOtherTopic).size(), 8U);
  EXPECT_EQ(set_of(taken.grafted()), table.mesh(kOtherTopic));
  std::size_t told = 0;
  for (const SentRpc& rpc : taken.sent) told += rpc.subscriptions.size();
  EXPECT_EQ(told, 20U) << "everybody hears the subscription";
}

TEST_F(GossipMesh, LeavingPrunesWithTheShortBackoffAndTellsEverybody) {
  connect(1, 7);
  (void)table.take();
  table.router.unsubscribe(kTopic, table.now);
  const Taken taken = table.take();
  EXPECT_EQ(set_of(taken.pruned()), (Peers{1, 2, 3, 4, 5, 6}));
  for (const SentRpc& rpc : taken.sent) {
    EXPECT_EQ(rpc.subscriptions, (std::vector<std::pair<Topic, bool>>{{kTopic, false}}));
    EXPECT_TRUE(rpc.prunes.empty() || rpc.prunes[0].second == 10U);
  }
  table.router.subscribe(kTopic, table.now);
  EXPECT_EQ(set_of(table.take().grafted()), (Peers{7})) << "the others are in backoff";
  table.advance(10'500);
  EXPECT_EQ(table.mesh().size(), 7U);
}

TEST_F(GossipMesh, AnUnsubscriptionLeavesTheMesh) {
  connect(1, 3);
  table.rpc(2, rpc_subscription(kTopic, false));
  EXPECT_EQ(table.mesh(), (Peers{1, 3}));
}

// A peer that leaves and joins at line rate costs a few GRAFT, not one each time.
TEST_F(GossipMesh, JoiningAndLeavingInALoopIsNotAnsweredEachTime) {
  table.connect(1);
  (void)table.take();
  for (int i = 0; i < 1'000; ++i) {
    table.rpc(1, rpc_subscription(kTopic, false));
    table.rpc(1, rpc_subscription(kTopic, true));
  }
  EXPECT_TRUE(table.take().sent.empty());
}

TEST_F(GossipMesh, AGraftIsAccepted) {
  connect(1, 7);
  EXPECT_FALSE(table.mesh().contains(7));
  table.rpc(7, rpc_graft(kTopic));
  EXPECT_TRUE(table.mesh().contains(7));
  EXPECT_TRUE(table.take().pruned().empty());
}

TEST_F(GossipMesh, AGraftOfAnUnknownTopicGetsNoAnswer) {
  table.connect(1);
  (void)table.take();
  table.rpc(1, rpc_graft("elsewhere"));
  EXPECT_TRUE(table.take().sent.empty());
  EXPECT_FALSE(table.router.state().topics.contains(Topic("elsewhere")));
}

TEST_F(GossipMesh, AFullMeshRefusesInboundPeersOnly) {
  connect(1, 12);
  for (std::uint32_t n = 7; n <= 12; ++n) table.rpc(n, rpc_graft(kTopic));
  ASSERT_EQ(table.mesh().size(), 12U) << "D_hi";
  connect(13, 13);
  connect(14, 14, Direction::kOutbound);
  (void)table.take();
  table.rpc(13, rpc_graft(kTopic));
  const Taken taken = table.take();
  ASSERT_EQ(taken.pruned(), std::vector<std::uint64_t>{13});
  EXPECT_EQ(taken.sent[0].prunes[0].second, 60U);
  table.rpc(14, rpc_graft(kTopic));
  EXPECT_TRUE(table.mesh().contains(14));
}

TEST_F(GossipMesh, APeerOfVersion10HearsNoBackoff) {
  table.connect(1, Direction::kInbound, GossipVersion::kV10);
  (void)table.take();
  table.router.set_app_score(PeerRef{1}, Score::whole(-1));
  table.warm_up();
  const Taken taken = table.take();
  ASSERT_EQ(taken.pruned(), std::vector<std::uint64_t>{1});
  EXPECT_EQ(taken.sent[0].prunes[0].second, std::nullopt);
}

TEST_F(GossipMesh, APruneIsObeyedForAsLongAsItSays) {
  table.connect(1);
  table.rpc(1, rpc_prune(kTopic, 20));
  EXPECT_TRUE(table.mesh().empty());
  (void)table.take();
  table.advance(20'000);
  EXPECT_TRUE(table.take().grafted().empty()) << "one heartbeat of slack";
  table.advance(1'000);
  EXPECT_EQ(table.take().grafted(), std::vector<std::uint64_t>{1});
}

TEST_F(GossipMesh, APruneWithoutTimeMeansAMinuteAndNobodyCanSayMoreThanAnHour) {
  connect(1, 2);
  table.rpc(1, rpc_prune(kTopic, std::nullopt));
  table.rpc(2, rpc_prune(kTopic, UINT64_MAX));
  table.advance(61'000);
  EXPECT_EQ(table.mesh(), (Peers{1}));
  table.advance(3'600'000);
  EXPECT_EQ(table.mesh(), (Peers{1, 2}));
}

TEST_F(GossipMesh, AGraftInBackoffIsPrunedAndCharged) {
  table.connect(1);
  table.rpc(1, rpc_prune(kTopic, 60));
  table.advance(30'000);
  (void)table.take();
  table.rpc(1, rpc_graft(kTopic));
  EXPECT_EQ(table.take().pruned(), std::vector<std::uint64_t>{1});
  EXPECT_TRUE(table.mesh().empty());
  EXPECT_TRUE(table.router.state().scores.misbehaves(identity_of(1).peer_id()));
  table.advance(10'000);
  EXPECT_EQ(table.take().fault(1, GossipFault::kGraftInBackoff), 1U);
}

TEST_F(GossipMesh, AnEarlyGraftIsChargedTwiceRightAfterThePrune) {
  GossipConfig config;
  config.score.behaviour_weight = Score::whole(-1);
  RouterTable strict(config);
  strict.connect(1);
  strict.rpc(1, rpc_prune(kTopic, 60));
  strict.advance(9'000);
  strict.rpc(1, rpc_graft(kTopic));
  EXPECT_EQ(strict.score(1), Score::whole(-4));
}

TEST_F(GossipMesh, AReconnectDoesNotEndABackoff) {
  table.connect(1);
  table.rpc(1, rpc_prune(kTopic, 60));
  table.disconnect(1);
  (void)table.take();
  table.router.peer_connected(PeerRef{2}, identity_of(1).peer_id(), Direction::kInbound,
                              GossipVersion::kV12, table.now);
  table.rpc(2, rpc_subscription(kTopic));
  EXPECT_TRUE(table.take().grafted().empty());
}

TEST_F(GossipMesh, AFloodOfGraftIsNotAFloodOfPrune) {
  table.connect(1);
  table.rpc(1, rpc_prune(kTopic, 60));
  (void)table.take();
  for (int i = 0; i < 1'000; ++i) table.rpc(1, rpc_graft(kTopic));
  EXPECT_EQ(table.take().pruned().size(), gossip_limits::kPruneAnswersPerHeartbeat);
}

TEST_F(GossipMesh, ANegativeScoreIsPrunedByTheHeartbeatAndNotGrafted) {
  connect(1, 3);
  table.router.set_app_score(PeerRef{2}, Score::milli(-1));
  table.router.set_app_score(PeerRef{3}, Score{});
  table.warm_up();
  EXPECT_EQ(table.mesh(), (Peers{1, 3}));
  (void)table.take();
  table.rpc(2, rpc_graft(kTopic));
  EXPECT_EQ(table.take().pruned(), std::vector<std::uint64_t>{2});
}

TEST_F(GossipMesh, BelowDloTheHeartbeatGraftsUpToD) {
  connect(1, 20);
  table.disconnect(1);
  table.warm_up();
  EXPECT_EQ(table.mesh().size(), 8U);
}

TEST_F(GossipMesh, AboveDhiTheHeartbeatKeepsDWithTheBestFourAndTwoOutbound) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    RouterTable each({}, seed);
    for (std::uint32_t n = 1; n <= 12; ++n) each.connect(n);
    for (std::uint32_t n = 7; n <= 12; ++n) each.rpc(n, rpc_graft(kTopic));
    for (std::uint32_t n = 13; n <= 15; ++n) {
      each.connect(n, Direction::kOutbound);
      each.rpc(n, rpc_graft(kTopic));
    }
    ASSERT_EQ(each.mesh().size(), 15U);
    for (const std::uint32_t n : {2U, 4U, 6U, 8U}) {
      each.router.set_app_score(PeerRef{n}, Score::whole(1));
    }
    (void)each.take();
    each.warm_up();
    const Peers mesh = each.mesh();
    EXPECT_EQ(mesh.size(), 8U);
    for (const std::uint64_t n : {2U, 4U, 6U, 8U}) EXPECT_TRUE(mesh.contains(n)) << seed;
    EXPECT_GE(std::ranges::count_if(mesh, [](auto n) { return n >= 13; }), 2) << seed;
    const Taken taken = each.take();
    EXPECT_EQ(taken.pruned().size(), 7U);
    for (const std::uint64_t n : taken.pruned()) EXPECT_FALSE(mesh.contains(n));
  }
}

TEST_F(GossipMesh, TheHeartbeatKeepsTwoOutboundPeers) {
  connect(1, 8);
  connect(9, 11, Direction::kOutbound);
  ASSERT_EQ(table.mesh(), (Peers{1, 2, 3, 4, 5, 6}));
  table.warm_up();
  EXPECT_EQ(table.mesh().size(), 8U);
  EXPECT_EQ(std::ranges::count_if(table.mesh(), [](auto n) { return n >= 9; }), 2);
}

TEST_F(GossipMesh, EverySixtyHeartbeatsBetterPeersAreGrafted) {
  connect(1, 9);
  for (const std::uint32_t n : {7U, 8U, 9U}) {
    table.router.set_app_score(PeerRef{n}, Score::whole(3));
  }
  table.warm_up();
  ASSERT_EQ(table.mesh().size(), 6U);
  table.advance(58 * 500);
  EXPECT_EQ(table.mesh().size(), 6U);
  table.advance(500);
  EXPECT_EQ(table.mesh().size(), 8U);
}

TEST_F(GossipMesh, AGoodMeshIsLeftAlone) {
  connect(1, 9);
  for (std::uint32_t n = 1; n <= 6; ++n) table.router.set_app_score(PeerRef{n}, Score::whole(1));
  for (std::uint32_t n = 7; n <= 9; ++n) table.router.set_app_score(PeerRef{n}, Score::whole(9));
  table.warm_up();
  table.advance(60 * 500);
  EXPECT_EQ(table.mesh().size(), 6U);
}

TEST_F(GossipMesh, FloodsubPeersAreNeverInTheMesh) {
  table.connect(1, Direction::kInbound, GossipVersion::kFloodsub);
  table.rpc(1, rpc_graft(kTopic));
  table.warm_up();
  EXPECT_TRUE(table.mesh().empty());
  table.connect(2);
  table.router.set_version(PeerRef{2}, GossipVersion::kFloodsub);
  EXPECT_TRUE(table.mesh().empty());
}

TEST_F(GossipMesh, ADisconnectedPeerLeavesNothingBehind) {
  table.connect(1);
  table.rpc(1, rpc_idontwant({made_up_id(1)}));
  table.rpc(1, rpc_ihave(kTopic, {made_up_id(2)}));
  table.disconnect(1);
  const RouterState& state = table.router.state();
  EXPECT_TRUE(state.peers.empty());
  EXPECT_TRUE(table.mesh().empty());
  EXPECT_EQ(state.promises.size(), 0U);
  EXPECT_EQ(state.dont_send_ids, 0U);
  EXPECT_EQ(state.scores.size(), 0U);
}

TEST_F(GossipMesh, SubscriptionsArePerPeerBounded) {
  table.connect(1);
  for (std::uint32_t n = 0; n < 1'000; ++n) {
    table.rpc(1, rpc_subscription("topic " + std::to_string(n)));
  }
  table.rpc(1, rpc_subscription(Topic(gossip_limits::kTopicBytesMax + 1, 'x')));
  EXPECT_EQ(table.router.state().peers.at(PeerRef{1}).topics.size(), gossip_limits::kPeerTopicsMax);
  table.advance(10'000);
  const Taken taken = table.take();
  EXPECT_EQ(taken.fault(1, GossipFault::kSubscriptionsTooMany),
            1'000 - gossip_limits::kPeerTopicsMax + 1);
  EXPECT_EQ(taken.fault(1, GossipFault::kTopicTooLong), 1U);
}

TEST_F(GossipMesh, AnUndecodableRpcDropsThePeerOnce) {
  table.connect(1);
  (void)table.take();
  table.rpc(1, Bytes{0xff});
  table.rpc(1, Bytes{0xff});
  table.rpc(1, rpc_graft(kTopic));
  const Taken taken = table.take();
  ASSERT_EQ(taken.dropped.size(), 1U);
  EXPECT_EQ(taken.dropped[0].reason, GossipFault::kRpcMalformed);
  EXPECT_TRUE(table.mesh().empty());
  table.advance(10'000);
  EXPECT_TRUE(table.mesh().empty()) << "not grafted again";
}

TEST_F(GossipMesh, RpcsOfUnknownPeersAreNothing) {
  table.rpc(77, rpc_subscription(kTopic));
  table.rpc(77, Bytes{0xff});
  EXPECT_TRUE(table.take().sent.empty());
  table.disconnect(77);
  table.router.set_app_score(PeerRef{77}, Score::whole(1));
  table.router.set_version(PeerRef{77}, GossipVersion::kV10);
}

TEST_F(GossipMesh, MissedHeartbeatsHappenOnce) {
  table.connect(1);
  table.warm_up();
  const std::uint64_t ticks = table.router.state().ticks;
  table.now.value += 3'600'000;  // the machine slept
  table.router.on_time(table.now);
  table.router.on_time(table.now);
  EXPECT_EQ(table.router.state().ticks, ticks + 1);
  EXPECT_GT(table.router.next_deadline(), table.now);
}

TEST_F(GossipMesh, EqualSeedsAndCallsGiveEqualActions) {
  const auto run = [](std::uint64_t seed) {
    RouterTable each({}, seed);
    for (std::uint32_t n = 1; n <= 30; ++n) each.connect(n, Direction::kOutbound);
    for (std::uint32_t n = 1; n <= 30; ++n) each.rpc(n, rpc_graft(kTopic));
    each.advance(60'000);
    std::vector<std::uint64_t> order;
    for (const SentRpc& rpc : each.take().sent) order.push_back(rpc.peer.value);
    const Peers mesh = each.mesh();
    order.insert(order.end(), mesh.begin(), mesh.end());
    return order;
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

}  // namespace
}  // namespace preconf::io::wire::test
