// Few swarms and everything that they do for each other.
#include <gtest/gtest.h>

#include "tests/wire/support/fake_network.hpp"

namespace preconf::io::wire::test {
namespace {

const Topic kTopic = "/taiko/167000/0/preconfirmationCommitments";

SwarmConfig dials(std::vector<std::size_t> nodes) {
  SwarmConfig config;
  config.topics = {kTopic};
  for (const std::size_t node : nodes) {
    config.static_peers.push_back(FakeNetwork::address_of(node));
  }
  return config;
}

bool connected(const FakeNode& a, const FakeNode& b) { return a.peer(b.id()) && b.peer(a.id()); }

/// Node 1 dials node 0, and both know each other.
struct TwoNodes : FakeNetwork {
  explicit TwoNodes(std::uint64_t seed = 1, NetworkTraits traits = {}) : FakeNetwork(seed, traits) {
    add(dials({}));
    add(dials({0}));
    EXPECT_TRUE(run_until([this] { return connected(a(), b()); }, 5'000));
  }
  FakeNode& a() { return (*this)[0]; }
  FakeNode& b() { return (*this)[1]; }
  RequestRef ask(FakeNode& from, FakeNode& to, ExchangeProtocol protocol, const Bytes& body) {
    const RequestRef ref = from.swarm->request(*from.peer(to.id()), protocol, body, now());
    settle(from);
    return ref;
  }
};

/// Answers every request with what it was asked, `times` over.
void echo(FakeNode& node, const SwarmAction& action, const FakeNetwork& network,
          std::size_t times) {
  const auto* request = std::get_if<swarm::InboundRequest>(&action);
  if (request == nullptr) return;
  Bytes answer;
  for (std::size_t i = 0; i < times; ++i) {
    answer.insert(answer.end(), request->body.begin(), request->body.end());
  }
  node.swarm->respond(request->request, answer, network.now());
}

TEST(Swarm, PeersMeetAndIdentifyThemselves) {
  TwoNodes net;
  ASSERT_TRUE(net.run_until(
      [&] {
        return !net.a().all<swarm::PeerIdentified>().empty() &&
               !net.b().all<swarm::PeerIdentified>().empty();
      },
      5'000));
  const auto met = net.a().all<swarm::PeerConnected>();
  ASSERT_EQ(met.size(), 1U);
  EXPECT_EQ(met[0]->id, net.b().id());
  EXPECT_EQ(met[0]->direction, Direction::kInbound);
  EXPECT_EQ(net.b().all<swarm::PeerConnected>()[0]->direction, Direction::kOutbound);
  const Identify& said = net.b().all<swarm::PeerIdentified>()[0]->identify;
  EXPECT_EQ(said.public_key, net.a().identity.public_key());
  EXPECT_EQ(said.listen_addresses, std::vector<Multiaddr>{net.a().address});
  EXPECT_EQ(said.observed_address, net.b().address);
  EXPECT_EQ(said.protocols.size(), 10U);
  EXPECT_EQ(said.protocol_version, "preconf-p2p/0.1");
}

TEST(Swarm, BothKeyTypesMeet) {
  FakeNetwork net(3);
  FakeNode& a = net.add(dials({}), KeyType::kSecp256k1);
  FakeNode& b = net.add(dials({0}));
  EXPECT_TRUE(net.run_until([&] { return connected(a, b); }, 5'000));
}

TEST(Swarm, NewAddressesArePushed) {
  TwoNodes net;
  net.run(1'000);
  net.a().swarm->set_listen_addresses({FakeNetwork::address_of(77)}, net.now());
  net.settle(net.a());
  net.run(1'000);
  const auto told = net.b().all<swarm::PeerIdentified>();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[1]->identify.listen_addresses[0], FakeNetwork::address_of(77));
}

TEST(Swarm, PingsMeasureTheWay) {
  NetworkTraits traits;
  traits.delay_min_ms = traits.delay_max_ms = 50;
  TwoNodes net(1, traits);
  net.run(20'000);
  ASSERT_TRUE(net.a().swarm->peers()[0].round_trip);
  EXPECT_GE(net.a().swarm->peers()[0].round_trip->value, 100U);
  EXPECT_LE(net.a().swarm->peers()[0].round_trip->value, 110U);
}

TEST(Swarm, AMessageIsPublishedJudgedAndSeen) {
  TwoNodes net;
  net.run(7'000);
  const auto published = net.a().swarm->publish(kTopic, Bytes{1, 2, 3}, net.now());
  net.settle(net.a());
  ASSERT_TRUE(published);
  EXPECT_EQ(published->peers, 1U);
  ASSERT_TRUE(net.run_until([&] { return !net.b().all<gossip::Deliver>().empty(); }, 2'000));
  const GossipMessage& message = *net.b().all<gossip::Deliver>()[0]->message;
  EXPECT_EQ(message.id, published->id);
  EXPECT_EQ(message.author, net.a().id());
  EXPECT_TRUE(std::ranges::equal(message.data, Bytes{1, 2, 3}));
  net.b().swarm->report_validation(message.id, Verdict::kAccept, net.now());
  net.settle(net.b());
}

TEST(Swarm, RequestsAreAnswered) {
  TwoNodes net;
  net.a().application = [&](FakeNode& node, const SwarmAction& action) {
    echo(node, action, net, 16);
  };
  net.ask(net.b(), net.a(), ExchangeProtocol::kGetHead, Bytes{4, 0, 0, 0});
  net.ask(net.b(), net.a(), ExchangeProtocol::kGetCommitmentsByNumber, Bytes(36, 1));
  net.ask(net.b(), net.a(), ExchangeProtocol::kGetRawTxList, Bytes(32, 2));
  ASSERT_TRUE(net.run_until([&] { return net.b().all<swarm::Response>().size() == 3; }, 2'000));
  for (const auto* response : net.b().all<swarm::Response>()) {
    ASSERT_TRUE(response->body) << name_of(response->protocol);
    const std::size_t sizes[] = {4 * 16, 36 * 16, 32 * 16};
    EXPECT_EQ(response->body->size(), sizes[static_cast<std::size_t>(response->protocol)]);
  }
}

TEST(Swarm, TheLargestListComesThrough) {
  NetworkTraits traits;
  traits.piece_bytes_max = 60'000;
  TwoNodes net(5, traits);
  const Bytes list(2'097'188, 0x5a);
  net.a().application = [&](FakeNode& node, const SwarmAction& action) {
    if (const auto* request = std::get_if<swarm::InboundRequest>(&action)) {
      node.swarm->respond(request->request, list, net.now());
    }
  };
  net.ask(net.b(), net.a(), ExchangeProtocol::kGetRawTxList, Bytes(32, 2));
  ASSERT_TRUE(net.run_until([&] { return !net.b().all<swarm::Response>().empty(); }, 9'000));
  EXPECT_EQ(*net.b().all<swarm::Response>()[0]->body, list);
}

ExchangeFailure only_failure(const FakeNode& node) {
  const auto responses = node.all<swarm::Response>();
  EXPECT_EQ(responses.size(), 1U);
  if (responses.size() != 1 || responses[0]->body) return ExchangeFailure{0};
  return responses[0]->body.error();
}

TEST(Swarm, AnUnansweredRequestTimesOutOnBothSides) {
  TwoNodes net;
  net.ask(net.b(), net.a(), ExchangeProtocol::kGetHead, Bytes{4, 0, 0, 0});
  const Millis asked = net.now();
  ASSERT_TRUE(net.run_until([&] { return !net.b().all<swarm::Response>().empty(); }, 11'000));
  EXPECT_EQ(only_failure(net.b()), ExchangeFailure::kTimeout);
  EXPECT_EQ(net.now().value - asked.value, 10'000U);
  net.run(1'000);
  const auto failed = net.a().all<swarm::InboundFailed>();
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0]->request, net.a().all<swarm::InboundRequest>()[0]->request);
  net.a().swarm->respond(failed[0]->request, Bytes(64), net.now());  // too late, no harm
  net.run(1'000);
  EXPECT_TRUE(connected(net.a(), net.b()));
}

TEST(Swarm, ARefusedRequestFailsAtOnce) {
  TwoNodes net;
  net.a().application = [&](FakeNode& node, const SwarmAction& action) {
    if (const auto* request = std::get_if<swarm::InboundRequest>(&action)) {
      node.swarm->refuse(request->request, net.now());
    }
  };
  net.ask(net.b(), net.a(), ExchangeProtocol::kGetHead, Bytes{});
  net.run(1'000);
  EXPECT_EQ(only_failure(net.b()), ExchangeFailure::kReset);
}

TEST(Swarm, ALargeRequestIsNotSent) {
  TwoNodes net;
  net.ask(net.b(), net.a(), ExchangeProtocol::kGetHead, Bytes(129));
  EXPECT_EQ(only_failure(net.b()), ExchangeFailure::kRequestTooLarge);
}

TEST(Swarm, RequestsToNobodyFail) {
  TwoNodes net;
  (void)net.b().swarm->request(PeerRef{99}, ExchangeProtocol::kGetHead, Bytes(4), net.now());
  net.settle(net.b());
  EXPECT_EQ(only_failure(net.b()), ExchangeFailure::kNotConnected);
}

TEST(Swarm, OurOwnRequestsAreBounded) {
  TwoNodes net;
  for (std::size_t i = 0; i < limits::kOutboundExchangesMax; ++i) {
    net.ask(net.b(), net.a(), ExchangeProtocol::kGetHead, Bytes(4));
  }
  EXPECT_TRUE(net.b().all<swarm::Response>().empty());
  net.ask(net.b(), net.a(), ExchangeProtocol::kGetHead, Bytes(4));
  EXPECT_EQ(only_failure(net.b()), ExchangeFailure::kTooMany);
}

TEST(Swarm, FewRequestsAreServedAtATimeAndAllInTheEnd) {
  TwoNodes net;
  std::deque<InboundRef> open;
  std::size_t most = 0;
  net.a().application = [&](FakeNode&, const SwarmAction& action) {
    if (const auto* request = std::get_if<swarm::InboundRequest>(&action)) {
      open.push_back(request->request);
      most = std::max(most, open.size());
    }
  };
  for (int i = 0; i < 12; ++i) {
    net.ask(net.b(), net.a(), ExchangeProtocol::kGetHead, Bytes{4, 0, 0, 0});
  }
  for (int i = 0; i < 40 && net.b().all<swarm::Response>().size() < 12; ++i) {
    net.run(200);
    if (open.empty()) continue;
    net.a().swarm->respond(open.front(), Bytes(64), net.now());
    open.pop_front();
    net.settle(net.a());
  }
  EXPECT_EQ(most, limits::kServedPerConnectionMax);
  ASSERT_EQ(net.b().all<swarm::Response>().size(), 12U);
  for (const auto* response : net.b().all<swarm::Response>()) EXPECT_TRUE(response->body);
}

TEST(Swarm, ALostConnectionFailsItsRequestsFirst) {
  TwoNodes net;
  net.ask(net.b(), net.a(), ExchangeProtocol::kGetHead, Bytes{4, 0, 0, 0});
  net.run(100);
  net.b().told.clear();
  net.cut(1);
  ASSERT_GE(net.b().told.size(), 2U);
  const auto* response = std::get_if<swarm::Response>(&net.b().told[0]);
  ASSERT_NE(response, nullptr);
  EXPECT_EQ(response->body.error(), ExchangeFailure::kConnectionClosed);
  EXPECT_TRUE(std::holds_alternative<swarm::PeerDisconnected>(net.b().told[1]));
  EXPECT_EQ(net.a().all<swarm::InboundFailed>().size(), 1U);
}

TEST(Swarm, DisconnectingWaitsForExchanges) {
  TwoNodes net;
  net.ask(net.b(), net.a(), ExchangeProtocol::kGetHead, Bytes{4, 0, 0, 0});
  net.run(100);
  const InboundRef request = net.a().all<swarm::InboundRequest>()[0]->request;
  net.a().swarm->disconnect(*net.a().peer(net.b().id()), net.now());
  net.settle(net.a());
  net.run(3'000);
  EXPECT_TRUE(net.a().peer(net.b().id()));  // still there
  net.a().swarm->respond(request, Bytes(64), net.now());
  net.settle(net.a());
  ASSERT_TRUE(
      net.run_until([&] { return !net.a().all<swarm::PeerDisconnected>().empty(); }, 3'000));
  ASSERT_EQ(net.b().all<swarm::Response>().size(), 1U);
  EXPECT_TRUE(net.b().all<swarm::Response>()[0]->body);
  EXPECT_EQ(net.a().all<swarm::PeerDisconnected>()[0]->reason, CloseReason::kDisconnected);
  net.run(200);
  ASSERT_FALSE(net.b().all<swarm::PeerDisconnected>().empty());
  EXPECT_EQ(net.b().all<swarm::PeerDisconnected>()[0]->reason, CloseReason::kRemoteGoAway);
}

TEST(Swarm, ShutdownIsFinalAndDrains) {
  TwoNodes net;
  net.ask(net.b(), net.a(), ExchangeProtocol::kGetHead, Bytes{4, 0, 0, 0});
  net.run(100);
  net.a().swarm->shutdown(net.now());
  net.settle(net.a());
  EXPECT_FALSE(net.a().swarm->is_down());
  EXPECT_TRUE(net.run_until([&] { return net.a().swarm->is_down(); }, 16'000));
  net.run(20'000);
  EXPECT_FALSE(connected(net.a(), net.b()));  // b dials, a does not accept
  EXPECT_GT(net.a().swarm->counters().refused(AcceptRefusal::kShutdown), 0U);
}

}  // namespace
}  // namespace preconf::io::wire::test
