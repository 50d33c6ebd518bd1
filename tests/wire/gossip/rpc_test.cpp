// Decoding of pubsub RPCs.
#include "io/wire/gossipsub/rpc.hpp"

#include <gtest/gtest.h>

#include "io/wire/gossipsub/limits.hpp"
#include "io/wire/gossipsub/outbox.hpp"
#include "io/wire/gossipsub/utf8.hpp"
#include "io/wire/protobuf.hpp"
#include "tests/core/vectors.hpp"
#include "tests/wire/gossip/router_table.hpp"

namespace preconf::io::wire::test {
namespace {

using core::to_hex;
using core::test::bytes;

std::optional<GossipFault> decode(const Bytes& frame, Rpc& rpc, RpcScope scope = RpcScope::kAll) {
  const auto result = decode_rpc(frame, scope, GossipConfig{}, rpc);
  return result ? std::nullopt : std::optional(result.error());
}

std::size_t skipped(const Rpc& rpc, GossipFault fault) {
  return rpc.faults[static_cast<std::size_t>(fault)];
}

// The subscription of the deployed peers to the topic of lists, length included.
constexpr const char* kSubscribeFrame =
    "200a1e0801121a2f7461696b6f2f3136373030302f302f72617754784c69737473";

TEST(GossipRpc, SubscriptionOfTheDeployedPeers) {
  Bytes frame = bytes(kSubscribeFrame);
  frame.erase(frame.begin());
  Rpc rpc;
  ASSERT_EQ(decode(frame, rpc), std::nullopt);
  ASSERT_EQ(rpc.subscriptions.size(), 1U);
  EXPECT_TRUE(rpc.subscriptions[0].subscribe);
  EXPECT_EQ(rpc.subscriptions[0].topic, kOtherTopic);
}

TEST(GossipRpc, OurSubscriptionIsTheSame) {
  Outbox outbox;
  outbox.subscription(PeerRef{1}, kOtherTopic, true);
  std::deque<GossipAction> actions;
  outbox.flush(actions, Millis{1});
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(to_hex(*std::get<gossip::SendRpc>(actions[0]).frame), kSubscribeFrame);
}

// Written out by hand from the protobuf definitions of gossipsub v1.0 to v1.2.
TEST(GossipRpc, OurControlMessages) {
  const auto frame = [](auto fill) {
    Outbox outbox;
    fill(outbox);
    std::deque<GossipAction> actions;
    outbox.flush(actions, Millis{1});
    EXPECT_EQ(actions.size(), 1U);
    return to_hex(*std::get<gossip::SendRpc>(actions.at(0)).frame);
  };
  const PeerRef peer{1};
  const MessageId id = MessageId::from(Bytes(20, 0xaa));
  const std::string twenty = std::string(40, 'a');
  EXPECT_EQ(frame([&](Outbox& o) { o.graft(peer, "t"); }), "071a051a030a0174");
  EXPECT_EQ(frame([&](Outbox& o) { o.prune(peer, "t", Millis{60'000}); }), "091a0722050a0174183c");
  EXPECT_EQ(frame([&](Outbox& o) { o.prune(peer, "t", std::nullopt); }), "071a0522030a0174");
  EXPECT_EQ(frame([&](Outbox& o) { o.ihave(peer, "t", {id}); }), "1d1a1b0a190a01741214" + twenty);
  EXPECT_EQ(frame([&](Outbox& o) { o.iwant(peer, {id}); }), "1a1a1812160a14" + twenty);
  EXPECT_EQ(frame([&](Outbox& o) { o.idontwant(peer, id); }), "1a1a182a160a14" + twenty);
}

TEST(GossipRpc, APruneTakesThePlaceOfAWaitingGraft) {
  Outbox outbox;
  outbox.graft(PeerRef{1}, "t");
  outbox.prune(PeerRef{1}, "t", std::nullopt);
  std::deque<GossipAction> actions;
  outbox.flush(actions, Millis{1});
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(to_hex(*std::get<gossip::SendRpc>(actions[0]).frame), "071a0522030a0174");
}

TEST(GossipRpc, AMixOfEverything) {
  const MessageId id = made_up_id(1);
  Rpc rpc;
  const auto parts = signed_parts(identity_of(1), 1, kTopic, data_of(1));
  const Bytes mix = joined({rpc_iwant({id}), rpc_message(parts), rpc_graft("g"),
                            rpc_subscription("s", false), rpc_prune("p", 7), rpc_prune("q", {}),
                            rpc_ihave("h", {id, id}), rpc_idontwant({id}), rpc_message(parts)});
  ASSERT_EQ(decode(mix, rpc), std::nullopt);
  EXPECT_EQ(rpc.messages.size(), 2U);
  EXPECT_EQ(rpc.messages[1].topic_text(), kTopic);
  EXPECT_EQ(rpc.subscriptions.at(0).topic, "s");
  EXPECT_FALSE(rpc.subscriptions[0].subscribe);
  EXPECT_EQ(rpc.graft.at(0), "g");
  EXPECT_EQ(rpc.prune.at(0).backoff_seconds, 7U);
  EXPECT_EQ(rpc.prune.at(1).backoff_seconds, std::nullopt);
  EXPECT_EQ(rpc.ihave.at(0).topic, "h");
  EXPECT_EQ(rpc.ihave[0].ids_end - rpc.ihave[0].ids_begin, 2U);
  EXPECT_EQ(rpc.iwant, std::vector<MessageId>{id});
  EXPECT_EQ(rpc.idontwant, std::vector<MessageId>{id});
  ASSERT_EQ(decode({}, rpc), std::nullopt) << "an empty RPC is harmless";
  EXPECT_TRUE(rpc.messages.empty() && rpc.iwant.empty() && rpc.graft.empty());
}

TEST(GossipRpc, EveryPrefixIsMalformedOrShorter) {
  const Bytes whole = joined({rpc_ihave(kTopic, {made_up_id(1)}), rpc_prune("p", 7),
                              rpc_message(signed_parts(identity_of(1), 1, kTopic, data_of(1)))});
  std::size_t good = 0;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    Rpc rpc;
    const auto fault = decode(Bytes(whole.begin(), whole.begin() + static_cast<long>(size)), rpc);
    if (!fault) {
      ++good;
      continue;
    }
    EXPECT_EQ(fault, GossipFault::kRpcMalformed);
    EXPECT_TRUE(rpc.ihave.empty() && rpc.messages.empty() && rpc.prune.empty());
  }
  EXPECT_EQ(good, 4U) << "nothing, one, two and three fields";
}

TEST(GossipRpc, TopicsAreUtf8) {
  for (const char* bad : {"ff", "c080", "eda080", "f4908080", "e28c"}) {
    Bytes options;
    ProtoWriter(options).bytes(2, bytes(bad));
    Bytes frame;
    ProtoWriter(frame).bytes(1, options);
    Rpc rpc;
    EXPECT_EQ(decode(frame, rpc), GossipFault::kRpcMalformed) << bad;
    Bytes message;
    ProtoWriter(message).bytes(4, bytes(bad));
    frame.clear();
    ProtoWriter(frame).bytes(2, message);
    EXPECT_EQ(decode(frame, rpc), GossipFault::kRpcMalformed) << bad;
  }
  EXPECT_TRUE(is_utf8(bytes("61c3bce282acf09f9880efbfbd")));
  EXPECT_TRUE(is_utf8(bytes("f48fbfbfee8080ed9fbf")));
}

TEST(GossipRpc, KnownFieldsOfOtherWireTypesAreUnknown) {
  Bytes frame;
  ProtoWriter writer(frame);
  writer.varint(1, 5);
  writer.varint(2, 5);
  writer.varint(3, 5);
  writer.bytes(77, bytes("ffff"));
  Rpc rpc;
  EXPECT_EQ(decode(frame, rpc), std::nullopt);
  EXPECT_TRUE(rpc.subscriptions.empty() && rpc.messages.empty());
}

TEST(GossipRpc, WhatIsBeyondTheBoundsIsSkippedAndCounted) {
  Rpc rpc;
  std::vector<Bytes> many;
  for (std::size_t i = 0; i < gossip_limits::kRpcSubscriptionsMax + 3; ++i) {
    many.push_back(rpc_subscription("t" + std::to_string(i)));
  }
  ASSERT_EQ(decode(joined(many), rpc), std::nullopt);
  EXPECT_EQ(rpc.subscriptions.size(), gossip_limits::kRpcSubscriptionsMax);
  EXPECT_EQ(skipped(rpc, GossipFault::kSubscriptionsTooMany), 3U);

  many.assign(gossip_limits::kRpcControlMax + 2, rpc_graft("t"));
  many.insert(many.end(), gossip_limits::kRpcControlMax + 3, rpc_prune("t", 1));
  many.insert(many.end(), gossip_limits::kRpcControlMax + 4, rpc_ihave("t", {}));
  ASSERT_EQ(decode(joined(many), rpc), std::nullopt);
  EXPECT_EQ(rpc.graft.size() + rpc.prune.size() + rpc.ihave.size(),
            3 * gossip_limits::kRpcControlMax);
  EXPECT_EQ(skipped(rpc, GossipFault::kControlTooMany), 9U);

  Bytes message;
  ProtoWriter(message).bytes(2, Bytes{});
  many.assign(gossip_limits::kRpcMessagesMax + 5, message);
  ASSERT_EQ(decode(joined(many), rpc), std::nullopt);
  EXPECT_EQ(rpc.messages.size(), gossip_limits::kRpcMessagesMax);
  EXPECT_EQ(skipped(rpc, GossipFault::kMessagesTooMany), 5U);

  const GossipConfig config;
  const auto ids = [](std::size_t count) { return std::vector<MessageId>(count, made_up_id(1)); };
  ASSERT_EQ(decode(joined({rpc_ihave("t", ids(config.max_ihave_length + 6)),
                           rpc_iwant(ids(gossip_limits::kRpcIwantIdsMax + 7)),
                           rpc_idontwant(ids(config.idontwant_length_max + 8))}),
                   rpc),
            std::nullopt);
  EXPECT_EQ(rpc.ihave_ids.size(), 5'000U);
  EXPECT_EQ(rpc.idontwant.size(), 10'000U);
  EXPECT_EQ(skipped(rpc, GossipFault::kIhaveTooMany), 6U);
  EXPECT_EQ(skipped(rpc, GossipFault::kIwantTooMany), 7U);
  EXPECT_EQ(skipped(rpc, GossipFault::kIdontwantTooMany), 8U);
}

TEST(GossipRpc, IdsOfAnotherLengthAreNone) {
  Bytes ids;
  ProtoWriter(ids).bytes(1, Bytes(19, 1));
  ProtoWriter(ids).bytes(1, Bytes(21, 1));
  ProtoWriter(ids).bytes(1, Bytes{});
  Bytes control;
  ProtoWriter(control).bytes(2, ids);
  Bytes frame;
  ProtoWriter(frame).bytes(3, control);
  Rpc rpc;
  ASSERT_EQ(decode(frame, rpc), std::nullopt);
  EXPECT_TRUE(rpc.iwant.empty());
  EXPECT_EQ(skipped(rpc, GossipFault::kMessageIdLength), 3U);
}

// Ten megabytes of the shortest elements: reading stops at the bound.
TEST(GossipRpc, AFrameOfTinyElementsIsRefused) {
  Bytes frame(10'485'760, 0);
  for (std::size_t i = 0; i < frame.size(); i += 2) frame[i] = 0x12;  // an empty message
  Rpc rpc;
  EXPECT_EQ(decode(frame, rpc), GossipFault::kRpcElementsTooMany);
  EXPECT_TRUE(rpc.messages.empty());
}

TEST(GossipRpc, OfAGraylistedPeerOnlySubscriptionsAreRead) {
  Rpc rpc;
  ASSERT_EQ(decode(joined({rpc_graft("g"), rpc_subscription("s"), rpc_iwant({made_up_id(1)})}), rpc,
                   RpcScope::kSubscriptions),
            std::nullopt);
  EXPECT_EQ(rpc.subscriptions.size(), 1U);
  EXPECT_TRUE(rpc.graft.empty() && rpc.iwant.empty());
}

TEST(GossipFaults, HaveDistinctNames) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kGossipFaultCount; ++i) {
    EXPECT_TRUE(names.insert(name_of(static_cast<GossipFault>(i))).second);
  }
  EXPECT_EQ(name_of(GossipFault::kSignatureInvalid), "signature_invalid");
  EXPECT_EQ(name_of(GossipFault::kPromiseBroken), "promise_broken");
}

}  // namespace
}  // namespace preconf::io::wire::test
