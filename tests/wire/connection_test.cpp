// Two connections joined by a pipe, and what happens when any byte on the way is another.
#include "io/wire/connection.hpp"

#include <gtest/gtest.h>

namespace preconf::io::wire::test {
namespace {

using core::Bytes;
using core::BytesView;
using core::Millis;

constexpr Millis kNow{1'000};

Identity identity_of(std::uint8_t byte, KeyType type = KeyType::kEd25519) {
  Identity::Secret secret;
  secret.bytes.fill(byte);
  return *Identity::from_secret(type, secret);
}

NoiseXx::Keys keys_of(std::uint8_t byte) {
  NoiseXx::Keys keys;
  keys.fixed.bytes.fill(byte);
  keys.ephemeral.bytes.fill(static_cast<std::uint8_t>(byte + 1));
  return keys;
}

const std::vector<std::string> kServed = {"/a/1", "/b/1"};
const std::vector<std::string> kBThenA = {"/x/1", "/b/1"};
const std::vector<std::string> kUnknown = {"/x/1", "/y/1"};

/// One end with what it was told.
struct End {
  End(Direction direction, std::uint8_t byte, const PeerId& expected = {},
      KeyType type = KeyType::kEd25519)
      : identity(identity_of(byte, type)),
        connection(direction, identity, keys_of(byte), expected, kServed, kNow) {}

  void on_bytes(BytesView in, std::size_t piece, Millis now = kNow) {
    while (!in.empty()) {
      const BytesView part = in.first(std::min(piece, in.size()));
      in = in.subspan(part.size());
      connection.on_bytes(part, scratch, now);
      while (const auto event = connection.next_event(now)) note(*event);
    }
  }
  void note(const ConnectionEvent& event) {
    if (std::holds_alternative<connection::Established>(event)) log += "established ";
    if (const auto* ready = std::get_if<connection::StreamReady>(&event)) {
      log += (ready->inbound ? "in " : "out ") + std::to_string(ready->stream.value) + ":" +
             std::to_string(ready->protocol) + " ";
    }
    if (const auto* refused = std::get_if<connection::StreamRefused>(&event)) {
      log += refused->unsupported ? "unsupported " : "refused ";
    }
    if (const auto* data = std::get_if<connection::Data>(&event)) {
      received[data->stream].insert(received[data->stream].end(), data->bytes.begin(),
                                    data->bytes.end());
      connection.consumed(data->stream, data->bytes.size());
    }
    if (std::holds_alternative<connection::Ended>(event)) log += "end ";
    if (std::holds_alternative<connection::Reset>(event)) log += "reset ";
    if (const auto* failed = std::get_if<connection::Failed>(&event)) {
      log += "failed:" + std::to_string(static_cast<int>(failed->fault)) + " ";
      fault = failed->fault;
    }
  }
  Bytes output(std::size_t bytes_max = 100'000) {
    Bytes out;
    while (connection.has_output()) {
      Bytes plain;
      connection.take_output(out, plain, bytes_max);
    }
    return out;
  }

  Identity identity;
  Connection connection;
  Bytes scratch;
  std::string log;
  std::map<StreamId, Bytes> received;
  std::optional<ConnectionFault> fault;
};

struct Pipe {
  End dialer;
  End listener;
  std::size_t piece = SIZE_MAX;
  /// Position of the byte to change, counted in the order of delivery; npos: none.
  std::size_t flip = SIZE_MAX;
  std::size_t delivered = 0;

  explicit Pipe(const PeerId& expected = {}, KeyType type = KeyType::kEd25519)
      : dialer(Direction::kOutbound, 1, expected, type), listener(Direction::kInbound, 2) {}

  void run() {
    for (int round = 0; round < 100; ++round) {
      Bytes out = dialer.output();
      Bytes back = listener.output();
      if (out.empty() && back.empty()) return;
      damage(out);
      listener.on_bytes(out, piece);
      damage(back);
      dialer.on_bytes(back, piece);
    }
    FAIL() << "never quiet";
  }
  void damage(Bytes& bytes) {
    if (flip >= delivered && flip - delivered < bytes.size()) bytes[flip - delivered] ^= 1;
    delivered += bytes.size();
  }
};

Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }

TEST(Connection, EstablishesInAnyPieces) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 19U, 64U, 100'000U}) {
    Pipe pipe;
    pipe.piece = piece;
    pipe.run();
    EXPECT_EQ(pipe.dialer.log, "established ") << piece;
    EXPECT_EQ(pipe.listener.log, "established ");
    EXPECT_EQ(pipe.dialer.connection.remote_peer(), pipe.listener.identity.peer_id());
    EXPECT_EQ(pipe.listener.connection.remote_peer(), pipe.dialer.identity.peer_id());
  }
}

TEST(Connection, KnowsASecp256k1Peer) {
  Pipe pipe({}, KeyType::kSecp256k1);
  pipe.run();
  EXPECT_EQ(pipe.listener.connection.remote_peer(), pipe.dialer.identity.peer_id());
}

TEST(Connection, EveryByteOfTheUpgradeMatters) {
  Pipe whole;
  whole.run();
  ASSERT_GT(whole.delivered, 500U);
  for (std::size_t flip = 0; flip < whole.delivered; ++flip) {
    Pipe pipe;
    pipe.flip = flip;
    pipe.run();
    // Whoever got the changed byte does not go on; the other may have finished before.
    const bool both =
        pipe.dialer.connection.established() && pipe.listener.connection.established();
    EXPECT_TRUE(!both || pipe.dialer.fault || pipe.listener.fault) << flip;
    // A changed length only leaves its reader waiting: then time ends it.
    const auto waiting = [](End& end) { return !end.connection.established() && !end.fault; };
    for (End* end : {&pipe.dialer, &pipe.listener}) {
      if (!waiting(*end)) continue;
      const auto late = end->connection.on_time(Millis{11'000});
      ASSERT_TRUE(late) << flip;
      end->note(*late);
      EXPECT_EQ(end->fault, ConnectionFault::kSetupTimeout) << flip;
    }
  }
}

TEST(Connection, TheDialedPeerIsProven) {
  Pipe right(identity_of(2).peer_id());
  right.run();
  EXPECT_EQ(right.dialer.log, "established ");
  Pipe wrong(identity_of(3).peer_id());
  wrong.run();
  EXPECT_EQ(wrong.dialer.fault, ConnectionFault::kWrongPeer);
}

TEST(Connection, SilenceEndsTheSetup) {
  End end(Direction::kInbound, 1);
  EXPECT_EQ(end.connection.next_deadline(), Millis{11'000});
  EXPECT_FALSE(end.connection.on_time(Millis{10'999}));
  const auto event = end.connection.on_time(Millis{11'000});
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<connection::Failed>(*event).fault, ConnectionFault::kSetupTimeout);
}

TEST(Connection, StreamsAgreeOnAProtocol) {
  for (const std::size_t piece : {1U, 5U, 100'000U}) {
    Pipe pipe;
    pipe.piece = piece;
    pipe.run();
    const StreamId stream = *pipe.dialer.connection.open_stream(kBThenA, kNow);
    pipe.run();
    EXPECT_EQ(pipe.dialer.log, "established out 1:1 ");
    EXPECT_EQ(pipe.listener.log, "established in 1:1 ");
    EXPECT_TRUE(pipe.dialer.connection.write(stream, share(Bytes(100'000, 7))));
    pipe.dialer.connection.finish(stream);
    pipe.run();
    EXPECT_EQ(pipe.listener.received[stream], Bytes(100'000, 7));
    EXPECT_EQ(pipe.listener.log, "established in 1:1 end ");
  }
}

TEST(Connection, BytesBehindAProposalAreKept) {
  Pipe pipe;
  pipe.run();
  // A peer that does not wait: proposal and data in one write.
  const StreamId stream = *pipe.dialer.connection.open_stream(kServed, kNow);
  EXPECT_TRUE(pipe.dialer.connection.write(stream, share(bytes_of("early"))));
  pipe.run();
  EXPECT_EQ(pipe.listener.log, "established in 1:0 ");
  EXPECT_EQ(pipe.listener.received[stream], bytes_of("early"));
}

TEST(Connection, UnknownProtocolsAreRefused) {
  Pipe pipe;
  pipe.run();
  (void)pipe.dialer.connection.open_stream(kUnknown, kNow);
  pipe.run();
  EXPECT_EQ(pipe.dialer.log, "established unsupported ");
  EXPECT_EQ(pipe.listener.log, "established ");
  EXPECT_EQ(pipe.listener.connection.refused_streams(), 1U);
}

TEST(Connection, AStreamWithoutAnswerIsGivenUp) {
  Pipe pipe;
  pipe.run();
  (void)pipe.dialer.connection.open_stream(kServed, kNow);
  EXPECT_EQ(pipe.dialer.connection.next_deadline(), Millis{11'000});
  const auto event = pipe.dialer.connection.on_time(Millis{11'000});
  ASSERT_TRUE(event);
  EXPECT_FALSE(std::get<connection::StreamRefused>(*event).unsupported);
}

TEST(Connection, AChangedRecordBreaksTheChannel) {
  Pipe pipe;
  pipe.run();
  (void)pipe.dialer.connection.open_stream(kServed, kNow);
  Bytes out = pipe.dialer.output();
  out.back() ^= 1;
  pipe.listener.on_bytes(out, SIZE_MAX);
  EXPECT_EQ(pipe.listener.fault, ConnectionFault::kChannelBroken);
}

TEST(Connection, GoodbyeIsHeard) {
  Pipe pipe;
  pipe.run();
  pipe.dialer.connection.go_away();
  pipe.run();
  EXPECT_EQ(pipe.listener.fault, ConnectionFault::kGoAway);
}

TEST(Connection, APeerThatIsGoneIsNoticed) {
  Pipe pipe;
  pipe.run();
  EXPECT_FALSE(pipe.dialer.connection.on_time(Millis{31'000}));
  EXPECT_TRUE(pipe.dialer.connection.has_output());
  const auto event = pipe.dialer.connection.on_time(Millis{51'000});
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<connection::Failed>(*event).fault, ConnectionFault::kUnresponsive);
}

}  // namespace
}  // namespace preconf::io::wire::test
