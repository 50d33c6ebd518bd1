// Unsigned LEB128, the "unsigned varint" of multiformats: seven bits per byte, least significant
// group first. Only the shortest form of a number is valid.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace preconf::io::wire {

enum class VarintError : std::uint8_t {
  kIncomplete,  ///< the input ends before the number does: more bytes may come
  kOverflow,    ///< more than the allowed bytes, or more than 64 bits
  kNotMinimal,  ///< the last byte is zero: the same number has a shorter form
};

struct Varint {
  std::uint64_t value = 0;
  std::size_t size = 0;  ///< bytes it took, 1..10
};

/// The number at the start of `in`, of at most `bytes_max` bytes. Requires 1 <= bytes_max <= 10.
[[nodiscard]] core::Result<Varint, VarintError> read_uvarint(core::BytesView in,
                                                             std::size_t bytes_max);

/// The same without the rule of the shortest form: what parsers of Protocol Buffers accept.
[[nodiscard]] core::Result<Varint, VarintError> read_padded_uvarint(core::BytesView in,
                                                                    std::size_t bytes_max);

/// Appends the shortest form of `value`.
void put_uvarint(core::Bytes& out, std::uint64_t value);

/// Bytes that put_uvarint() appends, 1..10.
[[nodiscard]] std::size_t uvarint_size(std::uint64_t value);

}  // namespace preconf::io::wire
