// A zlib stream (RFC 1950), inflated piece by piece into memory that the caller bounds.
#pragma once

#include "core/base/bytes.hpp"

namespace preconf::core::codec {

enum class InflateStep : std::uint8_t {
  kMore = 0,  ///< the room was filled and the stream goes on
  kEnd = 1,   ///< the stream ended, its checksum holds; bytes after it were not looked at
  kBad = 2,   ///< corrupt, cut short, or asks for a preset dictionary
};

class Inflater {
 public:
  /// `input` must outlive this object.
  explicit Inflater(BytesView input);
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater();

  /// Fills `room` as far as the stream reaches. `produced` grows by what was written. Requires a
  /// room that is not empty.
  InflateStep fill(std::span<std::uint8_t> room, std::size_t& produced);

 private:
  alignas(8) std::array<std::uint8_t, 112> stream_{};  ///< zlib's z_stream; size checked in .cpp
  bool usable_ = false;
};

}  // namespace preconf::core::codec
