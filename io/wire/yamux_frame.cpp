#include "io/wire/yamux_frame.hpp"

namespace preconf::io::wire {
namespace {

std::uint32_t read_u32(const std::uint8_t* at) {
  return (std::uint32_t{at[0]} << 24) | (std::uint32_t{at[1]} << 16) | (std::uint32_t{at[2]} << 8) |
         std::uint32_t{at[3]};
}

void write_u32(std::uint8_t* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

}  // namespace

YamuxHeader decode_yamux_header(const std::array<std::uint8_t, kYamuxHeaderBytes>& bytes) {
  YamuxHeader header;
  header.version = bytes[0];
  header.type = bytes[1];
  header.flags = static_cast<std::uint16_t>((bytes[2] << 8) | bytes[3]);
  header.stream = read_u32(&bytes[4]);
  header.length = read_u32(&bytes[8]);
  return header;
}

void append_yamux_header(core::Bytes& out, const YamuxHeader& header) {
  std::array<std::uint8_t, kYamuxHeaderBytes> bytes{};
  bytes[0] = header.version;
  bytes[1] = header.type;
  bytes[2] = static_cast<std::uint8_t>(header.flags >> 8);
  bytes[3] = static_cast<std::uint8_t>(header.flags);
  write_u32(&bytes[4], header.stream);
  write_u32(&bytes[8], header.length);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace preconf::io::wire
