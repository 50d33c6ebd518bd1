// The 12-byte header of yamux frames (libp2p specifications, yamux/1.0.0). Big-endian.
//
//   0 u8 version = 0 | 1 u8 type | 2 u16 flags | 4 u32 stream id | 8 u32 length
//
// `length` is the size of the body (Data), a credit (WindowUpdate), an opaque value (Ping) or a
// reason (GoAway).
#pragma once

#include <array>

#include "core/base/bytes.hpp"

namespace preconf::io::wire {

inline constexpr std::size_t kYamuxHeaderBytes = 12;

/// Wire values.
enum class YamuxType : std::uint8_t { kData = 0, kWindowUpdate = 1, kPing = 2, kGoAway = 3 };

inline constexpr std::uint16_t kYamuxSyn = 1;
inline constexpr std::uint16_t kYamuxAck = 2;
inline constexpr std::uint16_t kYamuxFin = 4;
inline constexpr std::uint16_t kYamuxRst = 8;

struct YamuxHeader {
  std::uint8_t version = 0;  ///< as read; only 0 is defined
  std::uint8_t type = 0;     ///< as read; see YamuxType
  std::uint16_t flags = 0;
  std::uint32_t stream = 0;  ///< 0 is the session itself
  std::uint32_t length = 0;

  [[nodiscard]] bool has(std::uint16_t flag) const { return (flags & flag) != 0; }
};

[[nodiscard]] YamuxHeader decode_yamux_header(
    const std::array<std::uint8_t, kYamuxHeaderBytes>& bytes);

/// Appends 12 bytes.
void append_yamux_header(core::Bytes& out, const YamuxHeader& header);

}  // namespace preconf::io::wire
