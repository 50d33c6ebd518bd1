#include "io/wire/multiaddr.hpp"

#include <gtest/gtest.h>

#include "tests/core/vectors.hpp"

namespace preconf::io::wire {
namespace {

using core::test::bytes;

constexpr const char* kPeer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
constexpr const char* kPeerHex =
    "0024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";

// Bytes by the multiaddr specification's table of codes.
TEST(Multiaddr, TextAndBytesBothWays) {
  const std::pair<std::string, std::string> vectors[] = {
      {"/ip4/127.0.0.1/tcp/9000", "047f000001062328"},
      {"/ip4/1.2.3.4/tcp/80/p2p/" + std::string(kPeer),
       "0401020304060050a50326" + std::string(kPeerHex)},
      {"/ip6/2001:db8::1/tcp/65535", "2920010db800000000000000000000000106ffff"},
      {"/ip6/::/tcp/0",
       "290000000000000000000000000000000006"
       "0000"},
      {"/dns/example.org/tcp/443", "350b6578616d706c652e6f72670601bb"},
      {"/dns4/a.b/tcp/1", "3603612e62060001"},
      {"/dns6/a.b/tcp/1", "3703612e62060001"},
      {"/dnsaddr/bootstrap.example", "3811626f6f7473747261702e6578616d706c65"},
      {"/ip4/10.0.0.1", "040a000001"}};
  for (const auto& [text, hex] : vectors) {
    const auto parsed = parse_multiaddr(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(core::to_hex(encode(*parsed)), hex) << text;
    EXPECT_EQ(to_text(*parsed), text);
    const auto decoded = decode_multiaddr(bytes(hex));
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(*decoded, *parsed);
  }
}

TEST(Multiaddr, OlderSpellings) {
  EXPECT_EQ(to_text(*parse_multiaddr("/ip4/1.2.3.4/tcp/1/ipfs/" + std::string(kPeer))),
            "/ip4/1.2.3.4/tcp/1/p2p/" + std::string(kPeer));
  EXPECT_EQ(to_text(*parse_multiaddr("/ip6/2001:0DB8:0:0:0:0:0:1/tcp/1")),
            "/ip6/2001:db8::1/tcp/1");
}

TEST(Multiaddr, RefusesTextsByReason) {
  const std::pair<std::string, MultiaddrError> bad[] = {
      {"", MultiaddrError::kNotAnAddress},
      {"127.0.0.1:9000", MultiaddrError::kNotAnAddress},
      {"/", MultiaddrError::kUnknownProtocol},
      {"/ip4", MultiaddrError::kMissingValue},
      {"/ip4/1.2.3.4/", MultiaddrError::kUnknownProtocol},
      {"/ip4/1.2.3", MultiaddrError::kBadValue},
      {"/ip4/1.2.3.04", MultiaddrError::kBadValue},
      {"/ip4/1.2.3.4.5/tcp/1", MultiaddrError::kBadValue},
      {"/ip6/fe80::1%eth0/tcp/1", MultiaddrError::kBadValue},
      {"/ip4/1.2.3.4/tcp", MultiaddrError::kMissingValue},
      {"/ip4/1.2.3.4/tcp/", MultiaddrError::kBadValue},
      {"/ip4/1.2.3.4/tcp/65536", MultiaddrError::kBadValue},
      {"/ip4/1.2.3.4/tcp/-1", MultiaddrError::kBadValue},
      {"/ip4/1.2.3.4/tcp/+1", MultiaddrError::kBadValue},
      {"/ip4/1.2.3.4/tcp/1x", MultiaddrError::kBadValue},
      {"/ip4/1.2.3.4/udp/9000/quic-v1", MultiaddrError::kUnknownProtocol},
      {"/ip4/1.2.3.4/tcp/1/tcp/2", MultiaddrError::kUnsupportedShape},
      {"/ip4/1.2.3.4/ip4/1.2.3.4", MultiaddrError::kUnsupportedShape},
      {"/tcp/9000", MultiaddrError::kUnsupportedShape},
      {"/p2p/" + std::string(kPeer), MultiaddrError::kUnsupportedShape},
      {"/ip4/1.2.3.4/p2p/" + std::string(kPeer) + "/tcp/1", MultiaddrError::kUnsupportedShape},
      {"/ip4/1.2.3.4/tcp/1/p2p/abc", MultiaddrError::kBadValue},
      {"/dns/", MultiaddrError::kBadValue},
      {"/dns/a b/tcp/1", MultiaddrError::kBadValue},
      {"/dns/" + std::string(254, 'a'), MultiaddrError::kBadValue},
      {"/dns/" + std::string(600, 'a'), MultiaddrError::kTooLong}};
  for (const auto& [text, error] : bad) {
    const auto parsed = parse_multiaddr(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error(), error) << text;
  }
}

TEST(Multiaddr, RefusesBytesByReason) {
  const std::pair<std::string, MultiaddrError> bad[] = {
      {"-", MultiaddrError::kNotAnAddress},
      {"00", MultiaddrError::kUnknownProtocol},
      {"04010203", MultiaddrError::kMissingValue},
      {"0401020304060a", MultiaddrError::kMissingValue},
      {"0401020304910207d0", MultiaddrError::kUnknownProtocol},  // udp
      {"040102030406000106"
       "0002",
       MultiaddrError::kUnsupportedShape},
      {"060001", MultiaddrError::kUnsupportedShape},
      {"0401020304a5030100", MultiaddrError::kBadValue},
      {"0401020304a503ff01", MultiaddrError::kMissingValue},
      {"3504612f6263", MultiaddrError::kBadValue},
      {"35ffffff7f61", MultiaddrError::kMissingValue},
      {"8400", MultiaddrError::kUnknownProtocol},  // the code of ip4 in a longer form
      {std::string(1'026, '0'), MultiaddrError::kTooLong}};
  for (const auto& [text, error] : bad) {
    const auto decoded = decode_multiaddr(bytes(text));
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error(), error) << text;
  }
}

}  // namespace
}  // namespace preconf::io::wire
