// A swarm and a peer that does not behave.
#include <gtest/gtest.h>

#include "io/wire/rpc_queue.hpp"
#include "tests/wire/support/raw_peer.hpp"

namespace preconf::io::wire::test {
namespace {

using core::Bytes;
using core::Millis;

const std::string kMeshsub = "/meshsub/1.2.0";
const std::string kGetHead = "/taiko/167000/preconf/1/get_head";

struct Odd {
  explicit Odd(std::vector<std::string> served = {kMeshsub, "/ipfs/id/1.0.0", "/ipfs/ping/1.0.0"})
      : identity(RawPeer::identity_of(200)),
        swarm(config(), identity, secret(), 1, now),
        peer(swarm, 3, std::move(served), now) {
    pump();
  }
  static SwarmConfig config() {
    SwarmConfig config;
    config.topics = {"/t"};
    return config;
  }
  static X25519Secret secret() {
    X25519Secret secret;
    secret.bytes.fill(77);
    return secret;
  }
  void pump() { peer.pump(actions); }
  /// Time passes in steps, with everything that is due.
  void run(std::uint64_t milliseconds) {
    const Millis end{now.value + milliseconds};
    while (now < end) {
      now = std::min(end, std::max(Millis{now.value + 1}, swarm.next_deadline()));
      swarm.on_time(now);
      (void)peer.connection.on_time(now);
      pump();
    }
  }
  template <class T>
  std::vector<const T*> all() const {
    std::vector<const T*> found;
    for (const SwarmAction& action : actions) {
      if (const T* one = std::get_if<T>(&action)) found.push_back(one);
    }
    return found;
  }
  PeerRef ref() const { return all<swarm::PeerConnected>().back()->peer; }
  std::size_t opened(std::size_t protocol) const {
    return static_cast<std::size_t>(
        std::count_if(peer.opened.begin(), peer.opened.end(),
                      [protocol](const auto& stream) { return stream.second == protocol; }));
  }
  StreamId last_opened(std::size_t protocol) const {
    StreamId last;
    for (const auto& [stream, index] : peer.opened) {
      if (index == protocol) last = stream;
    }
    return last;
  }

  Millis now{1'000'000};
  Identity identity;
  Swarm swarm;
  RawPeer peer;
  std::vector<SwarmAction> actions;
};

TEST(OddPeer, OneGossipStreamIsOpenedAtOnceAndKept) {
  Odd odd;
  EXPECT_EQ(odd.opened(0), 1U);
  const StreamId stream = odd.last_opened(0);
  EXPECT_FALSE(odd.peer.received[stream].empty());  // our subscriptions
  odd.run(25'000);
  EXPECT_EQ(odd.opened(0), 1U);
  EXPECT_EQ(odd.opened(1), 1U);  // identify
  EXPECT_FALSE(odd.peer.closed);
}

TEST(OddPeer, FloodsubOnlyWhereNothingElseIsSpoken) {
  Odd both({"/floodsub/1.0.0", "/meshsub/1.1.0"});
  EXPECT_EQ(both.opened(0), 0U);
  EXPECT_EQ(both.opened(1), 1U);
  Odd only({"/floodsub/1.0.0"});
  EXPECT_EQ(only.opened(0), 1U);
  EXPECT_FALSE(only.peer.received[only.last_opened(0)].empty());  // our subscriptions
}

/// Deployed peers read at most 4,096 bytes.
TEST(OddPeer, WhatWeSayOfOurselvesIsShort) {
  Odd odd;
  const StreamId stream = odd.peer.open("/ipfs/id/1.0.0", {});
  odd.pump();
  EXPECT_GT(odd.peer.received[stream].size(), 300U) << "key, protocols, addresses";
  EXPECT_LT(odd.peer.received[stream].size(), 4'096U);
}

TEST(OddPeer, AResetGossipStreamIsOpenedTwiceMore) {
  Odd odd;
  for (std::size_t i = 0; i < 5; ++i) {
    odd.peer.connection.reset(odd.last_opened(0));
    odd.pump();
  }
  EXPECT_EQ(odd.opened(0), limits::kGossipStreamsOpenedMax);
}

TEST(OddPeer, WhoSpeaksNothingIsLeftAlone) {
  Odd odd(std::vector<std::string>{});
  ASSERT_EQ(odd.all<swarm::PeerConnected>().size(), 1U);
  (void)odd.swarm.request(odd.ref(), ExchangeProtocol::kGetHead, Bytes(4), odd.now);
  odd.pump();
  ASSERT_EQ(odd.all<swarm::Response>().size(), 1U);
  EXPECT_EQ(odd.all<swarm::Response>()[0]->body.error(), ExchangeFailure::kUnsupportedProtocol);
  odd.run(59'000);
  EXPECT_FALSE(odd.peer.closed);
  odd.run(2'000);
  EXPECT_EQ(odd.peer.closed, CloseReason::kIdle);
}

TEST(OddPeer, GossipStreamsReplaceEachOtherUpToALimit) {
  Odd odd;
  for (std::size_t i = 0; i < limits::kGossipStreamsAcceptedMax; ++i) {
    (void)odd.peer.open(kMeshsub, {});
    odd.pump();
  }
  EXPECT_TRUE(odd.peer.resets.empty());
  const StreamId more = odd.peer.open(kMeshsub, {});
  odd.pump();
  EXPECT_EQ(odd.peer.resets, std::vector<StreamId>{more});
  EXPECT_FALSE(odd.peer.closed);
}

TEST(OddPeer, AnRpcAboveTheLimitEndsTheConnection) {
  Odd odd;
  (void)odd.peer.open(kMeshsub, Bytes{0x81, 0x80, 0x80, 0x05});  // 10,485,761
  odd.pump();
  EXPECT_EQ(odd.peer.closed, CloseReason::kGossipMalformed);
}

TEST(OddPeer, BytesThatAreNoRpcEndTheConnection) {
  Odd odd;
  (void)odd.peer.open(kMeshsub, Bytes{3, 0xff, 0xff, 0xff});
  odd.pump();
  EXPECT_EQ(odd.peer.closed, CloseReason::kGossipMalformed);
  EXPECT_EQ(odd.all<swarm::PeerDisconnected>().size(), 1U);
}

TEST(OddPeer, AnRpcThatDoesNotEndIsCutOff) {
  Odd odd;
  (void)odd.peer.open(kMeshsub, Bytes{0xff, 0x7f, 1, 2, 3});
  odd.run(29'000);
  EXPECT_FALSE(odd.peer.closed);
  odd.run(2'000);
  EXPECT_EQ(odd.peer.closed, CloseReason::kMemory);
}

TEST(OddPeer, UnfinishedRpcsOfAllPeersHaveABound) {
  Odd odd;
  std::vector<std::unique_ptr<RawPeer>> peers;
  const std::size_t frame = 10'485'760;
  const std::size_t count = limits::kRpcPartialBytesMax / frame + 1;
  std::vector<CloseReason> closed;
  for (std::size_t i = 0; i < count; ++i) {
    peers.push_back(std::make_unique<RawPeer>(odd.swarm, static_cast<std::uint8_t>(10 + i),
                                              std::vector<std::string>{kMeshsub}, odd.now));
    peers.back()->pump(odd.actions);
    Bytes bytes{0x80, 0x80, 0x80, 0x05};  // 10,485,760 bytes follow, says the peer
    bytes.resize(frame - i * 1'000);
    (void)peers.back()->open(kMeshsub, std::move(bytes));
    peers.back()->pump(odd.actions);
  }
  for (const auto* close : odd.all<swarm::Close>()) closed.push_back(close->reason);
  EXPECT_EQ(closed, std::vector<CloseReason>{CloseReason::kMemory});
  // The one that held most: the first, which had sent the longest part.
  EXPECT_EQ(odd.all<swarm::Close>()[0]->conn, peers[0]->conn);
}

TEST(OddPeer, MalformedRequestsAreNamed) {
  Odd odd;
  (void)odd.peer.open(kGetHead, Bytes{0x81, 0x01});  // 129 bytes
  odd.pump();
  (void)odd.peer.open(kGetHead, Bytes{0x84, 0x00});  // a length of two bytes that fits one
  odd.pump();
  (void)odd.peer.open(kGetHead, {}, true);
  odd.pump();
  (void)odd.peer.open(kGetHead, Bytes{4, 4, 0});
  odd.pump();
  odd.run(10'000);
  const auto failed = odd.all<swarm::InboundFailed>();
  ASSERT_EQ(failed.size(), 4U);
  EXPECT_EQ(failed[0]->failure, ExchangeFailure::kFrameTooLarge);
  EXPECT_EQ(failed[1]->failure, ExchangeFailure::kFrameLength);
  EXPECT_EQ(failed[2]->failure, ExchangeFailure::kCut);
  EXPECT_EQ(failed[3]->failure, ExchangeFailure::kTimeout);
  EXPECT_TRUE(odd.all<swarm::InboundRequest>().empty());
  const auto of_the_peer = [](StreamId stream) { return stream.value % 2 == 1; };
  EXPECT_EQ(std::count_if(odd.peer.resets.begin(), odd.peer.resets.end(), of_the_peer), 4);
  EXPECT_FALSE(odd.peer.closed);
}

TEST(OddPeer, RequestsOfOneProtocolAreBounded) {
  Odd odd;
  for (std::size_t i = 0; i < limits::kInboundExchangesMax; ++i) (void)odd.peer.open(kGetHead, {});
  odd.pump();
  EXPECT_TRUE(odd.peer.resets.empty());
  (void)odd.peer.open(kGetHead, {});
  odd.pump();
  EXPECT_EQ(odd.peer.resets.size(), 1U);
}

TEST(OddPeer, AnAnswerNeedsNoFinOfTheRequester) {
  Odd odd;
  const StreamId stream = odd.peer.open(kGetHead, Bytes{4, 4, 0, 0, 0, 9, 9});
  odd.pump();
  ASSERT_EQ(odd.all<swarm::InboundRequest>().size(), 1U);
  odd.swarm.respond(odd.all<swarm::InboundRequest>()[0]->request, Bytes(64, 5), odd.now);
  odd.pump();
  EXPECT_EQ(odd.peer.received[stream].size(), 65U);
  EXPECT_EQ(std::count(odd.peer.ended_streams.begin(), odd.peer.ended_streams.end(), stream), 1);
  odd.run(11'000);  // it is not kept for ever
  EXPECT_EQ(std::count(odd.peer.resets.begin(), odd.peer.resets.end(), stream), 1);
}

TEST(OddPeer, WhoResetsItsRequestIsForgotten) {
  Odd odd;
  const StreamId stream = odd.peer.open(kGetHead, Bytes{4, 4, 0, 0, 0});
  odd.pump();
  odd.peer.connection.reset(stream);
  odd.pump();
  ASSERT_EQ(odd.all<swarm::InboundFailed>().size(), 1U);
  EXPECT_EQ(odd.all<swarm::InboundFailed>()[0]->failure, ExchangeFailure::kReset);
}

TEST(OddPeer, PingsComeBackAndTheirFloodEnds) {
  Odd odd;
  const StreamId stream = odd.peer.open("/ipfs/ping/1.0.0", Bytes(64, 8));
  odd.pump();
  EXPECT_EQ(odd.peer.received[stream], Bytes(64, 8));
  odd.peer.reads = false;
  for (int i = 0; i < 10; ++i) {
    (void)odd.peer.connection.write(stream, share(Bytes(3'200, 8)));
    odd.pump();
  }
  odd.peer.reads = true;
  odd.pump();
  EXPECT_EQ(odd.peer.resets, std::vector<StreamId>{stream});
  EXPECT_FALSE(odd.peer.closed);
}

TEST(OddPeer, IdentifyOfAnotherKeyIsNotBelieved) {
  Odd odd;
  Identify other;
  other.public_key = RawPeer::identity_of(9).public_key();
  (void)odd.peer.open("/ipfs/id/push/1.0.0", *frame_of(encode(other)), true);
  odd.pump();
  EXPECT_TRUE(odd.all<swarm::PeerIdentified>().empty());
  other.public_key = odd.peer.identity.public_key();
  other.agent_version = "odd";
  (void)odd.peer.open("/ipfs/id/push/1.0.0", *frame_of(encode(other)), true);
  odd.pump();
  ASSERT_EQ(odd.all<swarm::PeerIdentified>().size(), 1U);
  EXPECT_EQ(odd.swarm.peers()[0].agent_version, "odd");
}

TEST(OddPeer, AFloodOfIdentifyIsNotToldOn) {
  Odd odd;
  Identify identify;
  identify.public_key = odd.peer.identity.public_key();
  for (int i = 0; i < 50; ++i) {
    (void)odd.peer.open("/ipfs/id/push/1.0.0", *frame_of(encode(identify)), true);
    odd.pump();
  }
  EXPECT_EQ(odd.all<swarm::PeerIdentified>().size(), 8U);
  odd.run(1'000);
  (void)odd.peer.open("/ipfs/id/push/1.0.0", *frame_of(encode(identify)), true);
  odd.pump();
  EXPECT_EQ(odd.all<swarm::PeerIdentified>().size(), 9U);
}

TEST(OddPeer, WhoDoesNotReadIsNoticed) {
  Odd odd;
  odd.peer.reads = false;
  odd.run(49'000);
  EXPECT_FALSE(odd.peer.closed);
  odd.run(3'000);
  EXPECT_EQ(odd.peer.closed, CloseReason::kUnresponsive);
}

TEST(OddPeer, GoodbyeIsHeard) {
  Odd odd;
  odd.peer.connection.go_away();
  odd.pump();
  EXPECT_EQ(odd.peer.closed, CloseReason::kRemoteGoAway);
}

TEST(OddPeer, ManyStreamsOfUnknownProtocolsAreCounted) {
  Odd odd;
  for (int i = 0; i < 300; ++i) {
    (void)odd.peer.open("/unknown/1", {});
    odd.pump();
  }
  EXPECT_FALSE(odd.peer.closed);
  EXPECT_GE(odd.swarm.counters().streams_refused, 300U) << "while the connection is open, too";
  const auto before = odd.swarm.counters().streams_refused;
  odd.peer.connection.go_away();
  odd.pump();
  EXPECT_EQ(odd.swarm.counters().streams_refused, before);
}

gossip::SendRpc rpc(SendClass send_class, std::size_t size, std::uint64_t lifetime) {
  return {PeerRef{1}, share(Bytes(size, 1)), send_class, Millis{lifetime}};
}

TEST(RpcQueue, UrgentFirstStaleNever) {
  RpcQueue queue;
  const Millis now{1'000};
  EXPECT_EQ(queue.push(rpc(SendClass::kForward, 1, 1'000), now), RpcQueue::Push::kQueued);
  EXPECT_EQ(queue.push(rpc(SendClass::kGossip, 2, 5'000), now), RpcQueue::Push::kQueued);
  EXPECT_EQ(queue.push(rpc(SendClass::kPublish, 3, 5'000), now), RpcQueue::Push::kQueued);
  EXPECT_EQ(queue.push(rpc(SendClass::kControl, 4, 0), now), RpcQueue::Push::kQueued);
  EXPECT_EQ(queue.pop(Millis{2'000})->size(), 3U);
  EXPECT_EQ(queue.pop(Millis{2'000})->size(), 4U);
  EXPECT_EQ(queue.pop(Millis{2'000})->size(), 2U);  // the forward is too late
  EXPECT_EQ(queue.pop(Millis{2'000}), nullptr);
  EXPECT_EQ(queue.dropped(), 1U);
}

TEST(RpcQueue, BoundsByNumberAndBytes) {
  RpcQueue queue;
  const Millis now{1'000};
  for (std::size_t i = 0; i < limits::kRpcQueueMax; ++i) {
    ASSERT_EQ(queue.push(rpc(SendClass::kForward, 1, 1'000), now), RpcQueue::Push::kQueued);
    ASSERT_EQ(queue.push(rpc(SendClass::kControl, 1, 0), now), RpcQueue::Push::kQueued);
  }
  EXPECT_EQ(queue.push(rpc(SendClass::kForward, 1, 1'000), now), RpcQueue::Push::kDropped);
  EXPECT_EQ(queue.push(rpc(SendClass::kPublish, 1, 5'000), now), RpcQueue::Push::kDropped);
  EXPECT_EQ(queue.push(rpc(SendClass::kControl, 1, 0), now), RpcQueue::Push::kTooSlow);
  // Stale ones make room.
  EXPECT_EQ(queue.push(rpc(SendClass::kForward, 1, 1'000), Millis{2'000}), RpcQueue::Push::kQueued);

  RpcQueue large;
  EXPECT_EQ(large.push(rpc(SendClass::kForward, 20'000'000, 9'000), now), RpcQueue::Push::kQueued);
  EXPECT_EQ(large.push(rpc(SendClass::kForward, 1, 9'000), now), RpcQueue::Push::kDropped);
  EXPECT_EQ(large.push(rpc(SendClass::kPublish, 1, 9'000), now), RpcQueue::Push::kQueued);
}

}  // namespace
}  // namespace preconf::io::wire::test
