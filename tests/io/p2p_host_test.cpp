// The peer-to-peer host over real sockets of this machine.
#include "io/p2p/p2p_host.hpp"

#include <gtest/gtest.h>

#include "tests/core/vectors.hpp"
#include "tests/io/support/p2p_peer.hpp"

namespace preconf::io {
namespace {

using test::P2pPeer;
using wire::ExchangeProtocol;
using wire::KeyType;

constexpr const char* kTopic = "/taiko/167000/0/rawTxLists";

TEST(P2pHost, TwoHostsMeetWhoeverDials) {
  for (const KeyType listener_key : {KeyType::kEd25519, KeyType::kSecp256k1}) {
    P2pPeer listener({.seed = 1, .key = listener_key});
    P2pPeer dialer({.seed = 2, .key = KeyType::kEd25519, .dial = {listener.address()}});
    const auto at_dialer = dialer.wait_for<wire::swarm::PeerConnected>();
    const auto at_listener = listener.wait_for<wire::swarm::PeerConnected>();
    EXPECT_EQ(at_dialer.id, listener.identity().peer_id());
    EXPECT_EQ(at_listener.id, dialer.identity().peer_id());
    EXPECT_EQ(at_dialer.direction, wire::Direction::kOutbound);
    EXPECT_EQ(at_listener.direction, wire::Direction::kInbound);
    EXPECT_EQ(wire::to_text(at_dialer.address), wire::to_text(listener.address()));
    EXPECT_EQ(dialer.wait_for<wire::swarm::PeerIdentified>().identify.public_key,
              listener.identity().public_key());
  }
}

TEST(P2pHost, NamesAreResolvedToTheirFamily) {
  P2pPeer listener({.seed = 1});
  wire::Multiaddr name = *wire::parse_multiaddr("/dns4/localhost/tcp/1");
  name.tcp_port = listener.address().tcp_port;
  name.peer = listener.identity().peer_id();
  P2pPeer dialer({.seed = 2, .dial = {name}});
  EXPECT_EQ(wire::host_text(dialer.wait_for<wire::swarm::PeerConnected>().address), "127.0.0.1");
}

TEST(P2pHost, DialsFailByName) {
  std::uint16_t closed_port = 0;
  wire::PeerId another;
  {
    P2pPeer gone({.seed = 3});
    closed_port = *gone.address().tcp_port;
    another = gone.identity().peer_id();
  }
  P2pPeer listener({.seed = 1});
  P2pPeer dialer({.seed = 2});
  wire::Multiaddr refused = *wire::parse_multiaddr("/ip4/127.0.0.1/tcp/1");
  refused.tcp_port = closed_port;
  wire::Multiaddr wrong = listener.address();
  wrong.peer = another;
  const std::pair<wire::Multiaddr, wire::DialError> dials[] = {
      {refused, wire::DialError::kRefused},
      {*wire::parse_multiaddr("/dns4/name.invalid/tcp/1"), wire::DialError::kResolve},
      {*wire::parse_multiaddr("/dnsaddr/localhost/tcp/1"), wire::DialError::kBadAddress},
      {wrong, wire::DialError::kWrongPeer}};
  for (const auto& [address, error] : dials) {
    dialer.dial(address);
    EXPECT_EQ(dialer.wait_for<wire::swarm::DialFailed>().error, error) << wire::to_text(address);
  }
}

TEST(P2pHost, GossipOfEverySizeArrives) {
  P2pPeer listener({.seed = 1});
  P2pPeer dialer({.seed = 2, .dial = {listener.address()}});
  (void)dialer.wait_for<wire::swarm::PeerConnected>();
  std::uint8_t fill = 0;
  for (const std::size_t size : {1U, 382U, 65'536U, 2'097'152U}) {
    const core::Bytes data(size, ++fill);
    dialer.publish_until_sent(kTopic, data);
    const auto delivered = listener.wait_for<wire::gossip::Deliver>();
    EXPECT_TRUE(std::ranges::equal(delivered.message->data, data)) << size;
    EXPECT_EQ(delivered.message->author, dialer.identity().peer_id());
  }
}

TEST(P2pHost, ExchangesInBothDirections) {
  P2pPeer listener({.seed = 1});
  P2pPeer dialer({.seed = 2, .dial = {listener.address()}});
  const auto at_dialer = dialer.wait_for<wire::swarm::PeerConnected>();
  const auto at_listener = listener.wait_for<wire::swarm::PeerConnected>();
  for (auto [asker, peer, server] : {std::tuple{&dialer, at_dialer.peer, &listener},
                                     std::tuple{&listener, at_listener.peer, &dialer}}) {
    const core::Bytes body(1'500'000, 9);
    asker->request(peer, ExchangeProtocol::kGetRawTxList, core::Bytes(32, 7));
    const auto asked = server->wait_for<wire::swarm::InboundRequest>();
    EXPECT_EQ(asked.body, core::Bytes(32, 7));
    server->respond(asked.request, body);
    const auto response = asker->wait_for<wire::swarm::Response>();
    ASSERT_TRUE(response.body);
    EXPECT_EQ(*response.body, body);
  }
}

TEST(P2pHost, AConnectionThatEndsIsReported) {
  P2pPeer listener({.seed = 1});
  {
    P2pPeer dialer({.seed = 2, .dial = {listener.address()}});
    (void)listener.wait_for<wire::swarm::PeerConnected>();
  }
  (void)listener.wait_for<wire::swarm::PeerDisconnected>();
}

TEST(P2pHost, ShutdownSaysGoodbye) {
  P2pPeer listener({.seed = 1});
  P2pPeer dialer({.seed = 2, .dial = {listener.address()}});
  (void)listener.wait_for<wire::swarm::PeerConnected>();
  (void)dialer.wait_for<wire::swarm::PeerConnected>();
  EXPECT_TRUE(dialer.shut_down());
  EXPECT_EQ(listener.wait_for<wire::swarm::PeerDisconnected>().reason,
            wire::CloseReason::kRemoteGoAway);
}

TEST(P2pHost, GarbageAndSilenceHurtNobody) {
  P2pPeer listener({.seed = 1});
  std::vector<test::RawPeer> strangers;
  for (int i = 0; i < 20; ++i) strangers.emplace_back(*listener.address().tcp_port);
  for (std::size_t i = 0; i < strangers.size(); i += 2) {
    strangers[i].send(core::Bytes(1 + 997 * i, static_cast<std::uint8_t>(i)));
  }
  // Zero is no length of multistream: those are turned away at once.
  EXPECT_TRUE(strangers[0].is_closed_by_peer());
  P2pPeer dialer({.seed = 2, .dial = {listener.address()}});
  EXPECT_EQ(listener.wait_for<wire::swarm::PeerConnected>().id, dialer.identity().peer_id());
}

TEST(P2pHost, AnAddressInUseIsNamed) {
  P2pPeer listener({.seed = 1});
  EventLoop loop;
  P2pHostOptions options;
  options.listen_address = "127.0.0.1";
  options.listen_port = *listener.address().tcp_port;
  const auto identity = wire::Identity::from_secret(KeyType::kEd25519, core::Hash32{}).value();
  P2pHost second(loop, options, identity, [](wire::SwarmAction) {});
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().find("can not listen on 127.0.0.1"), std::string::npos);
}

}  // namespace
}  // namespace preconf::io
