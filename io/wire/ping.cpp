#include "io/wire/ping.hpp"

#include "core/base/assert.hpp"

namespace preconf::io::wire {

void PingResponder::on_bytes(core::BytesView in, core::Bytes& out) {
  while (!in.empty()) {
    const core::BytesView piece = in.first(std::min(in.size(), limits::kPingBytes - filled_));
    std::copy(piece.begin(), piece.end(), payload_.bytes.begin() + static_cast<long>(filled_));
    in = in.subspan(piece.size());
    filled_ += piece.size();
    if (filled_ < limits::kPingBytes) return;
    out.insert(out.end(), payload_.bytes.begin(), payload_.bytes.end());
    filled_ = 0;
  }
}

void PingDialer::send(const PingPayload& payload, core::Millis now, core::Bytes& out) {
  PRECONF_ASSERT(!waiting_);
  sent_ = payload;
  sent_at_ = now;
  matched_ = 0;
  waiting_ = true;
  out.insert(out.end(), payload.bytes.begin(), payload.bytes.end());
}

std::optional<core::Millis> PingDialer::on_bytes(core::BytesView in, core::Millis now) {
  for (const std::uint8_t byte : in) {
    if (error_) return std::nullopt;
    if (!waiting_) {
      error_ = PingError::kUnasked;
    } else if (byte != sent_.bytes[matched_]) {
      error_ = PingError::kMismatch;
    } else if (++matched_ == limits::kPingBytes) {
      waiting_ = false;
    }
  }
  if (error_ || waiting_ || in.empty()) return std::nullopt;
  return core::Millis{core::distance(sent_at_, now)};
}

bool PingDialer::on_time(core::Millis now) {
  if (!error_ && waiting_ && core::distance(sent_at_, now) >= kPingTimeout.value) {
    error_ = PingError::kTimedOut;
  }
  return error_ != PingError::kTimedOut;
}

std::optional<core::Millis> PingDialer::next_deadline() const {
  if (!waiting_ || error_) return std::nullopt;
  return core::Millis{sent_at_.value + kPingTimeout.value};
}

}  // namespace preconf::io::wire
