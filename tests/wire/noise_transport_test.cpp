#include "io/wire/noise_transport.hpp"

#include <gtest/gtest.h>

#include "io/wire/limits.hpp"
#include "tests/wire/secure_pair.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;
using test::make_identity;

/// Both ends of a channel whose handshake is done.
struct Channel {
  Channel() {
    test::HandshakePair pair{make_identity(KeyType::kEd25519, 1),
                             make_identity(KeyType::kEd25519, 2)};
    test::run(pair, [](int, Bytes&) {});
    dialer.emplace(pair.dialer.split());
    listener.emplace(pair.listener.split());
  }
  std::optional<NoiseTransport> dialer;
  std::optional<NoiseTransport> listener;
};

Bytes sealed(NoiseTransport& by, BytesView plaintext) {
  Bytes out;
  by.seal(plaintext, out);
  return out;
}

Bytes pattern(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return out;
}

TEST(NoiseTransport, BothDirectionsAndAnyCut) {
  for (const std::size_t step : {1U, 2U, 3U, 17U, 18U, 19U, 1'000U, 1'000'000U}) {
    Channel channel;
    for (auto [from, to] : {std::pair{&*channel.dialer, &*channel.listener},
                            std::pair{&*channel.listener, &*channel.dialer}}) {
      Bytes stream;
      Bytes expected;
      for (const std::size_t size : {0U, 1U, 255U, 5'000U}) {
        from->seal(pattern(size), stream);
        const Bytes content = pattern(size);
        expected.insert(expected.end(), content.begin(), content.end());
      }
      Bytes read;
      for (std::size_t at = 0; at < stream.size(); at += step) {
        const std::size_t piece = std::min(step, stream.size() - at);
        ASSERT_TRUE(to->on_bytes(BytesView{stream}.subspan(at, piece), read));
      }
      EXPECT_EQ(read, expected);
      EXPECT_FALSE(to->in_record());
      EXPECT_EQ(to->memory_bytes(), 0U);
    }
  }
}

TEST(NoiseTransport, LargeContentBecomesRecordsOfTheDeployedSize) {
  Channel channel;
  const Bytes content = pattern(200'000);
  const Bytes stream = sealed(*channel.dialer, content);
  EXPECT_EQ((std::size_t{stream[0]} << 8) | stream[1], 64'511U + 16U);
  EXPECT_EQ(stream.size(), content.size() + 4 * 18U);
  Bytes read;
  ASSERT_TRUE(channel.listener->on_bytes(stream, read));
  EXPECT_EQ(read, content);
}

// A peer may fill a record to its end.
TEST(NoiseTransport, LargestRecordIsAccepted) {
  test::HandshakePair pair{make_identity(KeyType::kEd25519, 1),
                           make_identity(KeyType::kEd25519, 2)};
  test::run(pair, [](int, Bytes&) {});
  NoiseXx::Ciphers raw = pair.dialer.split();
  NoiseTransport listener(pair.listener.split());
  const Bytes content = pattern(limits::kNoiseRecordBytesMax - kAeadTagBytes);
  Bytes stream{0xff, 0xff};
  raw.send.seal({}, content, stream);
  Bytes read;
  ASSERT_TRUE(listener.on_bytes(BytesView{stream}.first(40'000), read));
  EXPECT_TRUE(listener.in_record());
  ASSERT_TRUE(listener.on_bytes(BytesView{stream}.subspan(40'000), read));
  EXPECT_EQ(read, content);
}

TEST(NoiseTransport, EveryChangedByteEndsTheChannel) {
  const std::size_t size = 2 + 20 + kAeadTagBytes;
  for (std::size_t at = 0; at < size; ++at) {
    Channel channel;
    Bytes stream = sealed(*channel.dialer, pattern(20));
    const Bytes next = sealed(*channel.dialer, pattern(9'000));
    ASSERT_EQ(stream.size(), size);
    stream[at] = static_cast<std::uint8_t>(stream[at] ^ 1);
    stream.insert(stream.end(), next.begin(), next.end());
    Bytes read;
    EXPECT_FALSE(channel.listener->on_bytes(stream, read)) << at;
    EXPECT_EQ(channel.listener->error(), NoiseError::kNotAuthentic) << at;
    EXPECT_TRUE(read.empty());
    EXPECT_FALSE(channel.listener->on_bytes(next, read));
  }
}

TEST(NoiseTransport, ReplayLossAndOrderAreNoticed) {
  const auto refused = [](std::initializer_list<int> order, std::size_t content_bytes) {
    Channel channel;
    const Bytes records[] = {sealed(*channel.dialer, pattern(3)),
                             sealed(*channel.dialer, pattern(4)),
                             sealed(*channel.dialer, pattern(5))};
    Bytes read;
    bool ok = true;
    for (const int number : order) ok = ok && channel.listener->on_bytes(records[number], read);
    EXPECT_EQ(read.size(), content_bytes);
    return !ok;
  };
  EXPECT_FALSE(refused({0, 1, 2}, 12));
  EXPECT_TRUE(refused({0, 0}, 3));
  EXPECT_TRUE(refused({1}, 0));
  EXPECT_TRUE(refused({0, 2}, 3));
}

TEST(NoiseTransport, OwnRecordsDoNotComeBack) {
  Channel channel;
  Bytes read;
  const Bytes stream = sealed(*channel.dialer, pattern(3));
  EXPECT_FALSE(channel.dialer->on_bytes(stream, read));
}

TEST(NoiseTransport, RecordsShorterThanATag) {
  for (std::uint8_t size = 0; size < kAeadTagBytes; ++size) {
    Channel channel;
    Bytes stream{0, size};
    stream.insert(stream.end(), size, 0);
    Bytes read;
    EXPECT_FALSE(channel.listener->on_bytes(stream, read));
    EXPECT_EQ(channel.listener->error(), NoiseError::kTooShort);
  }
}

TEST(NoiseTransport, EmptyRecordsMeanNothing) {
  test::HandshakePair pair{make_identity(KeyType::kEd25519, 1),
                           make_identity(KeyType::kEd25519, 2)};
  test::run(pair, [](int, Bytes&) {});
  NoiseXx::Ciphers raw = pair.dialer.split();
  NoiseTransport listener(pair.listener.split());
  Bytes stream{0, 16};
  raw.send.seal({}, {}, stream);
  Bytes read;
  EXPECT_TRUE(listener.on_bytes(stream, read));
  EXPECT_TRUE(read.empty());
}

}  // namespace
}  // namespace preconf::io::wire
