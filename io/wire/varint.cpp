#include "io/wire/varint.hpp"

#include <bit>

#include "core/base/assert.hpp"
#include "io/wire/limits.hpp"

namespace preconf::io::wire {
namespace {

constexpr std::uint8_t kMore = 0x80;
constexpr std::uint8_t kGroup = 0x7f;
constexpr unsigned kGroupBits = 7;
/// The tenth byte holds bit 63 and nothing above it.
constexpr std::uint8_t kLastByteMax = 1;

}  // namespace

core::Result<Varint, VarintError> read_padded_uvarint(core::BytesView in, std::size_t bytes_max) {
  PRECONF_ASSERT(bytes_max >= 1 && bytes_max <= limits::kVarintBytesMax);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes_max; ++i) {
    if (i == in.size()) return core::Unexpected{VarintError::kIncomplete};
    const std::uint8_t byte = in[i];
    if (i + 1 == limits::kVarintBytesMax && byte > kLastByteMax) break;
    value |= std::uint64_t{static_cast<std::uint8_t>(byte & kGroup)}
             << (kGroupBits * static_cast<unsigned>(i));
    if ((byte & kMore) == 0) return Varint{value, i + 1};
  }
  return core::Unexpected{VarintError::kOverflow};
}

core::Result<Varint, VarintError> read_uvarint(core::BytesView in, std::size_t bytes_max) {
  const auto read = read_padded_uvarint(in, bytes_max);
  if (read && read->size > 1 && in[read->size - 1] == 0) {
    return core::Unexpected{VarintError::kNotMinimal};
  }
  return read;
}

void put_uvarint(core::Bytes& out, std::uint64_t value) {
  while (value > kGroup) {
    out.push_back(static_cast<std::uint8_t>((value & kGroup) | kMore));
    value >>= kGroupBits;
  }
  out.push_back(static_cast<std::uint8_t>(value));
}

std::size_t uvarint_size(std::uint64_t value) {
  const auto bits = static_cast<std::size_t>(std::bit_width(value | 1));
  return (bits + kGroupBits - 1) / kGroupBits;
}

}  // namespace preconf::io::wire
