// Who may connect, and who is dialed when.
#include <gtest/gtest.h>

#include "io/wire/redial.hpp"
#include "tests/wire/support/fake_network.hpp"

namespace preconf::io::wire::test {
namespace {

SwarmConfig dials(std::vector<std::size_t> nodes) {
  SwarmConfig config;
  for (const std::size_t node : nodes) {
    config.static_peers.push_back(FakeNetwork::address_of(node));
  }
  return config;
}

bool connected(const FakeNode& a, const FakeNode& b) { return a.peer(b.id()) && b.peer(a.id()); }

std::size_t established(const FakeNode& node) { return node.swarm->peers().size(); }

DialError last_error(const FakeNode& node) {
  const auto failed = node.all<swarm::DialFailed>();
  return failed.empty() ? DialError{0} : failed.back()->error;
}

TEST(SwarmDial, AnotherPeerThanNamedIsRefused) {
  FakeNetwork net(1);
  FakeNode& a = net.add();
  FakeNode& b = net.add();
  FakeNode& c = net.add();
  Multiaddr address = a.address;
  address.peer = b.id();
  c.swarm->dial(address, net.now());
  net.settle(c);
  net.run(3'000);
  EXPECT_EQ(last_error(c), DialError::kWrongPeer);
  EXPECT_EQ(c.all<swarm::DialFailed>()[0]->address, address);
  EXPECT_EQ(established(a), 0U);
  EXPECT_EQ(established(c), 0U);
  address.peer = a.id();
  c.swarm->dial(address, net.now());
  net.settle(c);
  net.run(3'000);
  EXPECT_TRUE(connected(a, c));
}

TEST(SwarmDial, NobodyTalksToItself) {
  FakeNetwork net(1);
  FakeNode& a = net.add();
  a.swarm->dial(a.address, net.now());
  net.settle(a);
  net.run(3'000);
  EXPECT_EQ(established(a), 0U);
  EXPECT_EQ(a.all<swarm::DialFailed>().size(), 1U);
  EXPECT_EQ(a.closed.front().second, CloseReason::kSelf);  // by the end that finds out first
}

TEST(SwarmDial, AnAddressWithoutPortIsNotDialed) {
  FakeNetwork net(1);
  FakeNode& a = net.add();
  Multiaddr address = FakeNetwork::address_of(5);
  address.tcp_port.reset();
  a.swarm->dial(address, net.now());
  net.settle(a);
  EXPECT_EQ(last_error(a), DialError::kBadAddress);
}

TEST(SwarmDial, TheBannedStayOut) {
  FakeNetwork net(1);
  FakeNode& a = net.add();
  FakeNode& b = net.add(dials({0}));
  net.run(1'000);
  ASSERT_TRUE(connected(a, b));
  a.swarm->ban(b.id(), net.now());
  net.settle(a);
  net.run(100);
  EXPECT_EQ(a.all<swarm::PeerDisconnected>()[0]->reason, CloseReason::kBanned);
  net.run(30'000);  // b dials again, and again
  EXPECT_EQ(established(a), 0U);
  EXPECT_GT(a.swarm->counters().accepted, 2U);
  a.swarm->unban(b.id());
  EXPECT_TRUE(net.run_until([&] { return connected(a, b); }, 120'000));
}

TEST(SwarmDial, ASilentPeerHoldsItsPlaceForTenSeconds) {
  FakeNetwork net(1);
  SwarmConfig config;
  config.connections.pending_inbound = 2;
  FakeNode& a = net.add(config);
  const auto first = a.swarm->on_accepted(FakeNetwork::address_of(8), {}, net.now());
  const auto second = a.swarm->on_accepted(FakeNetwork::address_of(9), {}, net.now());
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(a.swarm->on_accepted(FakeNetwork::address_of(10), {}, net.now()));
  net.settle(a);
  net.run(9'999);
  EXPECT_TRUE(a.closed.empty());
  net.run(2);
  ASSERT_EQ(a.closed.size(), 2U);
  EXPECT_EQ(a.closed[0], std::pair(*first, CloseReason::kSetupTimeout));
  EXPECT_TRUE(a.swarm->on_accepted(FakeNetwork::address_of(10), {}, net.now()));
}

std::size_t let_in(FakeNode& node, const Multiaddr& remote, std::size_t count, Millis now) {
  std::size_t in = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (node.swarm->on_accepted(remote, {}, now)) ++in;
  }
  return in;
}

TEST(SwarmDial, OneAddressHasEightConnections) {
  FakeNetwork net(1);
  FakeNode& a = net.add();
  EXPECT_EQ(let_in(a, FakeNetwork::address_of(8), 20, net.now()), 8U);
  EXPECT_EQ(let_in(a, FakeNetwork::address_of(9), 20, net.now()), 8U);
  EXPECT_EQ(a.swarm->counters().refused(AcceptRefusal::kAddressConnections), 24U);
  net.settle(a);
  net.run(11'000);  // they were silent
  EXPECT_EQ(let_in(a, FakeNetwork::address_of(8), 20, net.now()), 8U);
}

// Thousands that say nothing: a peer that means it gets in all the same, and at once.
TEST(SwarmDial, SilentStrangersGiveWay) {
  FakeNetwork net(1);
  FakeNode& a = net.add();
  for (std::size_t i = 100; i < 150; ++i) (void)let_in(a, FakeNetwork::address_of(i), 3, net.now());
  net.settle(a);
  EXPECT_EQ(a.swarm->counters().accepted, limits::kPendingInboundMax);
  EXPECT_GT(a.swarm->counters().refused(AcceptRefusal::kPendingFull), 0U);
  net.run(2'000);
  FakeNode& b = net.add(dials({0}));
  net.run(500);
  EXPECT_TRUE(connected(a, b));
  EXPECT_EQ(a.swarm->counters().crowded_out, 1U);
  ASSERT_EQ(a.closed.size(), 1U);
  EXPECT_EQ(a.closed[0].second, CloseReason::kCrowdedOut);
}

// The address that holds most loses first.
TEST(SwarmDial, TheGreedyGiveWayFirst) {
  FakeNetwork net(1);
  SwarmConfig config;
  config.connections.pending_inbound = 4;
  FakeNode& a = net.add(config);
  const auto modest = a.swarm->on_accepted(FakeNetwork::address_of(8), {}, net.now());
  const auto greedy = a.swarm->on_accepted(FakeNetwork::address_of(9), {}, net.now());
  EXPECT_EQ(let_in(a, FakeNetwork::address_of(9), 2, net.now()), 2U);
  net.run(2'000);
  EXPECT_EQ(let_in(a, FakeNetwork::address_of(10), 1, net.now()), 1U);
  net.settle(a);
  ASSERT_EQ(a.closed.size(), 1U);
  EXPECT_EQ(a.closed[0].first, *greedy);
  EXPECT_TRUE(modest);
}

TEST(SwarmDial, AFullHouseBeginsNoHandshake) {
  FakeNetwork net(1);
  SwarmConfig config;
  config.connections.inbound = 2;
  FakeNode& a = net.add(config);
  net.add(dials({0}));
  net.add(dials({0}));
  net.run(2'000);
  ASSERT_EQ(established(a), 2U);
  const std::uint64_t before = a.swarm->counters().accepted;
  EXPECT_EQ(let_in(a, FakeNetwork::address_of(9), 50, net.now()), 0U);
  EXPECT_EQ(a.swarm->counters().refused(AcceptRefusal::kInboundFull), 50U);
  EXPECT_EQ(a.swarm->counters().accepted, before);
}

TEST(SwarmDial, AFloodOfHandshakesIsPaced) {
  FakeNetwork net(1);
  SwarmConfig config;
  config.connections.pending_inbound = 100'000;
  FakeNode& a = net.add(config);
  std::size_t next = 100;
  for (int second = 0; second < 4; ++second) {
    for (int i = 0; i < 400; ++i) (void)let_in(a, FakeNetwork::address_of(next++), 1, net.now());
    net.settle(a);
    net.run(1'000);
  }
  EXPECT_EQ(a.swarm->counters().accepted, 100U + 3 * 50U);
  EXPECT_EQ(a.swarm->counters().refused(AcceptRefusal::kRate), 1'600U - 250U);
}

TEST(SwarmDial, AnUnansweredDialTimesOut) {
  FakeNetwork net(1);
  FakeNode& a = net.add();
  net.add();
  net.blackhole(1, true);
  a.swarm->dial(FakeNetwork::address_of(1), net.now());
  net.settle(a);
  net.run(9'000);
  EXPECT_TRUE(a.all<swarm::DialFailed>().empty());
  net.run(2'000);
  EXPECT_EQ(last_error(a), DialError::kTimeout);
  EXPECT_EQ(a.closed.size(), 1U);  // the driver is told to give up
}

TEST(SwarmDial, LimitsOfAllAndOfOnePeer) {
  FakeNetwork net(1);
  SwarmConfig config;
  config.connections.inbound = 3;
  config.connections.per_peer = 2;
  FakeNode& a = net.add(config);
  FakeNode& b = net.add();
  for (int i = 0; i < 3; ++i) b.swarm->dial(a.address, net.now());
  net.settle(b);
  net.run(2'000);
  ASSERT_EQ(established(a), 1U);
  EXPECT_EQ(a.swarm->peers()[0].connections, 2U);
  FakeNode& c = net.add(dials({0}));
  FakeNode& d = net.add(dials({0}));
  net.run(2'000);
  EXPECT_EQ(established(a), 2U);
  EXPECT_NE(connected(a, c), connected(a, d));
}

TEST(SwarmDial, DialsAreBounded) {
  FakeNetwork net(1);
  SwarmConfig config;
  config.connections.pending_outbound = 2;
  FakeNode& a = net.add(config);
  for (std::size_t i = 1; i < 4; ++i) a.swarm->dial(FakeNetwork::address_of(i), net.now());
  net.settle(a);
  EXPECT_EQ(last_error(a), DialError::kTooMany);
}

TEST(SwarmDial, ASecondConnectionTakesOver) {
  FakeNetwork net(1);
  FakeNode& a = net.add();
  FakeNode& b = net.add();
  b.swarm->dial(a.address, net.now());
  b.swarm->dial(a.address, net.now());
  net.settle(b);
  net.run(2'000);
  ASSERT_EQ(b.swarm->peers()[0].connections, 2U);
  const PeerRef before = *b.peer(a.id());
  ASSERT_TRUE(net.cut_any());
  net.run(2'000);
  ASSERT_TRUE(connected(a, b));
  EXPECT_EQ(b.swarm->peers()[0].connections, 1U);
  // Depending on which one was cut the peer has a new name; then it was told.
  const bool renamed = *b.peer(a.id()) != before;
  EXPECT_EQ(b.all<swarm::PeerDisconnected>().size(), renamed ? 1U : 0U);
  EXPECT_EQ(b.all<swarm::PeerConnected>().size(), renamed ? 2U : 1U);
}

TEST(SwarmDial, StaticPeersAreFoundAgain) {
  FakeNetwork net(7);
  FakeNode& a = net.add();
  FakeNode& b = net.add(dials({0}));
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(net.run_until([&] { return connected(a, b); }, 120'000));
    net.cut(0);
    ASSERT_FALSE(connected(a, b));
  }
}

TEST(SwarmDial, RedialBacksOffWithJitter) {
  Redial redial({FakeNetwork::address_of(1)}, Millis{0});
  Prng prng(11);
  std::uint64_t now = 0;
  std::uint64_t base = 1'000;
  for (std::uint64_t i = 1; i < 12; ++i) {
    Redial::Entry* entry = redial.due(Millis{now});
    ASSERT_NE(entry, nullptr);
    entry->conn = ConnId{i};
    EXPECT_EQ(redial.due(Millis{now}), nullptr);
    EXPECT_EQ(redial.next_deadline(), Millis{UINT64_MAX});
    redial.on_ended(ConnId{i}, Millis{now}, prng);
    const std::uint64_t delay = redial.next_deadline().value - now;
    EXPECT_GE(delay, base / 2) << i;
    EXPECT_LE(delay, base + base / 2) << i;
    EXPECT_EQ(redial.due(Millis{now + delay - 1}), nullptr);
    now += delay;
    base = std::min<std::uint64_t>(2 * base, 60'000);
  }
  Redial::Entry* entry = redial.due(Millis{now});
  entry->conn = ConnId{50};
  redial.on_connected(ConnId{50}, Millis{now});
  redial.on_ended(ConnId{50}, Millis{now + 60'000}, prng);  // it lasted: as if for the first time
  EXPECT_LE(redial.next_deadline().value - now - 60'000, 1'500U);
}

TEST(SwarmDial, DelaysDiffer) {
  Prng prng(5);
  std::vector<Multiaddr> addresses;
  for (std::size_t i = 0; i < 50; ++i) addresses.push_back(FakeNetwork::address_of(i));
  Redial redial(addresses, Millis{0});
  for (std::uint64_t i = 1; i <= 50; ++i) {
    redial.due(Millis{0})->conn = ConnId{i};
    redial.on_ended(ConnId{i}, Millis{0}, prng);
  }
  std::set<Millis> times;
  for (const Redial::Entry& entry : redial.entries()) times.insert(entry.next);
  EXPECT_GT(times.size(), 40U);
}

}  // namespace
}  // namespace preconf::io::wire::test
