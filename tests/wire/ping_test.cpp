#include "io/wire/ping.hpp"

#include <gtest/gtest.h>

#include "tests/core/vectors.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;
using core::Millis;

PingPayload payload(std::uint8_t first) {
  PingPayload out;
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    out.bytes[i] = static_cast<std::uint8_t>(first + i);
  }
  return out;
}

TEST(Ping, RoundTripInAnyCut) {
  for (std::size_t step = 1; step <= 64; ++step) {
    PingDialer dialer;
    PingResponder responder;
    for (std::uint8_t round = 0; round < 3; ++round) {  // one stream, several pings
      Bytes sent;
      dialer.send(payload(round), Millis{100}, sent);
      EXPECT_EQ(sent.size(), 32U);
      EXPECT_EQ(dialer.next_deadline(), Millis{20'100});
      Bytes echoed;
      for (std::size_t at = 0; at < sent.size(); at += step) {
        responder.on_bytes(BytesView{sent}.subspan(at, std::min(step, sent.size() - at)), echoed);
      }
      EXPECT_EQ(echoed, sent);
      std::optional<Millis> rtt;
      for (std::size_t at = 0; at < echoed.size(); at += step) {
        EXPECT_FALSE(rtt);
        rtt = dialer.on_bytes(BytesView{echoed}.subspan(at, std::min(step, echoed.size() - at)),
                              Millis{142});
      }
      EXPECT_EQ(rtt, Millis{42});
      EXPECT_FALSE(dialer.error());
      EXPECT_FALSE(dialer.next_deadline());
    }
  }
}

TEST(Ping, ResponderSendsNothingBeforeAllBytesAreThere) {
  PingResponder responder;
  Bytes out;
  responder.on_bytes(Bytes(31, 1), out);
  EXPECT_TRUE(out.empty());
  responder.on_bytes(Bytes(34, 1), out);
  EXPECT_EQ(out.size(), 64U);
}

TEST(Ping, EveryWrongByteIsAMismatch) {
  for (std::size_t at = 0; at < 32; ++at) {
    PingDialer dialer;
    Bytes answer;
    dialer.send(payload(7), Millis{0}, answer);
    answer[at] = static_cast<std::uint8_t>(answer[at] + 1);
    EXPECT_FALSE(dialer.on_bytes(answer, Millis{1}));
    EXPECT_EQ(dialer.error(), PingError::kMismatch);
  }
}

TEST(Ping, UnaskedBytes) {
  PingDialer dialer;
  EXPECT_FALSE(dialer.on_bytes({}, Millis{1}));
  EXPECT_FALSE(dialer.error());
  EXPECT_FALSE(dialer.on_bytes(Bytes{1}, Millis{1}));
  EXPECT_EQ(dialer.error(), PingError::kUnasked);
  PingDialer longer;
  Bytes answer;
  longer.send(payload(7), Millis{0}, answer);
  answer.push_back(0);
  EXPECT_FALSE(longer.on_bytes(answer, Millis{1}));
  EXPECT_EQ(longer.error(), PingError::kUnasked);
}

TEST(Ping, Timeout) {
  PingDialer dialer;
  EXPECT_TRUE(dialer.on_time(Millis{1'000'000}));
  Bytes out;
  dialer.send(payload(1), Millis{1'000'000}, out);
  EXPECT_TRUE(dialer.on_time(Millis{1'019'999}));
  EXPECT_FALSE(dialer.on_time(Millis{1'020'000}));
  EXPECT_EQ(dialer.error(), PingError::kTimedOut);
  EXPECT_FALSE(dialer.next_deadline());
}

}  // namespace
}  // namespace preconf::io::wire
