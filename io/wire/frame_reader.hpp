// Frames of the form uvarint(length) | length bytes out of a stream that arrives in pieces: what
// gossipsub, identify and the request/response protocols are made of.
#pragma once

#include "core/base/bytes.hpp"
#include "io/wire/limits.hpp"

namespace preconf::io::wire {

/// Reads frame after frame. Memory follows what has arrived, not what a length claims.
class FrameReader {
 public:
  /// `frame_bytes_max` is the longest content that is accepted. `length_bytes_max` bounds the
  /// length itself, 1..10 bytes.
  explicit FrameReader(std::size_t frame_bytes_max,
                       std::size_t length_bytes_max = limits::kFrameLengthBytesMax);

  enum class Status : std::uint8_t {
    kNeedMore,   ///< all of `in` is consumed and the frame is not complete
    kFrame,      ///< one frame; `in` is what comes after it
    kTooLarge,   ///< the length is above the bound; the stream can not go on
    kBadLength,  ///< the length is not a varint of the shortest form; the same
  };

  /// Takes bytes from the front of `in` until a frame is complete. On kFrame `frame` is its content
  /// (its former content is lost). Both errors are final: every later call repeats them and
  /// consumes nothing.
  [[nodiscard]] Status next(core::BytesView& in, core::Bytes& frame);

  /// Has a frame begun that is not complete? A stream that ends here was cut.
  [[nodiscard]] bool in_frame() const { return length_size_ > 0; }
  /// Heap bytes held for a frame that is not complete.
  [[nodiscard]] std::size_t memory_bytes() const { return content_.capacity(); }

 private:
  Status read_length(core::BytesView& in);

  std::size_t frame_bytes_max_;
  std::size_t length_bytes_max_;
  std::array<std::uint8_t, limits::kVarintBytesMax> length_{};
  std::size_t length_size_ = 0;  ///< bytes of the length that have arrived
  bool has_length_ = false;
  std::size_t missing_ = 0;  ///< bytes of the content that have not arrived
  Status failed_ = Status::kNeedMore;
  core::Bytes content_;
};

}  // namespace preconf::io::wire
