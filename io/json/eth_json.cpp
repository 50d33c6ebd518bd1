#include "io/json/eth_json.hpp"

#include <algorithm>

namespace preconf::io {
namespace {

constexpr std::size_t kDecimalDigitsMax = 78;  // 2^256 has 78 digits

std::optional<core::U256> u256_from_decimal(std::string_view text) {
  if (text.empty() || text.size() > kDecimalDigitsMax) return std::nullopt;
  core::U256 value;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    unsigned carry = static_cast<unsigned>(c - '0');
    for (std::size_t i = 32; i-- > 0;) {
      carry += value.be.bytes[i] * 10U;
      value.be.bytes[i] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry != 0) return std::nullopt;
  }
  return value;
}

}  // namespace

std::optional<core::U256> u256_from_quantity(std::string_view text) {
  if (!text.starts_with("0x")) return std::nullopt;
  text.remove_prefix(2);
  if (text.empty() || text.size() > 64) return std::nullopt;
  std::string padded(64 - text.size(), '0');
  padded += text;
  const auto bytes = core::fixed_from_hex<32>(padded);
  if (!bytes) return std::nullopt;
  return core::U256{*bytes};
}

std::optional<std::uint64_t> u64_from_quantity(std::string_view text) {
  const auto value = u256_from_quantity(text);
  if (!value || !value->fits_u64()) return std::nullopt;
  return value->low_u64();
}

std::optional<core::U256> as_quantity_u256(JsonValue value) {
  const auto text = value.as_string();
  return text ? u256_from_quantity(*text) : std::nullopt;
}

std::optional<std::uint64_t> as_quantity_u64(JsonValue value) {
  const auto text = value.as_string();
  return text ? u64_from_quantity(*text) : std::nullopt;
}

std::optional<core::U256> as_lenient_u256(JsonValue value) {
  if (const auto number = value.as_u64()) return core::U256::from_u64(*number);
  const auto text = value.as_string();
  if (!text) return std::nullopt;
  return text->starts_with("0x") ? u256_from_quantity(*text) : u256_from_decimal(*text);
}

std::optional<core::Bytes> as_data(JsonValue value, std::size_t bytes_max) {
  const auto text = value.as_string();
  if (!text || !text->starts_with("0x") || text->size() > 2 + 2 * bytes_max) return std::nullopt;
  return core::from_hex(*text);
}

}  // namespace preconf::io
