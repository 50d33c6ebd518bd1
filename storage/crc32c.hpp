// CRC-32C as RocksDB stores it in its write-ahead logs and blob files. Private to storage/.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"

namespace preconf::storage {

namespace detail {
constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
    table[i] = crc;
  }
  return table;
}
inline constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();
}  // namespace detail

/// CRC-32C (Castagnoli, RFC 3720), masked: rotated right by 15 bits, plus 0xa282ead8.
[[nodiscard]] inline std::uint32_t masked_crc32c(core::BytesView bytes) {
  std::uint32_t crc = ~0u;
  for (const std::uint8_t byte : bytes) crc = (crc >> 8) ^ detail::kCrcTable[(crc ^ byte) & 0xff];
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

}  // namespace preconf::storage
