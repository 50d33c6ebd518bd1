// The way of a message through the router, one rule a test.
#include <gtest/gtest.h>

#include "io/wire/gossipsub/limits.hpp"
#include "tests/wire/gossip/router_table.hpp"

namespace preconf::io::wire::test {
namespace {

using Receivers = std::vector<std::uint64_t>;

struct GossipDelivery : testing::Test {
  GossipDelivery() {
    for (std::uint32_t n = 1; n <= 6; ++n) table.connect(n);
    table.warm_up();
    (void)table.take();
  }
  std::size_t fault_count(std::uint64_t peer, GossipFault fault) {
    table.advance(10'000);
    return table.take().fault(peer, fault);
  }
  RouterTable table;
};

TEST_F(GossipDelivery, AMessageIsDeliveredOnceWithAuthorAndSource) {
  const Bytes data = data_of(1);
  const MessageId id = table.message(2, 9, data);
  table.message(3, 9, data);
  const Taken taken = table.take();
  ASSERT_EQ(taken.delivered.size(), 1U);
  const gossip::Deliver& deliver = taken.delivered[0];
  EXPECT_EQ(deliver.source, PeerRef{2});
  EXPECT_EQ(deliver.message->author, identity_of(9).peer_id());
  EXPECT_EQ(deliver.message->id, id);
  EXPECT_EQ(deliver.message->topic, kTopic);
  EXPECT_TRUE(std::ranges::equal(deliver.message->data, data));
  EXPECT_TRUE(taken.message_receivers().empty()) << "nothing is forwarded before the verdict";
}

TEST_F(GossipDelivery, AcceptForwardsToTheMeshButNotToSourceAuthorAndWhoSentItToo) {
  const Bytes data = data_of(1);
  const MessageId id = table.message(1, 2, data);
  table.message(3, 2, data);  // a copy while the application thinks
  table.verdict(id, Verdict::kAccept);
  const Taken taken = table.take();
  EXPECT_EQ(taken.message_receivers(), (Receivers{4, 5, 6}));
  for (const SentRpc& rpc : taken.sent) {
    EXPECT_EQ(rpc.messages, std::vector<Bytes>{data});
    EXPECT_EQ(rpc.send_class, SendClass::kForward);
  }
}

TEST_F(GossipDelivery, AllReceiversShareOneBuffer) {
  const MessageId id = table.message(1, 1, data_of(1, 100'000));
  table.verdict(id, Verdict::kAccept);
  std::set<const Bytes*> buffers;
  while (const auto action = table.router.next_action()) {
    if (const auto* send = std::get_if<gossip::SendRpc>(&*action)) {
      if (send->send_class == SendClass::kForward) buffers.insert(send->frame.get());
    } else if (const auto* deliver = std::get_if<gossip::Deliver>(&*action)) {
      buffers.insert(deliver->message->frame.get());
    }
  }
  EXPECT_EQ(buffers.size(), 1U);
}

TEST_F(GossipDelivery, FloodsubPeersGetEverythingPeersOutsideTheMeshNothing) {
  table.connect(7);
  table.connect(8, Direction::kInbound, GossipVersion::kFloodsub);
  table.connect(9, Direction::kInbound, GossipVersion::kFloodsub, false);
  const MessageId id = table.message(1, 1, data_of(1));
  (void)table.take();
  table.verdict(id, Verdict::kAccept);
  EXPECT_EQ(table.take().message_receivers(), (Receivers{2, 3, 4, 5, 6, 8}));
}

TEST_F(GossipDelivery, AcceptRewardsTheFirstSender) {
  const Bytes data = data_of(1);
  const MessageId id = table.message(1, 9, data);
  table.message(2, 9, data);
  EXPECT_EQ(table.score(1), Score{});
  table.verdict(id, Verdict::kAccept);
  EXPECT_EQ(table.score(1), Score::milli(500));
  EXPECT_EQ(table.score(2), Score{});
}

TEST_F(GossipDelivery, IgnoreForwardsNothingAndBlamesNobody) {
  const Bytes data = data_of(1);
  const MessageId id = table.message(1, 9, data);
  table.verdict(id, Verdict::kIgnore);
  table.message(2, 9, data);
  EXPECT_TRUE(table.take().message_receivers().empty());
  EXPECT_EQ(table.score(1), Score{});
  EXPECT_EQ(table.score(2), Score{});
}

TEST_F(GossipDelivery, RejectChargesEverybodyWhoSendsItWithin120Seconds) {
  const Bytes data = data_of(1);
  const MessageId id = table.message(1, 9, data);
  table.message(2, 9, data);
  table.verdict(id, Verdict::kReject);
  table.message(3, 9, data);
  for (const std::uint32_t n : {1U, 2U, 3U}) EXPECT_EQ(table.score(n), Score::whole(-2)) << n;
  EXPECT_TRUE(table.take().message_receivers().empty());
  table.advance(10'000);
  const Taken taken = table.take();
  EXPECT_EQ(taken.fault(1, GossipFault::kRejected), 1U);
  EXPECT_EQ(taken.fault(2, GossipFault::kRejected), 1U);
  EXPECT_EQ(taken.fault(3, GossipFault::kRejectedAgain), 1U);
  table.advance(110'000);
  table.message(4, 9, data);
  EXPECT_EQ(table.take().delivered.size(), 1U) << "judged anew after 120 seconds";
}

TEST_F(GossipDelivery, ALeavingSourceIsChargedAllTheSame) {
  const MessageId first = table.message(1, 9, data_of(1));
  const MessageId second = table.message(1, 9, data_of(2));
  table.verdict(first, Verdict::kReject);
  table.disconnect(1);
  table.verdict(second, Verdict::kReject);
  EXPECT_EQ(table.score(1), Score::whole(-8));
}

TEST_F(GossipDelivery, LateAndUnknownVerdictsDoNothing) {
  const auto report = [this](const MessageId& id) {
    return table.router.report_validation(id, Verdict::kAccept, table.now);
  };
  EXPECT_EQ(report(made_up_id(1)), VerdictOutcome::kUnknown);
  const MessageId id = table.message(1, 9, data_of(1));
  EXPECT_EQ(report(id), VerdictOutcome::kApplied);
  (void)table.take();
  EXPECT_EQ(report(id), VerdictOutcome::kUnknown) << "twice";
  const MessageId late = table.message(1, 9, data_of(2));
  (void)table.take();
  table.advance(120'500);
  (void)table.take();
  EXPECT_EQ(report(late), VerdictOutcome::kUnknown);
  EXPECT_TRUE(table.take().sent.empty());
}

TEST_F(GossipDelivery, AVerdictAfterEverybodyLeft) {
  const MessageId id = table.message(1, 9, data_of(1));
  for (std::uint32_t n = 1; n <= 6; ++n) table.disconnect(n);
  (void)table.take();
  table.verdict(id, Verdict::kAccept);
  EXPECT_TRUE(table.take().sent.empty());
}

TEST_F(GossipDelivery, AVerdictAfterLeavingTheTopic) {
  const MessageId id = table.message(1, 9, data_of(1));
  table.router.unsubscribe(kTopic, table.now);
  (void)table.take();
  table.verdict(id, Verdict::kAccept);
  EXPECT_TRUE(table.take().message_receivers().empty());
}

TEST_F(GossipDelivery, EachBrokenEnvelopeIsChargedAndNamed) {
  const auto good = [] { return signed_parts(identity_of(9), 1, kTopic, data_of(1)); };
  std::vector<std::pair<GossipFault, MessageParts>> cases;
  cases.emplace_back(GossipFault::kFromMissing, good()).second.has_from = false;
  cases.emplace_back(GossipFault::kFromInvalid, good()).second.from.pop_back();
  cases.emplace_back(GossipFault::kSeqnoMissing, good()).second.has_seqno = false;
  cases.emplace_back(GossipFault::kSeqnoInvalid, good()).second.seqno.pop_back();
  cases.emplace_back(GossipFault::kSignatureMissing, good()).second.has_signature = false;
  cases.emplace_back(GossipFault::kSignatureInvalid, good()).second.signature[0] ^= 1;
  std::uint32_t n = 0;
  for (const auto& [fault, parts] : cases) {
    ++n;
    table.rpc(n, rpc_message(parts));
    EXPECT_EQ(table.score(n), Score::whole(-2)) << name_of(fault);
  }
  EXPECT_TRUE(table.take().delivered.empty());
  table.advance(10'000);
  const Taken taken = table.take();
  n = 0;
  for (const auto& [fault, parts] : cases) EXPECT_EQ(taken.fault(++n, fault), 1U);
}

TEST_F(GossipDelivery, AMessageOfATopicWeAreNotInIsDropped) {
  table.message(1, 9, data_of(1), "elsewhere");
  EXPECT_TRUE(table.take().delivered.empty());
  EXPECT_EQ(table.router.state().seen.size(), 0U);
  EXPECT_EQ(table.score(1), Score{});
  EXPECT_EQ(fault_count(1, GossipFault::kTopicNotSubscribed), 1U);
}

TEST_F(GossipDelivery, AMessageLargerThanTheLimitIsDropped) {
  GossipConfig config;
  config.max_transmit_size = 5'000;
  RouterTable small(config);
  small.connect(1);
  (void)small.take();
  small.message(1, 9, data_of(1, 6'000));
  const Taken taken = small.take();
  EXPECT_TRUE(taken.delivered.empty());
  EXPECT_EQ(taken.dropped.size(), 1U) << "an RPC of that size is a violation of the framing";
}

TEST_F(GossipDelivery, OurOwnMessageComesBackWithoutBlame) {
  const auto own = signed_parts(table.self, 5, kTopic, data_of(1));
  table.rpc(1, rpc_message(own));
  EXPECT_TRUE(table.take().delivered.empty());
  EXPECT_EQ(table.score(1), Score{});
  EXPECT_EQ(fault_count(1, GossipFault::kSelfOrigin), 1U);
}

// Two bad messages are -8, below the graylist threshold of -5: nothing of the peer is looked at
// any more, which is what bounds the cost of bad signatures at line rate.
TEST_F(GossipDelivery, TwoBadMessagesGraylistTheirSender) {
  auto bad = signed_parts(identity_of(9), 1, kTopic, data_of(1));
  bad.signature[0] ^= 1;
  for (int i = 0; i < 1'000; ++i) table.rpc(1, rpc_message(bad));
  table.message(1, 9, data_of(2));
  EXPECT_TRUE(table.take().delivered.empty());
  table.advance(10'000);
  const Taken taken = table.take();
  EXPECT_EQ(taken.fault(1, GossipFault::kSignatureInvalid), 2U);
  EXPECT_EQ(taken.fault(1, GossipFault::kGraylisted), 999U);
}

TEST_F(GossipDelivery, AGraylistedPeersSubscriptionsAreStillHeard) {
  table.router.set_app_score(PeerRef{1}, Score::whole(-10));
  table.rpc(1, joined({rpc_subscription(kOtherTopic), rpc_graft(kTopic)}));
  EXPECT_TRUE(table.router.state().peers.at(PeerRef{1}).topics.contains(kOtherTopic));
}

TEST_F(GossipDelivery, UnjudgedMessagesOfOnePeerAreBounded) {
  std::uint32_t n = 0;
  for (; n < gossip_limits::kPendingPerPeerMax; ++n) table.message(1, 9, data_of(n));
  EXPECT_EQ(table.take().delivered.size(), gossip_limits::kPendingPerPeerMax);
  const MessageId refused = table.message(1, 9, data_of(n));
  EXPECT_TRUE(table.take().delivered.empty());
  EXPECT_FALSE(table.router.state().pending.has_room(PeerRef{1}, 1));
  table.message(2, 9, data_of(n));
  const Taken taken = table.take();
  ASSERT_EQ(taken.delivered.size(), 1U) << "it does not count as seen, another may bring it";
  EXPECT_EQ(taken.delivered[0].message->id, refused);
  EXPECT_EQ(fault_count(1, GossipFault::kValidationQueueFull), 1U);
}

TEST_F(GossipDelivery, FaultsAreReportedInSumsAndWhenThePeerLeaves) {
  for (int i = 0; i < 1'000; ++i) table.message(1, 9, data_of(1), "elsewhere");
  EXPECT_TRUE(table.take().faults.empty());
  table.advance(10'000);
  Taken taken = table.take();
  ASSERT_EQ(taken.faults.size(), 1U);
  EXPECT_EQ(taken.faults[0].peer_id, identity_of(1).peer_id());
  EXPECT_EQ(taken.fault(1, GossipFault::kTopicNotSubscribed), 1'000U);
  table.advance(20'000);
  EXPECT_TRUE(table.take().faults.empty()) << "nothing new";
  table.message(1, 9, data_of(1), "elsewhere");
  table.disconnect(1);
  taken = table.take();
  EXPECT_EQ(taken.fault(1, GossipFault::kTopicNotSubscribed), 1U);
}

}  // namespace
}  // namespace preconf::io::wire::test
