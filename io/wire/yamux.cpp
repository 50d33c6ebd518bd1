// What arrives. The other half of the machine is yamux_send.cpp.
#include "io/wire/yamux.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace preconf::io::wire {
namespace {

constexpr std::uint32_t kProtocolErrorCode = 1;

core::Millis after(core::Millis now, core::Millis delay) {
  return core::Millis{now.value + delay.value};
}

}  // namespace

const char* name_of(YamuxError error) {
  switch (error) {
    case YamuxError::kVersion:
      return "yamux_version";
    case YamuxError::kFrameType:
      return "yamux_frame_type";
    case YamuxError::kStreamZero:
      return "yamux_stream_zero";
    case YamuxError::kSessionFrame:
      return "yamux_session_frame";
    case YamuxError::kWrongParity:
      return "yamux_wrong_parity";
    case YamuxError::kStreamReused:
      return "yamux_stream_reused";
    case YamuxError::kBodyTooLarge:
      return "yamux_body_too_large";
    case YamuxError::kWindowExceeded:
      return "yamux_window_exceeded";
    case YamuxError::kWindowOverflow:
      return "yamux_window_overflow";
    case YamuxError::kDataAfterFin:
      return "yamux_data_after_fin";
    case YamuxError::kPingFlags:
      return "yamux_ping_flags";
    case YamuxError::kPingUnexpected:
      return "yamux_ping_unexpected";
    case YamuxError::kControlFlood:
      return "yamux_control_flood";
    case YamuxError::kPingTimeout:
      return "yamux_ping_timeout";
  }
  return "yamux_unknown";
}

YamuxSession::YamuxSession(YamuxRole role, const YamuxConfig& config, core::Millis now)
    : role_(role),
      config_(config),
      next_stream_(role == YamuxRole::kDialer ? 1 : 2),
      ping_at_(after(now, config.ping_interval)) {
  PRECONF_ASSERT(config.window_bytes_max >= limits::kYamuxWindowBytesFirst);
}

std::optional<YamuxEvent> YamuxSession::read(core::BytesView& in, core::Millis now) {
  while (!ended_) {
    std::optional<YamuxEvent> event;
    switch (phase_) {
      case Phase::kHeader: {
        const std::size_t size = std::min(kYamuxHeaderBytes - header_size_, in.size());
        std::copy_n(in.begin(), size, header_bytes_.begin() + header_size_);
        header_size_ += size;
        in = in.subspan(size);
        if (header_size_ < kYamuxHeaderBytes) return std::nullopt;
        header_size_ = 0;
        header_ = decode_yamux_header(header_bytes_);
        event = on_header(now);
        break;
      }
      case Phase::kFrame:
        event = on_frame();
        break;
      case Phase::kBody:
        if (body_left_ > 0 && in.empty()) return std::nullopt;
        event = on_body(in);
        break;
      case Phase::kEnd:
        event = on_end();
        break;
    }
    if (event) return event;
  }
  in = {};
  return std::nullopt;
}

std::optional<YamuxEvent> YamuxSession::on_header(core::Millis now) {
  if (header_.version != 0) return fail(YamuxError::kVersion);
  if (header_.type > static_cast<std::uint8_t>(YamuxType::kGoAway)) {
    return fail(YamuxError::kFrameType);
  }
  const auto type = static_cast<YamuxType>(header_.type);
  if (type == YamuxType::kPing) return on_ping(now);
  if (type == YamuxType::kGoAway) return on_go_away();
  if (header_.stream == 0) return fail(YamuxError::kStreamZero);
  if (type == YamuxType::kData && header_.length > limits::kYamuxBodyBytesMax) {
    return fail(YamuxError::kBodyTooLarge);
  }
  phase_ = Phase::kFrame;
  if (header_.has(kYamuxRst)) return on_reset();
  if (header_.has(kYamuxSyn)) return on_syn();
  return std::nullopt;
}

/// The frame concerns no live stream: its body, if it has one, is dropped.
void YamuxSession::skip_frame() {
  const bool is_data = header_.type == static_cast<std::uint8_t>(YamuxType::kData);
  body_left_ = is_data ? header_.length : 0;
  phase_ = Phase::kBody;
}

std::optional<YamuxEvent> YamuxSession::on_reset() {
  const auto stream = streams_.find(header_.stream);
  skip_frame();
  if (stream == streams_.end()) return std::nullopt;
  erase(stream);
  return yamux::StreamReset{StreamId{header_.stream}};
}

std::optional<YamuxEvent> YamuxSession::on_syn() {
  if (is_ours(header_.stream)) return fail(YamuxError::kWrongParity);
  if (streams_.contains(header_.stream)) return fail(YamuxError::kStreamReused);
  if (resets_.size() >= limits::kYamuxControlFramesMax) return fail(YamuxError::kControlFlood);
  if (inbound_ >= config_.inbound_streams_max) {
    resets_.push_back(header_.stream);
    ++refused_streams_;
    skip_frame();
    return std::nullopt;
  }
  Stream stream;
  stream.send_credit = limits::kYamuxWindowBytesFirst;
  stream.window = limits::kYamuxWindowBytesFirst;
  stream.receive_credit = limits::kYamuxWindowBytesFirst;
  stream.owes_ack = true;
  stream.acked = true;
  ++inbound_;
  give_turn(streams_.emplace(header_.stream, std::move(stream)).first);
  return yamux::StreamOpened{StreamId{header_.stream}};
}

std::optional<YamuxEvent> YamuxSession::on_ping(core::Millis now) {
  if (header_.stream != 0) return fail(YamuxError::kSessionFrame);
  const bool asks = header_.has(kYamuxSyn);
  if (asks == header_.has(kYamuxAck)) return fail(YamuxError::kPingFlags);
  if (asks) {
    if (pongs_.size() >= limits::kYamuxControlFramesMax) return fail(YamuxError::kControlFlood);
    pongs_.push_back(header_.length);
    return std::nullopt;
  }
  if (!ping_waits_ || ping_due_ || header_.length != ping_value_) {
    return fail(YamuxError::kPingUnexpected);
  }
  ping_waits_ = false;
  ping_at_ = after(now, config_.ping_interval);
  round_trip_ = core::Millis{now.value - std::min(now.value, ping_sent_.value)};
  return std::nullopt;
}

std::optional<YamuxEvent> YamuxSession::on_go_away() {
  if (header_.stream != 0) return fail(YamuxError::kSessionFrame);
  ended_ = true;
  streams_.clear();
  turns_.clear();
  return yamux::GoneAway{header_.length};
}

std::optional<YamuxEvent> YamuxSession::on_frame() {
  const auto found = streams_.find(header_.stream);
  if (found == streams_.end()) {  // closed here, and the peer did not know when it sent this
    skip_frame();
    return std::nullopt;
  }
  Stream& stream = found->second;
  if (header_.has(kYamuxAck) && !stream.acked) {
    stream.acked = true;
    --unacked_;
  }
  if (header_.type == static_cast<std::uint8_t>(YamuxType::kWindowUpdate)) {
    stream.send_credit += header_.length;
    if (stream.send_credit > UINT32_MAX) return fail(YamuxError::kWindowOverflow);
    give_turn(found);
    phase_ = Phase::kEnd;
    return std::nullopt;
  }
  if (header_.length > 0 && stream.fin_received) return fail(YamuxError::kDataAfterFin);
  if (header_.length > stream.receive_credit) return fail(YamuxError::kWindowExceeded);
  stream.receive_credit -= header_.length;
  body_left_ = header_.length;
  phase_ = Phase::kBody;
  return std::nullopt;
}

std::optional<YamuxEvent> YamuxSession::on_body(core::BytesView& in) {
  if (body_left_ == 0) {
    phase_ = Phase::kEnd;
    return std::nullopt;
  }
  const core::BytesView data = in.first(std::min<std::size_t>(body_left_, in.size()));
  in = in.subspan(data.size());
  body_left_ -= static_cast<std::uint32_t>(data.size());
  // Looked up again: the reader may have reset the stream after the first part of the body.
  if (!streams_.contains(header_.stream)) return std::nullopt;
  return yamux::StreamData{StreamId{header_.stream}, data};
}

std::optional<YamuxEvent> YamuxSession::on_end() {
  phase_ = Phase::kHeader;
  if (!header_.has(kYamuxFin)) return std::nullopt;
  const auto stream = streams_.find(header_.stream);
  if (stream == streams_.end() || stream->second.fin_received) return std::nullopt;
  stream->second.fin_received = true;
  erase_if_closed(stream);
  return yamux::StreamEnded{StreamId{header_.stream}};
}

YamuxEvent YamuxSession::fail(YamuxError error) {
  go_away(kProtocolErrorCode);
  return yamux::Failed{error};
}

void YamuxSession::erase(Streams::iterator stream) {
  if (!is_ours(stream->first)) {
    --inbound_;
  } else if (!stream->second.acked) {
    --unacked_;
  }
  streams_.erase(stream);  // its place in turns_ is found empty when its turn comes
}

void YamuxSession::erase_if_closed(Streams::iterator stream) {
  if (stream->second.fin_sent && stream->second.fin_received) erase(stream);
}

bool YamuxSession::is_ours(std::uint32_t id) const {
  return (id % 2 == 1) == (role_ == YamuxRole::kDialer);
}

core::Millis YamuxSession::next_deadline() const {
  return ping_waits_ ? after(ping_sent_, config_.ping_timeout) : ping_at_;
}

std::optional<YamuxEvent> YamuxSession::on_time(core::Millis now) {
  if (ended_ || now < next_deadline()) return std::nullopt;
  if (ping_waits_) return fail(YamuxError::kPingTimeout);
  ping_waits_ = true;
  ping_due_ = true;
  ping_sent_ = now;
  ++ping_value_;
  return std::nullopt;
}

}  // namespace preconf::io::wire
