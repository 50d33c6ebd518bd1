// Values of the Ethereum JSON-RPC convention: hex quantities and hex data. A value of the wrong
// kind, size or spelling gives nothing.
#pragma once

#include <optional>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/hex.hpp"
#include "io/json/json_reader.hpp"

namespace preconf::io {

/// "0x" and 1..64 hex digits; leading zeros are accepted.
[[nodiscard]] std::optional<core::U256> u256_from_quantity(std::string_view text);
/// Likewise and at most 64 bits.
[[nodiscard]] std::optional<std::uint64_t> u64_from_quantity(std::string_view text);

[[nodiscard]] std::optional<core::U256> as_quantity_u256(JsonValue value);
[[nodiscard]] std::optional<std::uint64_t> as_quantity_u64(JsonValue value);

/// A user's U256: hex quantity, decimal text, or a JSON number.
[[nodiscard]] std::optional<core::U256> as_lenient_u256(JsonValue value);

/// "0x" and an even number of hex digits, at most `bytes_max` bytes.
[[nodiscard]] std::optional<core::Bytes> as_data(JsonValue value, std::size_t bytes_max);

/// "0x" and exactly 2 * N hex digits.
template <std::size_t N>
[[nodiscard]] std::optional<core::FixedBytes<N>> as_fixed(JsonValue value) {
  const auto text = value.as_string();
  if (!text || !text->starts_with("0x")) return std::nullopt;
  return core::fixed_from_hex<N>(*text);
}

/// Moves what was read to its place; false when nothing was.
template <class T>
[[nodiscard]] bool take(std::optional<T> from, T& to) {
  if (!from) return false;
  to = std::move(*from);
  return true;
}

}  // namespace preconf::io
