#include "io/wire/noise_xx.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "tests/core/vectors.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::test::bytes;
using core::test::hash32;

std::string text(const simdjson::dom::element& element, const char* key) {
  return std::string(std::string_view(element[key]));
}

NoiseXx::Keys keys_of(const simdjson::dom::element& vector, const std::string& side) {
  return {hash32(text(vector, (side + "_static").c_str())),
          hash32(text(vector, (side + "_ephemeral").c_str()))};
}

// Vectors of two independent implementations, messages of the transport included.
TEST(NoiseXx, VectorsOfOthers) {
  simdjson::dom::parser parser;
  const auto file = parser.load(preconf::tests::tests_dir() + "/vectors/noise_xx.json");
  std::size_t vectors = 0;
  for (const simdjson::dom::element vector : file["vectors"]) {
    SCOPED_TRACE(text(vector, "source"));
    const Bytes prologue = bytes(text(vector, "init_prologue"));
    NoiseXx initiator(NoiseRole::kInitiator, keys_of(vector, "init"), prologue);
    NoiseXx responder(NoiseRole::kResponder, keys_of(vector, "resp"), prologue);
    std::optional<NoiseXx::Ciphers> at_initiator;
    std::optional<NoiseXx::Ciphers> at_responder;
    std::size_t index = 0;
    for (const simdjson::dom::element message : vector["messages"]) {
      const bool from_initiator = index++ % 2 == 0;
      const Bytes payload = bytes(text(message, "payload"));
      const Bytes ciphertext = bytes(text(message, "ciphertext"));
      Bytes sent;
      Bytes read;
      if (!initiator.finished()) {
        NoiseXx& from = from_initiator ? initiator : responder;
        NoiseXx& to = from_initiator ? responder : initiator;
        ASSERT_TRUE(from.is_my_turn());
        ASSERT_FALSE(from.write(payload, sent));
        ASSERT_FALSE(to.read(ciphertext, read));
      } else {
        if (!at_initiator) at_initiator = initiator.split();
        if (!at_responder) at_responder = responder.split();
        (from_initiator ? at_initiator : at_responder)->send.seal({}, payload, sent);
        auto& receive = (from_initiator ? at_responder : at_initiator)->receive;
        ASSERT_TRUE(receive.open({}, ciphertext, read));
      }
      EXPECT_EQ(core::to_hex(sent), core::to_hex(ciphertext)) << index;
      EXPECT_EQ(read, payload) << index;
    }
    EXPECT_EQ(initiator.handshake_hash(), responder.handshake_hash());
    if (const std::string hash = text(vector, "handshake_hash"); !hash.empty()) {
      EXPECT_EQ(core::test::hex(initiator.handshake_hash()), hash);
    }
    EXPECT_EQ(responder.remote_static(), x25519_public(hash32(text(vector, "init_static"))));
    ++vectors;
  }
  EXPECT_EQ(vectors, 2U);
}

struct Pair {
  NoiseXx initiator{
      NoiseRole::kInitiator, {core::test::filled<32>(1), core::test::filled<32>(2)}, {}};
  NoiseXx responder{
      NoiseRole::kResponder, {core::test::filled<32>(3), core::test::filled<32>(4)}, {}};
};

TEST(NoiseXx, AnotherPrologueIsNoticed) {
  Pair pair;
  NoiseXx other(NoiseRole::kResponder, {core::test::filled<32>(3), core::test::filled<32>(4)},
                bytes("00"));
  Bytes first;
  Bytes second;
  Bytes payload;
  ASSERT_FALSE(pair.initiator.write({}, first));
  ASSERT_FALSE(other.read(first, payload));
  ASSERT_FALSE(other.write({}, second));
  EXPECT_EQ(pair.initiator.read(second, payload), NoiseError::kNotAuthentic);
}

TEST(NoiseXx, ShortMessagesAreNamed) {
  for (std::size_t size = 0; size < 96; ++size) {
    Pair pair;
    Bytes payload;
    if (size < 32) {
      EXPECT_EQ(pair.responder.read(Bytes(size, 7), payload), NoiseError::kTooShort);
    }
    Bytes first;
    Bytes second;
    ASSERT_FALSE(pair.initiator.write({}, first));
    ASSERT_EQ(first.size(), 32U);
    NoiseXx responder(NoiseRole::kResponder, {core::test::filled<32>(3), core::test::filled<32>(4)},
                      {});
    ASSERT_FALSE(responder.read(first, payload));
    ASSERT_FALSE(responder.write({}, second));
    ASSERT_EQ(second.size(), 96U);
    second.resize(size);
    EXPECT_EQ(pair.initiator.read(second, payload), NoiseError::kTooShort) << size;
  }
}

TEST(NoiseXx, PointsOfSmallOrderEndTheHandshake) {
  Pair pair;
  Bytes payload;
  Bytes out;
  ASSERT_FALSE(pair.responder.read(Bytes(32, 0), payload));
  EXPECT_EQ(pair.responder.write({}, out), NoiseError::kBadKey);
  Bytes first;
  ASSERT_FALSE(pair.initiator.write({}, first));
  EXPECT_EQ(pair.initiator.read(Bytes(96, 0), payload), NoiseError::kBadKey);
}

}  // namespace
}  // namespace preconf::io::wire
