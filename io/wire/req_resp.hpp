// The request/response protocols of the permissionless network (P2P specification, sections 10 and
// 11): one stream per exchange, one frame uvarint(length) | SSZ each way, then each side closes its
// half. There are no error answers: whoever can not go on resets the stream.
//
// The machines read the peer's frame and watch the time; the stream itself belongs to the caller.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/types.hpp"
#include "io/wire/frame_reader.hpp"
#include "io/wire/limits.hpp"
#include "io/wire/shared_bytes.hpp"

namespace preconf::io::wire {

enum class ExchangeProtocol : std::uint8_t {
  kGetHead = 0,
  kGetCommitmentsByNumber = 1,
  kGetRawTxList = 2,
};
inline constexpr std::size_t kExchangeProtocolCount = 3;

/// "/taiko/<chain_id>/preconf/1/get_head", and so on.
[[nodiscard]] std::string protocol_id(ExchangeProtocol protocol, std::uint64_t chain_id);
/// "get_head", for logs and metrics.
[[nodiscard]] std::string_view name_of(ExchangeProtocol protocol);

/// Bytes of SSZ that a frame may have, as the deployed peers enforce it.
[[nodiscard]] std::size_t request_bytes_max(ExchangeProtocol protocol);
[[nodiscard]] std::size_t response_bytes_max(ExchangeProtocol protocol);

/// uvarint(size) | body, ready to be written.
[[nodiscard]] SharedBytes frame_of(core::BytesView body);

/// Why an exchange has no result.
enum class ExchangeFailure : std::uint8_t {
  kNotConnected = 1,     ///< no such peer, or the connection is closing
  kTooMany,              ///< more exchanges of ours with the peer than we allow ourselves
  kRequestTooLarge,      ///< above request_bytes_max(): refused here
  kUnsupportedProtocol,  ///< the peer does not speak it
  kNegotiation,          ///< the peer does not speak multistream-select on the stream
  kTimeout,              ///< not complete within kExchangeTimeout
  kFrameTooLarge,        ///< the peer announces more than the protocol allows
  kFrameLength,          ///< the length is no varint of the shortest form
  kCut,                  ///< the peer closed its half before the frame was complete
  kReset,                ///< the peer reset the stream
  kConnectionClosed,
};
[[nodiscard]] const char* name_of(ExchangeFailure failure);

/// Reads the one frame of the other side. What comes behind it is ignored, as the deployed peers
/// do. Memory follows what has arrived and is bounded by the protocol's limit.
class ExchangeReader {
 public:
  ExchangeReader(std::size_t bytes_max, core::Millis deadline)
      : reader_(bytes_max), deadline_(deadline) {}

  enum class Status : std::uint8_t { kReading, kComplete, kFailed };

  /// All of `in` is taken.
  [[nodiscard]] Status on_data(core::BytesView in);
  /// FIN of the other side.
  [[nodiscard]] Status on_end();
  [[nodiscard]] Status on_time(core::Millis now);
  [[nodiscard]] Status status() const { return status_; }

  [[nodiscard]] core::Millis deadline() const { return deadline_; }
  /// Requires kFailed.
  [[nodiscard]] ExchangeFailure failure() const { return failure_; }
  /// The frame's content, moved out. Requires kComplete.
  [[nodiscard]] core::Bytes take_body() { return std::move(body_); }

 private:
  Status fail(ExchangeFailure failure);

  FrameReader reader_;
  core::Millis deadline_;
  core::Bytes body_;
  Status status_ = Status::kReading;
  ExchangeFailure failure_ = ExchangeFailure::kCut;
};

/// Requester: write frame_of(request) and FIN, then feed what comes back.
[[nodiscard]] ExchangeReader response_reader(ExchangeProtocol protocol, core::Millis now);

/// Responder: feed what comes in; when complete, the answer is due by the same deadline, then
/// FIN. An exchange has kExchangeTimeout from the stream's opening to its last byte.
[[nodiscard]] ExchangeReader request_reader(ExchangeProtocol protocol, core::Millis now);

}  // namespace preconf::io::wire
