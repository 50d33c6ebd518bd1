// IHAVE, IWANT and IDONTWANT, one rule a test.
#include <gtest/gtest.h>

#include "io/wire/gossipsub/limits.hpp"
#include "tests/wire/gossip/router_table.hpp"

namespace preconf::io::wire::test {
namespace {

std::vector<MessageId> ids_from(std::uint32_t first, std::size_t count) {
  std::vector<MessageId> ids;
  for (std::size_t i = 0; i < count; ++i) {
    ids.push_back(made_up_id(first + static_cast<std::uint32_t>(i)));
  }
  return ids;
}

struct GossipExchange : testing::Test {
  GossipExchange() {
    for (std::uint32_t n = 1; n <= 20; ++n) table.connect(n);
    table.warm_up();  // the mesh is 1..6
    (void)table.take();
  }
  /// An accepted message of peer 1.
  MessageId accepted(std::uint32_t n, std::size_t size = 64) {
    const MessageId id = table.message(1, 1, data_of(n, size));
    table.verdict(id, Verdict::kAccept);
    return id;
  }
  std::vector<MessageId> asked_of(const Taken& taken, std::uint64_t peer) {
    std::vector<MessageId> ids;
    for (const SentRpc& rpc : taken.sent) {
      if (rpc.peer.value == peer) ids.insert(ids.end(), rpc.iwant.begin(), rpc.iwant.end());
    }
    return ids;
  }
  RouterTable table;
};

TEST_F(GossipExchange, TheHeartbeatOffersMessagesOutsideTheMesh) {
  const MessageId id = accepted(1);
  (void)table.take();
  table.advance(500);
  const Taken taken = table.take();
  std::set<std::uint64_t> told;
  for (const SentRpc& rpc : taken.sent) {
    if (rpc.ihave.empty()) continue;
    EXPECT_EQ(rpc.ihave, std::vector<MessageId>{id});
    EXPECT_EQ(rpc.send_class, SendClass::kGossip);
    told.insert(rpc.peer.value);
  }
  EXPECT_EQ(told.size(), 6U) << "D_lazy";
  for (const std::uint64_t n : told) EXPECT_FALSE(table.mesh().contains(n));
  table.advance(1'000);
  (void)table.take();
  table.advance(500);
  for (const SentRpc& rpc : table.take().sent) EXPECT_TRUE(rpc.ihave.empty()) << "three windows";
}

TEST_F(GossipExchange, AQuarterOfManyPeersIsTold) {
  for (std::uint32_t n = 21; n <= 106; ++n) table.connect(n);
  accepted(1);
  (void)table.take();
  table.advance(500);
  std::size_t told = 0;
  for (const SentRpc& rpc : table.take().sent) told += rpc.ihave.empty() ? 0U : 1U;
  EXPECT_EQ(told, 25U) << "of one hundred outside the mesh";
}

TEST_F(GossipExchange, NobodyIsOfferedWhatTheyWrote) {
  const MessageId id = table.message(1, 10, data_of(1));
  table.verdict(id, Verdict::kAccept);
  for (int i = 0; i < 3; ++i) {
    table.advance(500);
    for (const SentRpc& rpc : table.take().sent) {
      EXPECT_TRUE(rpc.peer.value != 10 || rpc.ihave.empty());
    }
  }
}

TEST_F(GossipExchange, BelowTheGossipThresholdNothingIsOfferedNorAsked) {
  for (std::uint32_t n = 7; n <= 20; ++n) {
    table.router.set_app_score(PeerRef{n}, Score{-1'000'001});
  }
  const MessageId id = accepted(1);
  table.advance(500);
  for (const SentRpc& rpc : table.take().sent) EXPECT_TRUE(rpc.ihave.empty());
  table.rpc(7, rpc_ihave(kTopic, {made_up_id(1)}));
  table.rpc(7, rpc_iwant({id}));
  EXPECT_TRUE(table.take().sent.empty());
}

TEST_F(GossipExchange, AskedForIsWhatWeHaveNotSeen) {
  const MessageId seen = accepted(1);
  (void)table.take();
  table.rpc(7, rpc_ihave(kTopic, {seen, made_up_id(1), made_up_id(1)}));
  EXPECT_EQ(asked_of(table.take(), 7), std::vector<MessageId>{made_up_id(1)});
}

TEST_F(GossipExchange, OtherTopicsAreNotAskedFor) {
  table.rpc(7, rpc_ihave(kOtherTopic, {made_up_id(1)}));
  EXPECT_TRUE(table.take().sent.empty());
}

TEST_F(GossipExchange, TwoAreAskedForOneIdAndMoreOnlyWhenTheyAreLiars) {
  for (const std::uint32_t n : {7U, 8U, 9U}) table.rpc(n, rpc_ihave(kTopic, {made_up_id(1)}));
  Taken taken = table.take();
  EXPECT_EQ(asked_of(taken, 7).size() + asked_of(taken, 8).size(), 2U);
  EXPECT_TRUE(asked_of(taken, 9).empty());
  table.advance(3'500);  // both broke their promise
  for (const std::uint32_t n : {7U, 8U, 9U}) table.rpc(n, rpc_ihave(kTopic, {made_up_id(2)}));
  taken = table.take();
  const auto asked = asked_of(taken, 9);
  EXPECT_EQ(std::ranges::count(asked, made_up_id(2)), 1) << "liars do not stand in the way";
}

/// Who is asked for `id` at each of the next heartbeats.
class GossipFollowUp : public GossipExchange {
 protected:
  std::vector<std::uint64_t> asked_at_next_heartbeat(const MessageId& id) {
    table.advance(500);
    std::vector<std::uint64_t> peers;
    for (const SentRpc& rpc : table.take().sent) {
      if (std::ranges::count(rpc.iwant, id) > 0) peers.push_back(rpc.peer.value);
    }
    return peers;
  }
  using Peers = std::vector<std::uint64_t>;
};

TEST_F(GossipFollowUp, ASilentPeerIsFollowedByTheNextWhoOffered) {
  const MessageId id = made_up_id(1);
  for (const std::uint32_t n : {7U, 8U, 9U, 10U}) table.rpc(n, rpc_ihave(kTopic, {id}));
  (void)table.take();  // 7 and 8 are asked
  table.advance(499);
  EXPECT_TRUE(asked_of(table.take(), 9).empty()) << "they have a heartbeat's time";
  EXPECT_EQ(asked_at_next_heartbeat(id), Peers{9});
  EXPECT_EQ(asked_at_next_heartbeat(id), Peers{10});
  EXPECT_EQ(asked_at_next_heartbeat(id), Peers{});
}

TEST_F(GossipFollowUp, NobodyElseIsAskedForWhatCame) {
  for (const std::uint32_t n : {7U, 8U, 9U}) {
    table.rpc(n, rpc_ihave(kTopic, {id_of(data_of(1))}));
  }
  table.message(8, 8, data_of(1));
  (void)table.take();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(asked_at_next_heartbeat(id_of(data_of(1))), Peers{});
}

// An invalid copy does not end the search for a valid one.
TEST_F(GossipFollowUp, ABadCopyIsNoAnswer) {
  const Bytes data = data_of(1);
  for (const std::uint32_t n : {7U, 8U, 9U}) table.rpc(n, rpc_ihave(kTopic, {id_of(data)}));
  auto forged = signed_parts(identity_of(7), 1, kTopic, data);
  forged.signature[5] ^= 1;
  table.rpc(7, rpc_message(forged));
  (void)table.take();
  table.advance(499);
  EXPECT_EQ(asked_at_next_heartbeat(id_of(data)), Peers{9});
}

TEST_F(GossipFollowUp, WhoLeftOrIsDistrustedIsNotAsked) {
  const MessageId id = made_up_id(1);
  for (const std::uint32_t n : {7U, 8U, 9U, 10U, 11U}) table.rpc(n, rpc_ihave(kTopic, {id}));
  (void)table.take();
  table.disconnect(9);
  table.router.set_app_score(PeerRef{10}, Score{-1'000'001});
  table.advance(499);
  EXPECT_EQ(asked_at_next_heartbeat(id), Peers{}) << "10 is passed over";
  EXPECT_EQ(asked_at_next_heartbeat(id), Peers{11});
}

TEST_F(GossipFollowUp, EightLiarsDelayAMessageAndDoNotKeepItAway) {
  const MessageId id = made_up_id(1);
  for (std::uint32_t n = 7; n <= 16; ++n) table.rpc(n, rpc_ihave(kTopic, {id}));
  (void)table.take();
  table.advance(499);
  for (std::uint64_t n = 9; n <= 16; ++n) EXPECT_EQ(asked_at_next_heartbeat(id), Peers{n});
  table.advance(3'500);
  table.rpc(17, rpc_ihave(kTopic, {id}));
  EXPECT_EQ(asked_of(table.take(), 17), std::vector<MessageId>{id});
  EXPECT_LE(table.router.state().promises.size(), 1U);
}

TEST_F(GossipExchange, BrokenPromisesAreCounted) {
  table.rpc(7, rpc_ihave(kTopic, ids_from(1, 5)));
  table.rpc(8, rpc_ihave(kTopic, {id_of(data_of(9))}));
  table.message(1, 1, data_of(9));
  table.advance(10'000);
  const Taken taken = table.take();
  EXPECT_EQ(taken.fault(7, GossipFault::kPromiseBroken), 5U);
  EXPECT_EQ(taken.fault(8, GossipFault::kPromiseBroken), 0U) << "it came from another";
}

TEST_F(GossipExchange, TenIhavePerHeartbeatAreRead) {
  for (std::uint32_t i = 0; i < 12; ++i) table.rpc(7, rpc_ihave(kTopic, {made_up_id(i)}));
  EXPECT_EQ(asked_of(table.take(), 7).size(), 10U);
  table.advance(500);
  table.rpc(7, rpc_ihave(kTopic, {made_up_id(100)}));
  EXPECT_EQ(asked_of(table.take(), 7).size(), 1U);
  table.advance(10'000);
  EXPECT_EQ(table.take().fault(7, GossipFault::kIhaveTooMany), 2U);
}

TEST_F(GossipExchange, FiveThousandIdsPerHeartbeatAreAskedFor) {
  table.rpc(7, rpc_ihave(kTopic, ids_from(1, 3'000)));
  table.rpc(7, rpc_ihave(kTopic, ids_from(10'000, 3'000)));
  EXPECT_EQ(asked_of(table.take(), 7).size(), 5'000U);
}

TEST_F(GossipExchange, AnIwantIsServedThreeTimes) {
  const MessageId id = accepted(1);
  (void)table.take();
  for (int i = 0; i < 5; ++i) table.rpc(7, rpc_iwant({id}));
  EXPECT_EQ(table.take().message_receivers(), (std::vector<std::uint64_t>{7, 7, 7}));
  table.advance(10'000);
  EXPECT_EQ(table.take().fault(7, GossipFault::kIwantTooMany), 2U);
}

TEST_F(GossipExchange, AnIwantIsServedForSixSeconds) {
  const MessageId id = accepted(1);
  (void)table.take();
  table.advance(5'500);
  (void)table.take();
  table.rpc(7, rpc_iwant({id}));
  EXPECT_EQ(table.take().message_receivers().size(), 1U);
  table.advance(500);
  (void)table.take();
  table.rpc(7, rpc_iwant({id}));
  EXPECT_TRUE(table.take().message_receivers().empty());
}

TEST_F(GossipExchange, OnlyAcceptedMessagesAreServed) {
  const MessageId unjudged = table.message(1, 1, data_of(1));
  const MessageId ignored = table.message(1, 1, data_of(2));
  table.verdict(ignored, Verdict::kIgnore);
  const MessageId rejected = table.message(1, 1, data_of(3));
  table.verdict(rejected, Verdict::kReject);
  (void)table.take();
  table.rpc(7, rpc_iwant({unjudged, ignored, rejected, made_up_id(1)}));
  EXPECT_TRUE(table.take().sent.empty());
}

TEST_F(GossipExchange, AnAuthorIsNotServedItsOwnMessage) {
  const MessageId id = table.message(1, 10, data_of(1));
  table.verdict(id, Verdict::kAccept);
  (void)table.take();
  table.rpc(10, rpc_iwant({id}));
  EXPECT_TRUE(table.take().message_receivers().empty());
}

TEST_F(GossipExchange, EightMegabytesPerHeartbeatAreServed) {
  std::vector<MessageId> ids;
  for (std::uint32_t n = 1; n <= 8; ++n) ids.push_back(accepted(n, 2'000'000));
  (void)table.take();
  table.rpc(7, rpc_iwant(ids));
  EXPECT_EQ(table.take().message_receivers().size(), 4U);
  table.advance(500);
  (void)table.take();
  table.rpc(7, rpc_iwant(ids));
  EXPECT_EQ(table.take().message_receivers().size(), 4U);
}

TEST_F(GossipExchange, APeerThatSaidIdontwantIsNotSentTheMessage) {
  const Bytes data = data_of(1, 2'000);
  table.rpc(2, rpc_idontwant({id_of(data)}));
  const MessageId id = table.message(1, 1, data);
  (void)table.take();
  table.verdict(id, Verdict::kAccept);
  const auto receivers = table.take().message_receivers();
  EXPECT_EQ(receivers, (std::vector<std::uint64_t>{3, 4, 5, 6}));
}

TEST_F(GossipExchange, AnIdontwantIsForgottenAfterThreeSeconds) {
  const Bytes data = data_of(1, 2'000);
  table.rpc(2, rpc_idontwant({id_of(data)}));
  table.advance(3'500);
  const MessageId id = table.message(1, 1, data);
  (void)table.take();
  table.verdict(id, Verdict::kAccept);
  EXPECT_EQ(table.take().message_receivers().size(), 5U);
}

TEST_F(GossipExchange, TenThousandIdontwantPerPeerAreRemembered) {
  table.rpc(2, rpc_idontwant(ids_from(1, 9'000)));
  table.rpc(2, rpc_idontwant(ids_from(20'000, 9'000)));
  EXPECT_EQ(table.router.state().peers.at(PeerRef{2}).dont_send.size(), 10'000U);
  table.advance(10'000);
  EXPECT_EQ(table.take().fault(2, GossipFault::kIdontwantTooMany), 8'000U);
  EXPECT_EQ(table.router.state().dont_send_ids, 0U);
}

TEST_F(GossipExchange, IdontwantOfAllPeersIsBounded) {
  std::size_t sent = 0;
  for (std::uint32_t n = 1; n <= 20; ++n, sent += 10'000) {
    table.rpc(n, rpc_idontwant(ids_from(n * 10'000, 10'000)));
  }
  table.connect(21);
  table.rpc(21, rpc_idontwant(ids_from(1, 10'000)));
  EXPECT_EQ(table.router.state().dont_send_ids, gossip_limits::kIdontwantIdsMax);
}

std::set<std::uint64_t> told_not_to(const Taken& taken, const MessageId& id) {
  std::set<std::uint64_t> told;
  for (const SentRpc& rpc : taken.sent) {
    if (std::ranges::count(rpc.idontwant, id) > 0) told.insert(rpc.peer.value);
  }
  return told;
}

TEST_F(GossipExchange, ALargeMessageMakesUsTellTheMeshBeforeTheVerdict) {
  const Bytes data = data_of(1, 2'000);
  table.rpc(7, rpc_ihave(kTopic, {id_of(data)}));  // asked for, so it may still come from there
  (void)table.take();
  const MessageId id = table.message(1, 2, data);
  EXPECT_EQ(told_not_to(table.take(), id), (std::set<std::uint64_t>{3, 4, 5, 6, 7}))
      << "not the source 1, not the author 2";
  table.message(3, 2, data);
  EXPECT_TRUE(told_not_to(table.take(), id).empty()) << "once";
}

TEST_F(GossipExchange, SmallMessagesAreNotWorthAnIdontwant) {
  const std::size_t overhead = encode_message(signed_parts(identity_of(1), 1, kTopic, {})).size();
  // The length of the data takes a byte more from 128 on.
  const Bytes below = data_of(1, 1'000 - overhead - 2);
  const MessageId id = table.message(1, 1, below);
  EXPECT_TRUE(told_not_to(table.take(), id).empty());
  const MessageId at = table.message(1, 1, data_of(2, below.size() + 1));
  EXPECT_EQ(told_not_to(table.take(), at).size(), 5U);
}

TEST_F(GossipExchange, OlderVersionsAreNotToldIdontwant) {
  table.router.set_version(PeerRef{3}, GossipVersion::kV11);
  const MessageId id = table.message(1, 1, data_of(1, 2'000));
  EXPECT_EQ(told_not_to(table.take(), id), (std::set<std::uint64_t>{2, 4, 5, 6}));
}

// The id does not cover the signature: whoever sends good content under a bad signature must not
// make us refuse the good copy.
TEST_F(GossipExchange, ABadSignatureDoesNotKeepTheMessageAway) {
  const Bytes data = data_of(1, 2'000);
  auto forged = signed_parts(identity_of(1), 1, kTopic, data);
  forged.signature[5] ^= 1;
  table.rpc(9, rpc_message(forged));
  EXPECT_TRUE(table.take().sent.empty());
  table.message(2, 1, data);
  EXPECT_EQ(table.take().delivered.size(), 1U);
}

}  // namespace
}  // namespace preconf::io::wire::test
