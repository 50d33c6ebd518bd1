// multistream-select 1.0 (libp2p connection establishment specification): how two sides agree on
// the protocol of a stream, used for the security channel, the multiplexer and every substream.
//
// Messages are uvarint(length) | text '\n'. Both machines take exactly the bytes of the negotiation
// off the front of their input: a peer may send the first bytes of the agreed protocol in the same
// segment (multistream V1 "lazy" mode), and those belong to the next layer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "io/wire/limits.hpp"

namespace preconf::io::wire {

enum class MultistreamError : std::uint8_t {
  kBadLength,         ///< the length is no varint of at most two bytes, or zero
  kTooLong,           ///< a message above kMultistreamMessageBytesMax
  kNoNewline,         ///< a message that does not end in '\n'
  kBadHeader,         ///< the first message is not "/multistream/1.0.0"
  kUnexpectedAnswer,  ///< the listener answers neither the proposal nor "na"
  kBadProposal,       ///< the dialer proposes what does not begin with '/'
  kTooManyProposals,  ///< more questions than kMultistreamProposalsMax
  kNoCommonProtocol,  ///< the listener refused every proposal
};

enum class MultistreamStatus : std::uint8_t {
  kNegotiating,  ///< all input was taken; more has to come
  kAgreed,       ///< agreed() says on what; the rest of the input belongs to it
  kFailed,       ///< error() says why; the stream is of no further use
};

/// Assembles one message at a time; memory is bounded by the longest message.
class MultistreamReader {
 public:
  /// Takes bytes off the front of `in`. Nothing: more bytes are needed, or error() is set. The text
  /// is without its newline and valid until the next call.
  [[nodiscard]] std::optional<std::string_view> next(core::BytesView& in);
  [[nodiscard]] std::optional<MultistreamError> error() const { return error_; }

 private:
  bool read_length(core::BytesView& in);

  core::Bytes message_;
  std::array<std::uint8_t, 2> length_{};
  std::uint8_t length_size_ = 0;
  std::uint16_t size_ = 0;  ///< of the message, once its length is there
  std::optional<MultistreamError> error_;
};

/// Proposes protocols in order of preference until one is accepted.
class MultistreamDialer {
 public:
  /// `protocols` is not empty, each begins with '/', and outlives the machine. The header and the
  /// first proposal are output at once.
  explicit MultistreamDialer(std::span<const std::string> protocols);

  [[nodiscard]] MultistreamStatus on_bytes(core::BytesView& in);
  /// Appends what is to be sent. With a single protocol, bytes of that protocol may follow at once:
  /// listeners that accept it do not lose them.
  void take_output(core::Bytes& out);

  /// Index into the protocols. Requires kAgreed.
  [[nodiscard]] std::size_t agreed() const { return proposal_; }
  [[nodiscard]] std::optional<MultistreamError> error() const { return error_; }

 private:
  MultistreamStatus fail(MultistreamError error);
  MultistreamStatus on_answer(std::string_view answer);

  std::span<const std::string> protocols_;
  MultistreamReader reader_;
  core::Bytes output_;
  std::size_t proposal_ = 0;
  bool has_header_ = false;
  MultistreamStatus status_ = MultistreamStatus::kNegotiating;
  std::optional<MultistreamError> error_;
};

/// Answers proposals: accepts the first that it knows, "na" to the others, the list to "ls".
class MultistreamListener {
 public:
  /// `protocols` outlives the machine.
  explicit MultistreamListener(std::span<const std::string> protocols) : protocols_(protocols) {}

  [[nodiscard]] MultistreamStatus on_bytes(core::BytesView& in);
  void take_output(core::Bytes& out);

  /// Index into the protocols. Requires kAgreed.
  [[nodiscard]] std::size_t agreed() const { return agreed_; }
  [[nodiscard]] std::optional<MultistreamError> error() const { return error_; }

 private:
  MultistreamStatus fail(MultistreamError error);
  MultistreamStatus on_message(std::string_view message);
  void answer_list();

  std::span<const std::string> protocols_;
  MultistreamReader reader_;
  core::Bytes output_;
  std::size_t agreed_ = 0;
  std::size_t questions_ = 0;
  bool has_header_ = false;
  MultistreamStatus status_ = MultistreamStatus::kNegotiating;
  std::optional<MultistreamError> error_;
};

}  // namespace preconf::io::wire
