// Who may begin a handshake: rates and numbers, by address.
#include "io/wire/accept_gate.hpp"

#include <gtest/gtest.h>

namespace preconf::io::wire {
namespace {

using core::Millis;

constexpr std::uint64_t kStart = 1'000'000;

Multiaddr at(const std::string& ip) {
  return *parse_multiaddr((ip.find(':') == std::string::npos ? "/ip4/" : "/ip6/") + ip + "/tcp/1");
}

/// A different address for each number.
Multiaddr stranger(std::uint32_t n) {
  Multiaddr out;
  out.ip = {10, static_cast<std::uint8_t>(n >> 16), static_cast<std::uint8_t>(n >> 8),
            static_cast<std::uint8_t>(n)};
  return out;
}

/// As many as are let in at `now`, of `count` that try.
std::size_t let_in(AcceptGate& gate, const Multiaddr& remote, std::uint64_t now,
                   std::size_t count = 1'000) {
  std::size_t in = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (gate.check(remote, 0, Millis{now})) continue;
    gate.take(remote, Millis{now});
    ++in;
  }
  return in;
}

TEST(AcceptGate, AnAddressHasABurstAndThenItsRate) {
  AcceptGate gate({});
  const Multiaddr one = at("1.2.3.4");
  EXPECT_EQ(let_in(gate, one, kStart), 10U);
  EXPECT_EQ(gate.check(one, 0, Millis{kStart}), AcceptRefusal::kAddressRate);
  EXPECT_EQ(gate.check(at("1.2.3.5"), 0, Millis{kStart}), std::nullopt);
  EXPECT_EQ(let_in(gate, one, kStart + 499), 0U);
  EXPECT_EQ(let_in(gate, one, kStart + 500), 1U);
  EXPECT_EQ(let_in(gate, one, kStart + 10'500), 10U) << "full again, and no fuller";
}

TEST(AcceptGate, AllTogetherHaveABurstAndThenTheirRate) {
  AcceptGate gate({});
  std::size_t in = 0;
  for (std::uint32_t n = 0; n < 5'000; ++n) in += let_in(gate, stranger(n), kStart, 1);
  EXPECT_EQ(in, 100U);
  EXPECT_EQ(gate.check(stranger(9'999), 0, Millis{kStart}), AcceptRefusal::kRate);
  for (std::uint32_t n = 0; n < 100'000; ++n) {
    in += let_in(gate, stranger(n), kStart + n / 10, 1);  // ten seconds
  }
  EXPECT_EQ(in, 100U + 499U);
}

TEST(AcceptGate, TheRefusedCostNobodyATokenNorMemory) {
  AcceptGate gate({});
  for (std::uint32_t n = 0; n < 200; ++n) (void)let_in(gate, stranger(n), kStart, 1);
  EXPECT_EQ(gate.size(), 100U);
  EXPECT_EQ(let_in(gate, at("1.2.3.4"), kStart + 2'000), 10U);
}

TEST(AcceptGate, NumbersAreByAddress) {
  const AcceptGate gate({});
  EXPECT_EQ(gate.check(at("1.2.3.4"), 7, Millis{kStart}), std::nullopt);
  EXPECT_EQ(gate.check(at("1.2.3.4"), 8, Millis{kStart}), AcceptRefusal::kAddressConnections);
}

TEST(AcceptGate, Ip6IsLimitedByTheNetworkOfASubscriber) {
  AcceptGate gate({});
  EXPECT_EQ(group_of(at("2001:db8:1:200::1")), group_of(at("2001:db8:1:2ff:5:6:7:8")));
  EXPECT_NE(group_of(at("2001:db8:1:200::1")), group_of(at("2001:db8:1:300::1")));
  EXPECT_NE(group_of(at("1.2.3.4")), group_of(at("102:304::")));
  std::size_t in = 0;
  for (int n = 0; n < 100; ++n) {
    in += let_in(gate, at("2001:db8:1:200::" + std::to_string(n)), kStart, 1);
  }
  EXPECT_EQ(in, 10U);
}

TEST(AcceptGate, LoopbackIsNoExceptionUnlessToldSo) {
  for (const char* text : {"127.0.0.1", "127.9.9.9", "::1"}) {
    EXPECT_TRUE(is_loopback(at(text))) << text;
    AcceptGate strict({});
    EXPECT_EQ(let_in(strict, at(text), kStart), 10U) << text;
    AcceptLimits limits;
    limits.exempts_loopback = true;
    AcceptGate lenient(limits);
    EXPECT_EQ(let_in(lenient, at(text), kStart), 100U) << "the rate of all holds for all";
    EXPECT_EQ(lenient.check(at(text), 500, Millis{kStart + 100}), std::nullopt);
    EXPECT_EQ(let_in(lenient, at("1.2.3.4"), kStart + 5'000), 10U);
  }
  for (const char* text : {"128.0.0.1", "::2", "7f00::1", "::"}) {
    EXPECT_FALSE(is_loopback(at(text))) << text;
  }
}

TEST(AcceptGate, ZeroIsNoLimit) {
  AcceptGate gate({0, 0, 0, false});
  EXPECT_EQ(let_in(gate, at("1.2.3.4"), kStart, 50'000), 50'000U);
  EXPECT_EQ(gate.check(at("1.2.3.4"), 50'000, Millis{kStart}), std::nullopt);
  EXPECT_EQ(gate.size(), 0U);
}

TEST(AcceptGate, MemoryIsBoundedWhateverTheRate) {
  AcceptGate gate({0, 0, 1, false});
  for (std::uint32_t n = 0; n < 20'000; ++n) (void)let_in(gate, stranger(n), kStart + n / 100, 1);
  EXPECT_EQ(gate.size(), limits::kAcceptAddressesMax);
  (void)let_in(gate, at("1.2.3.4"), kStart + 60'000, 1);
  EXPECT_EQ(gate.size(), 1U) << "full buckets are forgotten";
}

}  // namespace
}  // namespace preconf::io::wire
