#include "io/wire/identify.hpp"

#include <gtest/gtest.h>

#include "io/wire/limits.hpp"
#include "io/wire/protobuf.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::test::bytes;

const Identity kAlice =
    Identity::from_secret(KeyType::kEd25519,
                          core::test::hash32("7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148"
                                             "ec9da60fee7d"))
        .value();

Identify sample() {
  Identify out;
  out.public_key = kAlice.public_key();
  out.listen_addresses = {*parse_multiaddr("/ip4/127.0.0.1/tcp/9000")};
  out.observed_address = *parse_multiaddr("/ip4/10.0.0.7/tcp/40000");
  out.protocols = {"/ipfs/id/1.0.0", "/ipfs/ping/1.0.0"};
  out.protocol_version = "preconf-p2p/0.1";
  out.agent_version = "x/1";
  return out;
}

// Fields of the identify specification, put together by hand from its message definition.
constexpr const char* kSample =
    "0a24080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"  // publicKey
    "1208047f000001062328"                                                          // listenAddrs
    "1a0e2f697066732f69642f312e302e30"                                              // protocols
    "1a102f697066732f70696e672f312e302e30"
    "2208040a000007069c40"                // observedAddr
    "2a0f707265636f6e662d7032702f302e31"  // protocolVersion
    "3203782f31";                         // agentVersion

TEST(Identify, SampleBothWays) {
  EXPECT_EQ(core::to_hex(encode(sample())), kSample);
  const auto decoded = decode_identify(bytes(kSample), kAlice.peer_id());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->public_key, kAlice.public_key());
  EXPECT_EQ(decoded->listen_addresses, sample().listen_addresses);
  EXPECT_EQ(decoded->observed_address, sample().observed_address);
  EXPECT_EQ(decoded->protocols, sample().protocols);
  EXPECT_EQ(decoded->protocol_version, "preconf-p2p/0.1");
  EXPECT_EQ(decoded->agent_version, "x/1");
}

TEST(Identify, RefusesByReason) {
  const Bytes good = bytes(kSample);
  const Identity other = Identity::from_secret(KeyType::kEd25519, core::Hash32{}).value();
  EXPECT_EQ(decode_identify(good, other.peer_id()).error(), IdentifyError::kWrongKey);
  EXPECT_EQ(decode_identify({}, kAlice.peer_id()).error(), IdentifyError::kNoKey);
  EXPECT_EQ(decode_identify(bytes("0a0208011a012f"), kAlice.peer_id()).error(),
            IdentifyError::kNoKey);
  std::size_t malformed = 0;
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto cut = decode_identify(core::BytesView{good}.first(size), kAlice.peer_id());
    if (!cut && cut.error() == IdentifyError::kMalformed) ++malformed;
  }
  EXPECT_GT(malformed, good.size() - 10);  // a cut between two fields is a shorter message
}

TEST(Identify, WhatHasNoValueIsPassedOver) {
  Bytes message;
  ProtoWriter writer(message);
  writer.bytes(2, bytes("0401020304910207d0cd03"));  // QUIC
  writer.bytes(2, {});
  writer.bytes(2, bytes("0401020304060001"));
  writer.text(3, "/with\nnewline");
  writer.text(3, std::string(limits::kIdentifyTextBytesMax + 1, 'a'));
  writer.text(3, "/good");
  writer.bytes(4, bytes("ff"));
  writer.text(6, "agent\x1b[31m\xff");
  writer.bytes(8, bytes("00"));  // signedPeerRecord
  writer.varint(3, 7);           // a protocol of another wire type
  writer.bytes(1, encode(kAlice.public_key()));
  const auto decoded = decode_identify(message, kAlice.peer_id());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->listen_addresses.size(), 1U);
  EXPECT_EQ(decoded->protocols, std::vector<std::string>{"/good"});
  EXPECT_FALSE(decoded->observed_address);
  EXPECT_EQ(decoded->agent_version, "agent?[31m?");
}

TEST(Identify, CountsAndTextsAreBounded) {
  Bytes message;
  ProtoWriter writer(message);
  for (int i = 0; i < 1'000; ++i) {
    writer.text(3, "/p");
    writer.bytes(2, bytes("0401020304060001"));
  }
  writer.text(5, std::string(5'000, 'v'));
  writer.bytes(1, encode(kAlice.public_key()));
  const auto decoded = decode_identify(message, kAlice.peer_id());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->protocols.size(), limits::kIdentifyProtocolsMax);
  EXPECT_EQ(decoded->listen_addresses.size(), limits::kIdentifyAddressesMax);
  EXPECT_EQ(decoded->protocol_version.size(), limits::kIdentifyTextBytesMax);
}

}  // namespace
}  // namespace preconf::io::wire
