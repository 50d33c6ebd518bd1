// Own messages and the fanout, one rule a test.
#include <gtest/gtest.h>

#include "io/wire/varint.hpp"
#include "tests/wire/gossip/router_table.hpp"

namespace preconf::io::wire::test {
namespace {

using Receivers = std::vector<std::uint64_t>;

struct GossipPublish : testing::Test {
  void connect(std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t n = first; n <= last; ++n) table.connect(n);
    (void)table.take();
  }
  auto publish(const Bytes& data, const Topic& topic = kTopic) {
    return table.router.publish(topic, data, table.now);
  }
  RouterTable table;
};

TEST_F(GossipPublish, GoesToTheMeshAndIsFilledUpToD) {
  connect(1, 20);
  ASSERT_EQ(table.mesh().size(), 6U);
  const auto published = publish(data_of(1));
  ASSERT_TRUE(published);
  EXPECT_EQ(published->id, id_of(data_of(1)));
  EXPECT_EQ(published->peers, 8U);
  const Taken taken = table.take();
  const auto receivers = taken.message_receivers();
  EXPECT_EQ(receivers.size(), 8U);
  for (const std::uint64_t n : table.mesh()) EXPECT_EQ(std::ranges::count(receivers, n), 1);
  for (const SentRpc& rpc : taken.sent) EXPECT_EQ(rpc.send_class, SendClass::kPublish);
}

TEST_F(GossipPublish, IsAStrictlySignedMessageThatAnotherRouterDelivers) {
  connect(1, 1);
  ASSERT_TRUE(publish(data_of(1)));
  const auto action = table.router.next_action();
  const Bytes frame = *std::get<gossip::SendRpc>(*action).frame;
  RouterTable other;
  other.self = identity_of(50);
  other.connect(3);
  (void)other.take();
  other.rpc(3, Bytes(frame.begin() + static_cast<long>(read_uvarint(frame, 5)->size), frame.end()));
  const Taken taken = other.take();
  ASSERT_EQ(taken.delivered.size(), 1U);
  EXPECT_EQ(taken.delivered[0].message->author, table.self.peer_id());
}

TEST_F(GossipPublish, ToNobodyIsAnOutcomeOfItsOwnAndNoDuplicate) {
  const auto nobody = publish(data_of(1));
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error(), PublishError::kNoPeers);
  table.connect(1, Direction::kInbound, GossipVersion::kV12, false);
  EXPECT_EQ(publish(data_of(1)).error(), PublishError::kNoPeers) << "connected, not subscribed";
  EXPECT_EQ(table.router.state().seen.size(), 0U);
  EXPECT_EQ(table.router.state().cache.size(), 0U);
  table.rpc(1, rpc_subscription(kTopic));
  EXPECT_TRUE(publish(data_of(1)));
}

TEST_F(GossipPublish, TheSameBytesNotTwiceIn120Seconds) {
  connect(1, 1);
  ASSERT_TRUE(publish(data_of(1)));
  table.advance(119'999);
  EXPECT_EQ(publish(data_of(1)).error(), PublishError::kDuplicate);
  (void)table.take();
  table.advance(1);
  EXPECT_TRUE(publish(data_of(1)));
}

TEST_F(GossipPublish, WhatAnotherSentIsADuplicateToo) {
  connect(1, 2);
  table.message(1, 1, data_of(1));
  EXPECT_EQ(publish(data_of(1)).error(), PublishError::kDuplicate);
}

TEST_F(GossipPublish, AMessageThatComesBackIsADuplicateWithoutBlame) {
  connect(1, 2);
  ASSERT_TRUE(publish(data_of(1)));
  table.rpc(1, rpc_message(signed_parts(table.self, 1, kTopic, data_of(1))));
  EXPECT_TRUE(table.take().delivered.empty());
  EXPECT_EQ(table.score(1), Score{});
}

TEST_F(GossipPublish, SequenceNumbersAscendFromTheConfiguredOne) {
  GossipConfig config;
  config.first_seqno = 0x0102030405060708;
  RouterTable each(config);
  each.connect(1);
  (void)each.take();
  ASSERT_TRUE(each.router.publish(kTopic, data_of(1), each.now));
  ASSERT_TRUE(each.router.publish(kTopic, data_of(2), each.now));
  for (const std::uint8_t last : {std::uint8_t{8}, std::uint8_t{9}}) {
    const auto action = each.router.next_action();
    Rpc rpc;
    const Bytes& frame = *std::get<gossip::SendRpc>(*action).frame;
    const BytesView content = BytesView{frame}.subspan(read_uvarint(frame, 5)->size);
    ASSERT_TRUE(decode_rpc(content, RpcScope::kAll, config, rpc));
    EXPECT_TRUE(std::ranges::equal(*rpc.messages.at(0).seqno, Bytes{1, 2, 3, 4, 5, 6, 7, last}));
  }
}

TEST_F(GossipPublish, BelowThePublishThresholdNobodyGetsIt) {
  connect(1, 3);
  table.router.set_app_score(PeerRef{1}, Score::whole(-2));
  table.router.set_app_score(PeerRef{2}, Score{-2'000'001});
  ASSERT_TRUE(publish(data_of(1)));
  EXPECT_EQ(table.take().message_receivers(), (Receivers{1, 3}));
}

TEST_F(GossipPublish, FloodsubPeersGetItAlways) {
  connect(1, 20);
  for (std::uint32_t n = 21; n <= 25; ++n) {
    table.connect(n, Direction::kInbound, GossipVersion::kFloodsub);
  }
  EXPECT_EQ(publish(data_of(1))->peers, 13U);
}

TEST_F(GossipPublish, ItIsOfferedAndServedLikeAcceptedOnes) {
  connect(1, 20);
  const auto published = publish(data_of(1));
  (void)table.take();
  table.rpc(20, rpc_iwant({published->id}));
  EXPECT_EQ(table.take().message_receivers(), Receivers{20});
  table.warm_up();
  bool offered = false;
  for (const SentRpc& rpc : table.take().sent) offered |= !rpc.ihave.empty();
  EXPECT_TRUE(offered);
}

TEST_F(GossipPublish, TooLargeIsRefusedAndRememberedNowhere) {
  connect(1, 1);
  const auto large = publish(Bytes(table.router.state().config.max_transmit_size));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error(), PublishError::kTooLarge);
  EXPECT_EQ(table.router.state().seen.size(), 0U);
  EXPECT_TRUE(publish(Bytes(2'097'188)));
}

TEST_F(GossipPublish, WhoSaidIdontwantIsReachedAlready) {
  connect(1, 1);
  table.rpc(1, rpc_idontwant({id_of(data_of(1))}));
  EXPECT_EQ(publish(data_of(1))->peers, 1U);
  EXPECT_TRUE(table.take().message_receivers().empty());
}

struct GossipFanout : GossipPublish {
  GossipFanout() {
    for (std::uint32_t n = 1; n <= 12; ++n) {
      table.connect(n, Direction::kInbound, GossipVersion::kV12, false);
      table.rpc(n, rpc_subscription(kOtherTopic));
    }
    (void)table.take();
  }
  std::set<std::uint64_t> fanout() {
    std::set<std::uint64_t> out;
    const auto& topics = table.router.state().topics;
    const auto it = topics.find(kOtherTopic);
    if (it == topics.end()) return out;
    for (const PeerRef peer : it->second.fanout) out.insert(peer.value);
    return out;
  }
};

TEST_F(GossipFanout, APublisherOutsideTheTopicKeepsItsEightPeers) {
  ASSERT_EQ(publish(data_of(1), kOtherTopic)->peers, 8U);
  const auto first = table.take().message_receivers();
  ASSERT_TRUE(publish(data_of(2), kOtherTopic));
  EXPECT_EQ(table.take().message_receivers(), first);
  EXPECT_EQ(fanout().size(), 8U);
}

TEST_F(GossipFanout, EndsAfterAMinuteWithoutPublishing) {
  ASSERT_TRUE(publish(data_of(1), kOtherTopic));
  table.advance(59'000);
  EXPECT_EQ(fanout().size(), 8U);
  table.advance(2'000);
  EXPECT_TRUE(fanout().empty());
}

TEST_F(GossipFanout, LosesWhoLeavesAndIsFilledAgain) {
  ASSERT_TRUE(publish(data_of(1), kOtherTopic));
  const auto before = fanout();
  const auto left = static_cast<std::uint32_t>(*before.begin());
  const auto bad = static_cast<std::uint32_t>(*before.rbegin());
  table.rpc(left, rpc_subscription(kOtherTopic, false));
  table.router.set_app_score(PeerRef{bad}, Score::whole(-3));
  table.warm_up();
  const auto after = fanout();
  EXPECT_EQ(after.size(), 8U);
  EXPECT_FALSE(after.contains(left));
  EXPECT_FALSE(after.contains(bad));
}

TEST_F(GossipFanout, JoiningTheTopicGraftsTheFanout) {
  ASSERT_TRUE(publish(data_of(1), kOtherTopic));
  const auto before = fanout();
  table.router.subscribe(kOtherTopic, table.now);
  EXPECT_EQ(table.mesh(kOtherTopic), before);
  EXPECT_TRUE(fanout().empty());
}

}  // namespace
}  // namespace preconf::io::wire::test
