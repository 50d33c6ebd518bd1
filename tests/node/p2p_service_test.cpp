// The node's libp2p side against a peer on sockets of this machine: what becomes an event, and that
// each command has exactly one outcome.
#include "node/p2p/p2p_service.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>

#include "core/codec/p2p_ssz.hpp"
#include "core/crypto/hash.hpp"
#include "core/state.hpp"
#include "tests/core/vectors.hpp"
#include "tests/io/support/p2p_peer.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::node {
namespace {

namespace commands = core::commands;
namespace events = core::events;
namespace swarm = io::wire::swarm;
using core::Bytes;
using core::PeerNumber;
using core::test::filled;
using io::test::P2pPeer;

constexpr const char* kListTopic = "/taiko/167000/0/rawTxLists";

/// A service with a log of one list, and what it put into the input queue.
class P2pServiceTest : public testing::Test {
 protected:
  P2pServiceTest()
      : identity_(*io::wire::Identity::from_secret(io::wire::KeyType::kEd25519, filled<32>(77))),
        list_(tests::content_of(Bytes{0x78, 0x9c, 7})),
        inputs_([this] { wake(); }) {
    config_.listen_address = "127.0.0.1";
    config_.accepts.exempts_loopback = true;
    log_ = std::move(*storage::EventLog::open(directory_.path(), storage::OpenMode::kCreate));
    storage::EventBatch batch;
    core::Event taken;
    taken.seq = core::Seq{1};
    taken.body = events::TxListReceived{core::protocol::verify_txlist(*list_.bytes),
                                        core::protocol::kTxListVerifierVersion};
    batch.events.push_back(std::move(taken));
    batch.contents.push_back(list_);
    const storage::EventBatch* const batches[] = {&batch};
    EXPECT_TRUE(log_->append(batches, {}, true));
  }

  void start() {
    service_ = std::make_unique<P2pService>(
        config_, identity_,
        P2pService::Parts{inputs_, *log_, metrics_,
                          core::protocol::permissionless_network(filled<20>(9))},
        core::State{});
    const auto address = service_->start();
    ASSERT_TRUE(address);
    address_ = *io::wire::parse_multiaddr(*address);
  }

  /// The next event of this kind; those of other kinds before it stay for their own waits.
  template <class Body>
  Body wait_for() {
    std::unique_lock lock(mutex_);
    std::optional<Body> found;
    const bool in_time = changed_.wait_for(lock, std::chrono::seconds(20), [&] {
      std::vector<Input> more;
      inputs_.take(1'000, 1U << 20, more);
      for (Input& input : more) {
        sources_.push_back(input.source);
        waiting_.push_back(std::move(input.body));
      }
      for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
        if (!std::holds_alternative<Body>(*it)) continue;
        found = std::get<Body>(*it);
        waiting_.erase(it);
        return true;
      }
      return false;
    });
    EXPECT_TRUE(in_time) << "no event of the kind";
    if (!found) std::abort();
    return *found;
  }
  void execute(core::CommandBody body) {
    last_ = {core::Seq{5}, last_.ordinal + 1};
    service_->execute(core::Command{last_, 0, std::move(body)});
  }
  events::PeerFailureKind failure() {
    const auto answered = wait_for<events::PeerAnswered>();
    EXPECT_EQ(answered.command, last_);
    const auto* failed = std::get_if<events::PeerFailed>(&answered.result);
    EXPECT_NE(failed, nullptr);
    return failed == nullptr ? events::PeerFailureKind{99} : failed->kind;
  }
  events::PublishResult published() {
    const auto event = wait_for<events::Published>();
    EXPECT_EQ(event.command, last_);
    return event.result;
  }

  tests::TemporaryDirectory directory_;
  io::wire::Identity identity_;
  storage::Content list_;
  P2pConfig config_;
  std::unique_ptr<storage::EventLog> log_;
  io::Metrics metrics_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<core::EventBody> waiting_;
  std::vector<core::SourceKind> sources_;
  InputQueue inputs_;
  core::CommandId last_;
  io::wire::Multiaddr address_;
  std::unique_ptr<P2pService> service_;

 private:
  void wake() {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
};

TEST_F(P2pServiceTest, StartsWithItsOwnName) {
  start();
  const auto started = wait_for<events::NetworkStarted>();
  EXPECT_TRUE(std::ranges::equal(started.peer_id, identity_.peer_id().view()));
  EXPECT_TRUE(started.address.starts_with("/ip4/127.0.0.1/tcp/")) << started.address;
  EXPECT_EQ(address_.peer, identity_.peer_id());
}

TEST_F(P2pServiceTest, PeersComeAndGoAsEvents) {
  start();
  PeerNumber number;
  {
    P2pPeer peer({.seed = 1, .dial = {address_}});
    const auto connected = wait_for<events::PeerConnected>();
    number = connected.peer;
    EXPECT_TRUE(std::ranges::equal(connected.peer_id, peer.identity().peer_id().view()));
    EXPECT_EQ(connected.direction, events::Direction::kInbound);
    EXPECT_FALSE(connected.is_static);
  }
  EXPECT_EQ(wait_for<events::PeerDisconnected>().peer, number);
}

// A static peer of the operator is never banned; a bootnode, dialed as well, can be.
TEST_F(P2pServiceTest, OnlyWhomTheOperatorNamedIsStatic) {
  P2pPeer named({.seed = 1});
  P2pPeer boot({.seed = 2});
  io::wire::Multiaddr without_id = named.address();
  without_id.peer = {};
  config_.static_peers = {without_id};
  config_.bootnodes = {boot.address()};
  start();
  for (int i = 0; i < 2; ++i) {
    const auto connected = wait_for<events::PeerConnected>();
    EXPECT_EQ(connected.direction, events::Direction::kOutbound);
    const bool is_named = std::ranges::equal(connected.peer_id, named.identity().peer_id().view());
    EXPECT_EQ(connected.is_static, is_named);
  }
}

TEST(IsStaticPeer, ByTheIdItNamesWhoeverDialed) {
  P2pConfig config;
  const auto identity =
      *io::wire::Identity::from_secret(io::wire::KeyType::kEd25519, filled<32>(1));
  swarm::PeerConnected connected;
  connected.id = identity.peer_id();
  connected.direction = io::wire::Direction::kInbound;
  EXPECT_FALSE(is_static_peer(config, connected));
  config.static_peers = {*io::wire::parse_multiaddr("/ip4/1.2.3.4/tcp/9000")};
  EXPECT_FALSE(is_static_peer(config, connected)) << "an address that nobody dialed names nobody";
  config.static_peers[0].peer = identity.peer_id();
  EXPECT_TRUE(is_static_peer(config, connected));
}

TEST_F(P2pServiceTest, ABannedPeerIsCutAndStaysOut) {
  start();
  P2pPeer peer({.seed = 1, .dial = {address_}});
  const auto connected = wait_for<events::PeerConnected>();
  (void)peer.wait_for<swarm::PeerConnected>();
  execute(commands::BanPeer{connected.peer, connected.peer_id, core::UnixSeconds{UINT64_MAX},
                            core::Reason::kPeerScore});
  const auto gone = wait_for<events::PeerDisconnected>();
  EXPECT_EQ(gone.reason, events::DisconnectReason::kBanned);
  (void)peer.wait_for<swarm::PeerDisconnected>();
  // It dials again, and is cut before a connection stands.
  (void)peer.wait_for<swarm::DialFailed>();
  EXPECT_TRUE(service_->info().peers.empty());
}

TEST_F(P2pServiceTest, DisconnectingIsNoBan) {
  start();
  P2pPeer peer({.seed = 1, .dial = {address_}});
  const auto first = wait_for<events::PeerConnected>();
  execute(commands::DisconnectPeer{first.peer, core::Reason::kNone});
  EXPECT_EQ(wait_for<events::PeerDisconnected>().peer, first.peer);
  const auto again = wait_for<events::PeerConnected>();
  EXPECT_EQ(again.peer_id, first.peer_id);
  EXPECT_NE(again.peer, first.peer) << "names are not used twice";
}

TEST_F(P2pServiceTest, ARequestToNobodyFailsOnce) {
  start();
  execute(commands::RequestHead{PeerNumber{9}});
  EXPECT_EQ(failure(), events::PeerFailureKind::kNotConnected);
}

TEST_F(P2pServiceTest, AHeadThatAPeerReports) {
  start();
  P2pPeer peer({.seed = 1, .dial = {address_}});
  const auto connected = wait_for<events::PeerConnected>();
  execute(commands::RequestHead{connected.peer});
  const auto asked = peer.wait_for<swarm::InboundRequest>();
  EXPECT_EQ(asked.protocol, io::wire::ExchangeProtocol::kGetHead);
  const auto head =
      core::codec::encode_preconf_head({core::U256::from_u64(7), core::U256::from_u64(9)});
  peer.respond(asked.request, Bytes(head.bytes.begin(), head.bytes.end()));
  const auto answered = wait_for<events::PeerAnswered>();
  EXPECT_EQ(answered.command, last_);
  const auto* reported = std::get_if<events::HeadReported>(&answered.result);
  ASSERT_NE(reported, nullptr);
  EXPECT_EQ(reported->number, core::BlockNumber{7});
  EXPECT_EQ(reported->window_end, core::UnixSeconds{9});
}

TEST_F(P2pServiceTest, AMalformedAnswerIsAFailureByName) {
  start();
  P2pPeer peer({.seed = 1, .dial = {address_}});
  const auto connected = wait_for<events::PeerConnected>();
  execute(commands::RequestHead{connected.peer});
  peer.respond(peer.wait_for<swarm::InboundRequest>().request, Bytes(63, 0));
  EXPECT_EQ(failure(), events::PeerFailureKind::kMalformed);
}

TEST_F(P2pServiceTest, AListArrivesBeforeTheAnswerThatBroughtIt) {
  start();
  P2pPeer peer({.seed = 1, .dial = {address_}});
  const auto connected = wait_for<events::PeerConnected>();
  const Bytes list{0x78, 0x9c, 3, 0};
  const core::Hash32 hash = core::crypto::keccak256(list);
  execute(commands::RequestTxList{connected.peer, hash});
  const auto asked = peer.wait_for<swarm::InboundRequest>();
  EXPECT_TRUE(std::ranges::equal(asked.body, hash.view()));
  peer.respond(asked.request, core::codec::encode_raw_tx_list({hash, list}));
  const auto answered = wait_for<events::PeerAnswered>();
  const auto* delivered = std::get_if<events::TxListDelivered>(&answered.result);
  ASSERT_NE(delivered, nullptr);
  EXPECT_EQ(delivered->hash, hash);
  ASSERT_FALSE(waiting_.empty());
  const auto* received = std::get_if<events::TxListReceived>(&waiting_.back());
  ASSERT_NE(received, nullptr) << "it stands before the answer";
  EXPECT_EQ(received->facts.hash, hash);
}

TEST_F(P2pServiceTest, ARequestEndsWithItsPeer) {
  start();
  auto peer = std::make_unique<P2pPeer>(P2pPeer::Options{.seed = 1, .dial = {address_}});
  const auto connected = wait_for<events::PeerConnected>();
  execute(commands::RequestHead{connected.peer});
  (void)peer->wait_for<swarm::InboundRequest>();
  peer.reset();
  EXPECT_EQ(failure(), events::PeerFailureKind::kConnectionLost);
}

TEST_F(P2pServiceTest, PublishingToNobodyIsAnOutcome) {
  start();
  execute(commands::PublishTxList{{list_.hash, 3}});
  EXPECT_EQ(published(), events::PublishResult::kNoPeers);
}

TEST_F(P2pServiceTest, WhatTheStoreLacksIsNotPublished) {
  start();
  execute(commands::PublishTxList{{filled<32>(5), 3}});
  EXPECT_EQ(published(), events::PublishResult::kContentMissing);
  execute(commands::PublishCommitment{core::Seq{1}, filled<32>(5)});  // event 1 is a list
  EXPECT_EQ(published(), events::PublishResult::kContentMissing);
}

TEST_F(P2pServiceTest, AListIsPublishedOnceAndAsItIs) {
  start();
  P2pPeer peer({.seed = 1, .dial = {address_}});
  (void)wait_for<events::PeerConnected>();
  // Its subscription has no event of its own: what it publishes comes behind it.
  peer.publish_until_sent(kListTopic, Bytes(40, 1));
  events::PublishResult result{};
  do {
    execute(commands::PublishTxList{{list_.hash, 3}});
    result = published();
  } while (result == events::PublishResult::kNoPeers);
  EXPECT_EQ(result, events::PublishResult::kSent);
  const auto delivered = peer.wait_for<io::wire::gossip::Deliver>();
  EXPECT_TRUE(std::ranges::equal(delivered.message->data,
                                 core::codec::encode_raw_tx_list({list_.hash, *list_.bytes})));
  execute(commands::PublishTxList{{list_.hash, 3}});
  EXPECT_EQ(published(), events::PublishResult::kDuplicate);
}

// Bytes that are no list are refused by themselves: no event, one sum when the peer leaves.
TEST_F(P2pServiceTest, GarbageIsSummedUpAndNeverAnEvent) {
  start();
  PeerNumber number;
  {
    P2pPeer peer({.seed = 1, .dial = {address_}});
    number = wait_for<events::PeerConnected>().peer;
    peer.publish_until_sent(kListTopic, Bytes(40, 1));
    // The answer to a request that was sent after it shows that it was worked off: one worker.
    const auto self = peer.wait_for<swarm::PeerConnected>();
    peer.request(self.peer, io::wire::ExchangeProtocol::kGetRawTxList, Bytes(32, 5));
    (void)peer.wait_for<swarm::Response>();
  }
  const auto reported = wait_for<events::PeerReported>();
  EXPECT_EQ(reported.peer, number);
  const auto undecodable = std::ranges::find(
      reported.counts, events::PeerConduct::kGossipUndecodable, &events::ConductCount::conduct);
  ASSERT_NE(undecodable, reported.counts.end());
  EXPECT_EQ(undecodable->count, 1U);
  for (const auto& body : waiting_) {
    EXPECT_FALSE(std::holds_alternative<events::TxListReceived>(body));
  }
}

TEST_F(P2pServiceTest, ItsMetricsNameWhyConnectionsWereRefused) {
  start();
  const std::string text = metrics_.text();
  for (const char* reason : {"shutdown", "inbound_full", "address_connections", "address_rate",
                             "rate", "pending_full"}) {
    const std::string line = "p2p_accept_refused_total{reason=\"" + std::string(reason) + "\"} 0";
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  EXPECT_NE(text.find("p2p_peers_graylisted 0"), std::string::npos);
}

}  // namespace
}  // namespace preconf::node
