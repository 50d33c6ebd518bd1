#include "io/wire/noise_handshake.hpp"

#include <gtest/gtest.h>

#include "io/wire/limits.hpp"
#include "io/wire/protobuf.hpp"
#include "tests/wire/secure_pair.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;
using core::test::bytes;
using test::HandshakePair;
using test::make_identity;
using test::make_keys;
using test::output_of;
using Status = NoiseHandshake::Status;

const Identity kAlice = make_identity(KeyType::kEd25519, 1);
const Identity kBob = make_identity(KeyType::kSecp256k1, 2);

// The payload of an Ed25519 identity of the peer ids specification for the static key 32 x 0x11,
// computed with an independent implementation of Ed25519.
constexpr const char* kPayload =
    "0a24080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e1240"
    "0d730a9be07200f4bb3a94794b8a5a88d5b53f1801235c5d48fc3fac6b4696aae642e6733ac1dc64bcb09bb154e26a"
    "1c"
    "48fc3e10663c3c621063a9a55a0c9e0e";

TEST(NoiseHandshake, PayloadVector) {
  const Bytes payload = bytes(kPayload);
  const auto key = decode_public_key(BytesView{payload}.subspan(2, 36)).value();
  Bytes message;
  const BytesView prefix = as_bytes("noise-libp2p-static-key:");
  message.insert(message.end(), prefix.begin(), prefix.end());
  message.insert(message.end(), 32, 0x11);
  EXPECT_TRUE(verify(key, message, BytesView{payload}.subspan(40)));
  const auto identity = Identity::from_secret(
      KeyType::kEd25519,
      core::test::hash32("7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d"));
  EXPECT_EQ(core::to_hex(identity->sign(message)), core::to_hex(BytesView{payload}.subspan(40)));
}

TEST(NoiseHandshake, EveryPairOfIdentitiesMeets) {
  for (const KeyType dialer : {KeyType::kEd25519, KeyType::kSecp256k1}) {
    for (const KeyType listener : {KeyType::kEd25519, KeyType::kSecp256k1}) {
      HandshakePair pair{make_identity(dialer, 5), make_identity(listener, 6)};
      test::run(pair, [](int, Bytes&) {});
      BytesView nothing;
      ASSERT_EQ(pair.dialer.on_bytes(nothing), Status::kDone);
      ASSERT_EQ(pair.listener.on_bytes(nothing), Status::kDone);
      EXPECT_EQ(pair.dialer.remote_peer(), pair.listener_identity.peer_id());
      EXPECT_EQ(pair.listener.remote_peer(), pair.dialer_identity.peer_id());
      EXPECT_EQ(pair.listener.remote_key(), pair.dialer_identity.public_key());
    }
  }
}

TEST(NoiseHandshake, FirstMessageIsA32ByteKeyAndNothingElse) {
  HandshakePair pair{kAlice, kBob};
  const Bytes first = output_of(pair.dialer);
  EXPECT_EQ(first.size(), 34U);
  EXPECT_EQ(first[0], 0);
  EXPECT_EQ(first[1], 32);
  EXPECT_TRUE(output_of(pair.listener).empty());
}

TEST(NoiseHandshake, AnyCutAndTheRestIsLeft) {
  for (std::size_t step = 1; step < 40; step += 3) {
    HandshakePair pair{kAlice, kBob};
    const auto feed = [step](NoiseHandshake& to, Bytes stream) {
      const Bytes transport = bytes("00110102030405060708090a0b0c0d0e0f1011");
      const std::size_t handshake_bytes = stream.size();
      stream.insert(stream.end(), transport.begin(), transport.end());
      std::size_t taken = 0;
      Status status = Status::kInProgress;
      while (taken < handshake_bytes) {
        BytesView in = BytesView{stream}.subspan(taken, std::min(step, stream.size() - taken));
        const std::size_t before = in.size();
        status = to.on_bytes(in);
        taken += before - in.size();
        if (status != Status::kInProgress) break;
      }
      EXPECT_EQ(status, Status::kDone);
      EXPECT_EQ(taken, handshake_bytes) << step;
    };
    Bytes first = output_of(pair.dialer);
    BytesView in = first;
    ASSERT_EQ(pair.listener.on_bytes(in), Status::kInProgress);
    feed(pair.dialer, output_of(pair.listener));
    feed(pair.listener, output_of(pair.dialer));
  }
}

// A flipped bit anywhere in the three messages: whoever reads it, or its consequences, refuses.
TEST(NoiseHandshake, EveryChangedByteEndsIt) {
  std::size_t changed = 0;
  for (int message = 1; message <= 3; ++message) {
    std::size_t size = 1;
    for (std::size_t at = 0; at < size; ++at) {
      HandshakePair pair{kAlice, kBob};
      test::run(pair, [&](int number, Bytes& sent) {
        if (number != message) return;
        size = sent.size();
        sent[at] = static_cast<std::uint8_t>(sent[at] ^ 0x40);
        ++changed;
      });
      BytesView nothing;
      const Status at_dialer = pair.dialer.on_bytes(nothing);
      const Status at_listener = pair.listener.on_bytes(nothing);
      // After message 3 the dialer has nothing to read; the listener must not be done.
      EXPECT_NE(at_listener, Status::kDone) << message << " at " << at;
      EXPECT_EQ(at_dialer == Status::kDone, message == 3) << message << " at " << at;
    }
  }
  EXPECT_GT(changed, 400U);
}

TEST(NoiseHandshake, EveryPrefixWaitsAndTakesAll) {
  for (int message = 1; message <= 3; ++message) {
    HandshakePair pair{kAlice, kBob};
    test::run(pair, [&](int number, Bytes& sent) {
      if (number == message) sent.pop_back();
    });
    BytesView nothing;
    EXPECT_EQ(pair.listener.on_bytes(nothing), Status::kInProgress) << message;
    EXPECT_FALSE(pair.listener.error());
  }
}

TEST(NoiseHandshake, ExpectedPeer) {
  for (const bool right : {true, false}) {
    HandshakePair pair{kAlice, kBob};
    const PeerId expected = right ? kBob.peer_id() : kAlice.peer_id();
    NoiseHandshake dialer(NoiseRole::kInitiator, kAlice, make_keys(0x10), expected);
    const Bytes first = output_of(dialer);
    BytesView in = first;
    (void)pair.listener.on_bytes(in);
    const Bytes second = output_of(pair.listener);
    in = second;
    EXPECT_EQ(dialer.on_bytes(in), right ? Status::kDone : Status::kFailed);
    EXPECT_EQ(dialer.error(), right ? std::nullopt : std::optional{NoiseError::kWrongPeer});
    EXPECT_EQ(output_of(dialer).empty(), !right);  // a stranger does not learn who we are
  }
}

TEST(NoiseHandshake, MessagesAreBounded) {
  HandshakePair pair{kAlice, kBob};
  const Bytes large{0x10, 0x01, 1, 2, 3};
  BytesView in = large;
  EXPECT_EQ(pair.listener.on_bytes(in), Status::kFailed);
  EXPECT_EQ(pair.listener.error(), NoiseError::kTooLong);
}

/// A responder that sends `payload` with a correct Noise XX: the dialer's answer to it.
std::optional<NoiseError> answer_to(const Bytes& payload) {
  NoiseHandshake dialer(NoiseRole::kInitiator, kAlice, make_keys(0x10), PeerId{});
  NoiseXx liar(NoiseRole::kResponder, make_keys(0x20), {});
  const Bytes first = output_of(dialer);
  Bytes read;
  EXPECT_FALSE(liar.read(BytesView{first}.subspan(2), read));
  Bytes message;
  EXPECT_FALSE(liar.write(payload, message));
  Bytes framed{static_cast<std::uint8_t>(message.size() >> 8),
               static_cast<std::uint8_t>(message.size() & 0xff)};
  framed.insert(framed.end(), message.begin(), message.end());
  BytesView in = framed;
  (void)dialer.on_bytes(in);
  return dialer.error();
}

Bytes payload_of(BytesView key, BytesView signature) {
  Bytes out;
  ProtoWriter writer(out);
  writer.bytes(1, key);
  writer.bytes(2, signature);
  return out;
}

Bytes signature_of(const Identity& identity, const X25519Public& key, std::string_view prefix) {
  const BytesView text = as_bytes(prefix);
  Bytes message(text.begin(), text.end());
  message.insert(message.end(), key.bytes.begin(), key.bytes.end());
  return identity.sign(message);
}

TEST(NoiseHandshake, PayloadsOfALiarByReason) {
  const X25519Public mine = x25519_public(make_keys(0x20).fixed);
  const X25519Public other = x25519_public(make_keys(0x30).fixed);
  constexpr std::string_view kPrefix = "noise-libp2p-static-key:";
  const Bytes key = encode(kBob.public_key());
  const Bytes good = signature_of(kBob, mine, kPrefix);
  EXPECT_FALSE(answer_to(payload_of(key, good)));
  Bytes extended = payload_of(key, good);
  ProtoWriter(extended).text(4, "\x12\x0c/yamux/1.0.0");  // extensions: stream_muxers
  ProtoWriter(extended).text(3, "data of long ago");
  EXPECT_FALSE(answer_to(extended));

  EXPECT_EQ(answer_to({}), NoiseError::kBadPayload);
  EXPECT_EQ(answer_to(bytes("0a")), NoiseError::kBadPayload);
  Bytes only_key;
  ProtoWriter(only_key).bytes(1, key);
  EXPECT_EQ(answer_to(only_key), NoiseError::kBadPayload);
  EXPECT_EQ(answer_to(payload_of(bytes("08001201aa"), good)), NoiseError::kBadIdentity);
  EXPECT_EQ(answer_to(payload_of({}, good)), NoiseError::kBadIdentity);
  const std::pair<const char*, Bytes> forged[] = {
      {"empty", {}},
      {"of another static key", signature_of(kBob, other, kPrefix)},
      {"of another identity", signature_of(kAlice, mine, kPrefix)},
      {"without the prefix", signature_of(kBob, mine, "")},
      {"with another prefix", signature_of(kBob, mine, "noise-libp2p-static-key")}};
  for (const auto& [what, signature] : forged) {
    EXPECT_EQ(answer_to(payload_of(key, signature)), NoiseError::kBadSignature) << what;
  }
}

TEST(NoiseHandshake, EarlyPayloadIsRefused) {
  HandshakePair pair{kAlice, kBob};
  NoiseXx eager(NoiseRole::kInitiator, make_keys(0x30), {});
  Bytes message;
  ASSERT_FALSE(eager.write(bytes("00"), message));
  Bytes framed{0, static_cast<std::uint8_t>(message.size())};
  framed.insert(framed.end(), message.begin(), message.end());
  BytesView in = framed;
  EXPECT_EQ(pair.listener.on_bytes(in), Status::kFailed);
  EXPECT_EQ(pair.listener.error(), NoiseError::kEarlyPayload);
  EXPECT_TRUE(output_of(pair.listener).empty());
}

TEST(NoiseHandshake, AFailureIsFinal) {
  HandshakePair pair{kAlice, kBob};
  Bytes bad(34, 0);
  bad[1] = 32;  // the point of order zero
  BytesView in = bad;
  EXPECT_EQ(pair.listener.on_bytes(in), Status::kFailed);
  EXPECT_EQ(pair.listener.error(), NoiseError::kBadKey);
  const Bytes good = output_of(pair.dialer);
  in = good;
  EXPECT_EQ(pair.listener.on_bytes(in), Status::kFailed);
  EXPECT_EQ(in.size(), good.size());
}

}  // namespace
}  // namespace preconf::io::wire
