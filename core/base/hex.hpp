// Hexadecimal text <-> bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace preconf::core {

/// Lower-case hex digits without prefix.
[[nodiscard]] std::string to_hex(BytesView bytes);
/// "0x" followed by lower-case hex digits.
[[nodiscard]] std::string to_hex0x(BytesView bytes);
/// "0x" quantity of the JSON-RPC convention: no leading zeros, zero is "0x0".
[[nodiscard]] std::string to_quantity(std::uint64_t value);

/// Decodes hex digits of either case with an optional 0x prefix. Odd length or any other character
/// gives nothing. Allocates text.size() / 2 bytes: the caller bounds the text.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

/// Like from_hex, and the decoded length must be exactly N.
template <std::size_t N>
[[nodiscard]] std::optional<FixedBytes<N>> fixed_from_hex(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  if (text.size() != 2 * N) return std::nullopt;
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != N) return std::nullopt;  // a second prefix is not digits
  return FixedBytes<N>::from(*bytes);
}

}  // namespace preconf::core
