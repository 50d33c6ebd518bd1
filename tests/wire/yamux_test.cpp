// Dialogues with a peer that is written out frame by frame.
#include "io/wire/yamux.hpp"

#include <gtest/gtest.h>

#include <string>

namespace preconf::io::wire::test {
namespace {

using core::Bytes;
using core::BytesView;
using core::Millis;

constexpr std::uint32_t kWindow = 262'144;
constexpr Millis kNow{1'000};

struct Frame {
  YamuxType type = YamuxType::kData;
  std::uint16_t flags = 0;
  std::uint32_t stream = 0;
  std::uint32_t length = 0;
  std::string body;
};

Bytes encoded(const Frame& frame) {
  Bytes out;
  append_yamux_header(
      out, {0, static_cast<std::uint8_t>(frame.type), frame.flags, frame.stream, frame.length});
  out.insert(out.end(), frame.body.begin(), frame.body.end());
  return out;
}
Frame data(std::uint32_t stream, std::uint16_t flags, std::string body = {}) {
  const auto size = static_cast<std::uint32_t>(body.size());
  return {YamuxType::kData, flags, stream, size, std::move(body)};
}
Frame window(std::uint32_t stream, std::uint16_t flags, std::uint32_t delta = 0) {
  return {YamuxType::kWindowUpdate, flags, stream, delta, {}};
}

/// One event as text.
struct Printer {
  std::string operator()(const yamux::StreamOpened& e) const { return "open " + id(e.stream); }
  std::string operator()(const yamux::StreamData& e) const {
    return "data " + id(e.stream) + " " + std::string(e.data.begin(), e.data.end());
  }
  std::string operator()(const yamux::StreamEnded& e) const { return "end " + id(e.stream); }
  std::string operator()(const yamux::StreamReset& e) const { return "reset " + id(e.stream); }
  std::string operator()(const yamux::GoneAway& e) const {
    return "gone " + std::to_string(e.code);
  }
  std::string operator()(const yamux::Failed& e) const { return name_of(e.error); }
  static std::string id(StreamId stream) { return std::to_string(stream.value); }
};

/// Feeds `bytes` in pieces of `piece` bytes and lists the events.
std::vector<std::string> feed(YamuxSession& session, BytesView bytes, std::size_t piece = 1 << 20) {
  std::vector<std::string> events;
  while (!bytes.empty()) {
    BytesView part = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(part.size());
    while (auto event = session.read(part, kNow)) events.push_back(std::visit(Printer{}, *event));
    EXPECT_TRUE(part.empty());
  }
  return events;
}
std::vector<std::string> feed(YamuxSession& session, const std::vector<Frame>& frames) {
  Bytes all;
  for (const Frame& frame : frames) {
    const Bytes one = encoded(frame);
    all.insert(all.end(), one.begin(), one.end());
  }
  return feed(session, BytesView(all));
}

/// What the session wants to send, as frames.
std::vector<Frame> sent(YamuxSession& session, std::size_t bytes_max = 1 << 20) {
  Bytes out;
  session.take_output(out, bytes_max);
  EXPECT_LE(out.size(), bytes_max);
  std::vector<Frame> frames;
  BytesView rest(out);
  while (!rest.empty()) {
    std::array<std::uint8_t, kYamuxHeaderBytes> raw{};
    std::copy_n(rest.begin(), raw.size(), raw.begin());
    const YamuxHeader header = decode_yamux_header(raw);
    rest = rest.subspan(raw.size());
    Frame frame{
        static_cast<YamuxType>(header.type), header.flags, header.stream, header.length, {}};
    if (frame.type == YamuxType::kData) {
      frame.body.assign(rest.begin(), rest.begin() + header.length);
      rest = rest.subspan(header.length);
    }
    frames.push_back(std::move(frame));
  }
  return frames;
}
std::string text(const std::vector<Frame>& frames) {
  static const char* const kNames[] = {"data", "window", "ping", "goaway"};
  std::string out;
  for (const Frame& frame : frames) {
    out += out.empty() ? "" : "; ";
    out += kNames[static_cast<int>(frame.type)];
    for (const auto& [flag, mark] : {std::pair<std::uint16_t, const char*>{kYamuxSyn, "+syn"},
                                     {kYamuxAck, "+ack"},
                                     {kYamuxFin, "+fin"},
                                     {kYamuxRst, "+rst"}}) {
      if ((frame.flags & flag) != 0) out += mark;
    }
    out += " " + std::to_string(frame.stream) + " " + std::to_string(frame.length);
  }
  return out;
}

SharedBytes bytes_of(const std::string& text) { return share(Bytes(text.begin(), text.end())); }

using Events = std::vector<std::string>;

YamuxSession listener() { return {YamuxRole::kListener, YamuxConfig{}, kNow}; }
YamuxSession dialer() { return {YamuxRole::kDialer, YamuxConfig{}, kNow}; }

TEST(Yamux, HeaderIsTheOneOfTheSpecification) {
  Bytes out;
  append_yamux_header(out, {0, 1, kYamuxSyn | kYamuxRst, 0x01020304, 0x0a0b0c0d});
  EXPECT_EQ(out, (Bytes{0, 1, 0, 9, 1, 2, 3, 4, 10, 11, 12, 13}));
}

TEST(Yamux, StreamOfARustPeer) {
  YamuxSession session = listener();
  EXPECT_EQ(feed(session, {data(1, kYamuxSyn, "ask"), data(1, kYamuxFin)}),
            (Events{"open 1", "data 1 ask", "end 1"}));
  EXPECT_TRUE(session.write(StreamId{1}, bytes_of("answer")));
  session.finish(StreamId{1});
  EXPECT_EQ(text(sent(session)), "data+ack 1 6; data+fin 1 0");
  EXPECT_FALSE(session.has_stream(StreamId{1}));
  EXPECT_FALSE(session.has_output());
}

TEST(Yamux, StreamOfAJsPeer) {
  YamuxSession session = listener();
  EXPECT_EQ(feed(session, {window(1, kYamuxSyn)}), (Events{"open 1"}));
  EXPECT_EQ(text(sent(session)), "window+ack 1 0");  // acknowledged before there is an answer
  EXPECT_EQ(feed(session, {data(1, 0, "ask"), window(1, kYamuxFin)}),
            (Events{"data 1 ask", "end 1"}));
  EXPECT_TRUE(session.write(StreamId{1}, bytes_of("answer")));
  EXPECT_EQ(text(sent(session)), "data 1 6");
  EXPECT_EQ(feed(session, {window(1, kYamuxRst)}), (Events{"reset 1"}));
  EXPECT_FALSE(session.write(StreamId{1}, bytes_of("more")));
}

TEST(Yamux, EverythingInOneFrameAndAnyCut) {
  for (std::size_t piece = 1; piece < 20; ++piece) {
    YamuxSession session = listener();
    std::string got;
    for (const auto& e : feed(session, encoded(data(7, kYamuxSyn | kYamuxFin, "hello")), piece)) {
      got += e.starts_with("data 7 ") ? e.substr(7) : "(" + e + ")";
    }
    EXPECT_EQ(got, "(open 7)hello(end 7)") << piece;
  }
}

TEST(Yamux, OurStreamCarriesSynOnItsFirstFrame) {
  YamuxSession session = dialer();
  const StreamId first = *session.open_stream();
  const StreamId second = *session.open_stream();
  EXPECT_EQ(first, StreamId{1});
  EXPECT_EQ(second, StreamId{3});
  EXPECT_TRUE(session.write(first, bytes_of("a")));
  EXPECT_TRUE(session.write(first, bytes_of("bc")));
  session.finish(first);
  EXPECT_FALSE(session.write(first, bytes_of("late")));
  EXPECT_EQ(text(sent(session)), "data+syn 1 3; data+fin 1 0; window+syn 3 0");
  EXPECT_EQ(feed(session, {data(1, kYamuxAck, "x"), window(3, kYamuxAck), data(1, kYamuxFin)}),
            (Events{"data 1 x", "end 1"}));
  EXPECT_EQ(session.stream_count(), 1U);
}

TEST(Yamux, BodiesAreCutAndStreamsTakeTurns) {
  YamuxSession session = dialer();
  const StreamId a = *session.open_stream();
  const StreamId b = *session.open_stream();
  EXPECT_TRUE(session.write(a, bytes_of(std::string(40'000, 'a'))));
  EXPECT_TRUE(session.write(b, bytes_of("b")));
  EXPECT_EQ(text(sent(session)), "data+syn 1 16384; data+syn 3 1; data 1 16384; data 1 7232");
}

TEST(Yamux, SendsWithinItsCredit) {
  YamuxSession session = dialer();
  const StreamId a = *session.open_stream();
  EXPECT_TRUE(session.write(a, bytes_of(std::string(kWindow + 10, 'a'))));
  std::size_t total = 0;
  for (const Frame& frame : sent(session)) total += frame.length;
  EXPECT_EQ(total, kWindow);
  EXPECT_FALSE(session.has_output());
  EXPECT_EQ(session.queued_bytes(a), 10U);
  EXPECT_EQ(feed(session, {window(1, kYamuxAck, 4)}), Events{});
  EXPECT_EQ(text(sent(session)), "data 1 4");
  EXPECT_EQ(feed(session, {window(1, 0, 100)}), Events{});
  EXPECT_EQ(text(sent(session)), "data 1 6");
}

TEST(Yamux, SynMayCarryCredit) {
  YamuxSession session = listener();
  EXPECT_EQ(feed(session, {window(1, kYamuxSyn, 1000)}), (Events{"open 1"}));
  EXPECT_TRUE(session.write(StreamId{1}, bytes_of(std::string(kWindow + 2000, 'a'))));
  std::size_t total = 0;
  for (const Frame& frame : sent(session)) total += frame.length;
  EXPECT_EQ(total, kWindow + 1000);
}

TEST(Yamux, GivesCreditBackByTheHalfWindowAndGrowsIt) {
  YamuxSession session = listener();
  const std::string half(kWindow / 2, 'x');
  EXPECT_EQ(feed(session, {data(1, kYamuxSyn, half)}).size(), 2U);
  EXPECT_EQ(text(sent(session)), "window+ack 1 0");
  session.consumed(StreamId{1}, kWindow / 2 - 1);
  EXPECT_FALSE(session.has_output());
  session.consumed(StreamId{1}, 1);
  EXPECT_EQ(text(sent(session)), "window 1 " + std::to_string(kWindow / 2 + kWindow));
  EXPECT_EQ(feed(session, {data(1, 0, half + half)}).size(), 1U);
  session.consumed(StreamId{1}, kWindow);
  EXPECT_EQ(text(sent(session)), "window 1 " + std::to_string(kWindow + 2 * kWindow));
  EXPECT_EQ(feed(session, {data(1, 0, half + half + half + half)}).size(), 1U);
  session.consumed(StreamId{1}, 2 * kWindow);
  EXPECT_EQ(text(sent(session)), "window 1 " + std::to_string(2 * kWindow));  // at its maximum
}

TEST(Yamux, NoCreditForAHalfThatIsClosed) {
  YamuxSession session = listener();
  EXPECT_EQ(feed(session, {data(1, kYamuxSyn | kYamuxFin, std::string(kWindow, 'x'))}).size(), 3U);
  EXPECT_EQ(text(sent(session)), "window+ack 1 0");
  session.consumed(StreamId{1}, kWindow);
  EXPECT_FALSE(session.has_output());
}

TEST(Yamux, LateFramesOfAForgottenStreamAreIgnored) {
  YamuxSession session = listener();
  EXPECT_EQ(feed(session, {data(1, kYamuxSyn, "a")}).size(), 2U);
  session.reset(StreamId{1});
  EXPECT_EQ(text(sent(session)), "data+rst 1 0");
  EXPECT_EQ(feed(session, {data(1, 0, "late"), window(1, 0, 5), data(1, kYamuxFin),
                           data(1, kYamuxRst), data(99, 0, "unknown"), data(3, kYamuxSyn, "b")}),
            (Events{"open 3", "data 3 b"}));
}

TEST(Yamux, ResetWhileABodyArrives) {
  YamuxSession session = listener();
  const Bytes frame = encoded(data(1, kYamuxSyn, "abcdef"));
  EXPECT_EQ(feed(session, BytesView(frame).first(15)), (Events{"open 1", "data 1 abc"}));
  session.reset(StreamId{1});
  EXPECT_EQ(feed(session, BytesView(frame).subspan(15)), Events{});
  EXPECT_EQ(feed(session, {data(3, kYamuxSyn, "g")}), (Events{"open 3", "data 3 g"}));
}

TEST(Yamux, AStreamThatThePeerNeverSawIsForgottenInSilence) {
  YamuxSession session = dialer();
  session.reset(*session.open_stream());
  EXPECT_FALSE(session.has_output());
}

TEST(Yamux, PingIsAnswered) {
  YamuxSession session = listener();
  EXPECT_EQ(feed(session, {Frame{YamuxType::kPing, kYamuxSyn, 0, 0xdeadbeef, {}}}), Events{});
  const auto frames = sent(session);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].flags, kYamuxAck);
  EXPECT_EQ(frames[0].length, 0xdeadbeef);
}

TEST(Yamux, PingMeasuresAndTimesOut) {
  YamuxSession session = dialer();
  EXPECT_EQ(session.next_deadline(), Millis{31'000});
  EXPECT_FALSE(session.on_time(Millis{30'999}));
  EXPECT_FALSE(session.has_output());
  EXPECT_FALSE(session.on_time(Millis{31'000}));
  EXPECT_EQ(text(sent(session)), "ping+syn 0 1");
  const Bytes pong = encoded(Frame{YamuxType::kPing, kYamuxAck, 0, 1, {}});
  BytesView in(pong);
  EXPECT_FALSE(session.read(in, Millis{31'250}));
  EXPECT_EQ(session.round_trip(), Millis{250});
  EXPECT_EQ(session.next_deadline(), Millis{61'250});
  EXPECT_FALSE(session.on_time(Millis{61'250}));
  EXPECT_EQ(session.next_deadline(), Millis{81'250});
  const auto event = session.on_time(Millis{81'250});
  ASSERT_TRUE(event);
  EXPECT_EQ(std::visit(Printer{}, *event), "yamux_ping_timeout");
}

TEST(Yamux, GoAwayEndsBothWays) {
  YamuxSession session = dialer();
  const StreamId a = *session.open_stream();
  EXPECT_TRUE(session.write(a, bytes_of("never sent")));
  session.go_away(0);
  EXPECT_EQ(text(sent(session)), "goaway 0 0");
  EXPECT_FALSE(session.open_stream());

  YamuxSession other = listener();
  EXPECT_EQ(feed(other, {data(1, kYamuxSyn, "a"), Frame{YamuxType::kGoAway, 0, 0, 2, {}},
                         data(1, 0, "b")}),
            (Events{"open 1", "data 1 a", "gone 2"}));
  EXPECT_EQ(other.stream_count(), 0U);
  EXPECT_FALSE(other.has_output());
}

struct Violation {
  const char* reason;
  std::vector<Frame> frames;
};

TEST(Yamux, EveryViolationIsNamedAndAnsweredByGoAway) {
  Frame bad_type = data(1, 0);
  bad_type.type = static_cast<YamuxType>(4);
  Frame large = data(1, kYamuxSyn);
  large.length = 1'048'577;
  const std::string full(kWindow, 'x');
  const std::vector<Violation> violations = {
      {"yamux_frame_type", {bad_type}},
      {"yamux_stream_zero", {data(0, 0, "x")}},
      {"yamux_stream_zero", {window(0, kYamuxSyn)}},
      {"yamux_session_frame", {{YamuxType::kPing, kYamuxSyn, 1, 0, {}}}},
      {"yamux_session_frame", {{YamuxType::kGoAway, 0, 1, 0, {}}}},
      {"yamux_wrong_parity", {data(2, kYamuxSyn)}},
      {"yamux_stream_reused", {data(1, kYamuxSyn), window(1, kYamuxSyn)}},
      {"yamux_body_too_large", {large}},
      {"yamux_window_exceeded", {data(1, kYamuxSyn, full + "y")}},
      {"yamux_window_exceeded", {data(1, kYamuxSyn, full), data(1, 0, "y")}},
      {"yamux_window_overflow", {window(1, kYamuxSyn, 0xffffffff)}},
      {"yamux_window_overflow", {window(1, kYamuxSyn), window(1, 0, 0xffffffff - kWindow + 1)}},
      {"yamux_data_after_fin", {data(1, kYamuxSyn | kYamuxFin), data(1, 0, "x")}},
      {"yamux_ping_flags", {{YamuxType::kPing, 0, 0, 0, {}}}},
      {"yamux_ping_flags", {{YamuxType::kPing, kYamuxSyn | kYamuxAck, 0, 0, {}}}},
      {"yamux_ping_unexpected", {{YamuxType::kPing, kYamuxAck, 0, 0, {}}}},
  };
  for (const auto& [reason, frames] : violations) {
    YamuxSession session = listener();
    const Events events = feed(session, frames);
    ASSERT_FALSE(events.empty()) << reason;
    EXPECT_EQ(events.back(), reason);
    EXPECT_TRUE(session.ended());
    EXPECT_EQ(text(sent(session)), "goaway 0 1") << reason;
    EXPECT_EQ(feed(session, {data(5, kYamuxSyn, "more")}), Events{}) << reason;
  }
}

TEST(Yamux, VersionIsZero) {
  YamuxSession session = listener();
  EXPECT_EQ(feed(session, Bytes{1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0}), (Events{"yamux_version"}));
}

TEST(Yamux, CreditUpToTheMaximumIsNoOverflow) {
  YamuxSession session = listener();
  EXPECT_EQ(feed(session, {window(1, kYamuxSyn), window(1, 0, 0xffffffff - kWindow)}),
            (Events{"open 1"}));
}

TEST(Yamux, StreamsAboveTheLimitAreReset) {
  YamuxConfig config;
  config.inbound_streams_max = 2;
  YamuxSession session(YamuxRole::kListener, config, kNow);
  EXPECT_EQ(feed(session, {data(1, kYamuxSyn), data(3, kYamuxSyn), data(5, kYamuxSyn, "body"),
                           data(5, 0, "more"), data(1, 0, "x")}),
            (Events{"open 1", "open 3", "data 1 x"}));
  EXPECT_EQ(session.refused_streams(), 1U);
  EXPECT_EQ(text(sent(session)), "data+rst 5 0; window+ack 1 0; window+ack 3 0");
  session.reset(StreamId{1});
  EXPECT_EQ(feed(session, {data(7, kYamuxSyn)}), (Events{"open 7"}));
}

TEST(Yamux, WhoDoesNotReadAnswersIsCut) {
  YamuxSession pings = listener();
  std::vector<Frame> frames(limits::kYamuxControlFramesMax,
                            Frame{YamuxType::kPing, kYamuxSyn, 0, 7, {}});
  EXPECT_EQ(feed(pings, frames), Events{});
  EXPECT_EQ(feed(pings, {frames[0]}), (Events{"yamux_control_flood"}));

  YamuxConfig config;
  config.inbound_streams_max = 0;
  YamuxSession resets(YamuxRole::kListener, config, kNow);
  for (std::uint32_t i = 0; i < limits::kYamuxControlFramesMax; ++i) {
    ASSERT_EQ(feed(resets, {data(2 * i + 1, kYamuxSyn)}), Events{});
  }
  EXPECT_EQ(feed(resets, {data(9'999, kYamuxSyn)}), (Events{"yamux_control_flood"}));
}

TEST(Yamux, OpensNoMoreThanThePeerAcknowledges) {
  YamuxSession session = dialer();
  for (std::size_t i = 0; i < limits::kYamuxAckBacklogMax; ++i) ASSERT_TRUE(session.open_stream());
  EXPECT_FALSE(session.open_stream());
  EXPECT_EQ(sent(session).size(), limits::kYamuxAckBacklogMax);
  EXPECT_EQ(feed(session, {window(1, kYamuxAck), window(1, kYamuxAck)}), Events{});
  EXPECT_TRUE(session.open_stream());
  EXPECT_FALSE(session.open_stream());
  EXPECT_EQ(feed(session, {data(3, kYamuxRst)}), (Events{"reset 3"}));
  EXPECT_TRUE(session.open_stream());
}

TEST(Yamux, OutputComesInWholeFramesOfTheGivenSize) {
  YamuxSession session = dialer();
  const StreamId a = *session.open_stream();
  EXPECT_TRUE(session.write(a, bytes_of(std::string(5'000, 'a'))));
  session.finish(a);
  std::size_t total = 0;
  for (int i = 0; session.has_output() && i < 100; ++i) {
    for (const Frame& frame : sent(session, limits::kYamuxOutputBytesMin)) total += frame.length;
  }
  EXPECT_EQ(total, 5'000U);
}

}  // namespace
}  // namespace preconf::io::wire::test
