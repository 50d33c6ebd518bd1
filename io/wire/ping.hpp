// ping (libp2p ping specification): 32 bytes go and come back.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/types.hpp"
#include "io/wire/limits.hpp"

namespace preconf::io::wire {

inline constexpr std::string_view kPingProtocol = "/ipfs/ping/1.0.0";

using PingPayload = core::FixedBytes<limits::kPingBytes>;

/// The answering side: each 32 bytes come back once they are complete, until the opener ends the
/// stream.
class PingResponder {
 public:
  /// Takes all of `in`; appends what is to be sent, never more than was received.
  void on_bytes(core::BytesView in, core::Bytes& out);

 private:
  PingPayload payload_;
  std::size_t filled_ = 0;
};

enum class PingError : std::uint8_t {
  kMismatch,  ///< other bytes than were sent
  kUnasked,   ///< bytes while none were awaited
  kTimedOut,  ///< no answer within kPingTimeout
};

/// The asking side; one payload at a time on one stream.
class PingDialer {
 public:
  /// The deployed peers' patience.
  static constexpr core::Millis kPingTimeout{20'000};

  /// Appends `payload`, 32 random bytes. Requires that no answer is awaited.
  void send(const PingPayload& payload, core::Millis now, core::Bytes& out);
  /// Takes all of `in`. The round trip time when an answer became complete; nothing while more
  /// bytes are needed or after error() was set.
  [[nodiscard]] std::optional<core::Millis> on_bytes(core::BytesView in, core::Millis now);
  /// False when the answer is overdue; error() is then kTimedOut.
  [[nodiscard]] bool on_time(core::Millis now);
  [[nodiscard]] std::optional<core::Millis> next_deadline() const;
  [[nodiscard]] std::optional<PingError> error() const { return error_; }

 private:
  PingPayload sent_;
  core::Millis sent_at_;
  std::size_t matched_ = 0;  ///< bytes of the answer that have arrived
  bool waiting_ = false;
  std::optional<PingError> error_;
};

}  // namespace preconf::io::wire
