#include "core/base/hex.hpp"

#include <array>

namespace preconf::core {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::uint8_t kNotHex = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotHex);
  for (std::uint8_t i = 0; i < 10; ++i) values[static_cast<std::size_t>('0') + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    values[static_cast<std::size_t>('a') + i] = static_cast<std::uint8_t>(10 + i);
    values[static_cast<std::size_t>('A') + i] = static_cast<std::uint8_t>(10 + i);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

void append_hex(std::string& out, BytesView bytes) {
  const std::size_t start = out.size();
  out.resize(start + 2 * bytes.size());
  char* cursor = out.data() + start;
  for (const std::uint8_t byte : bytes) {
    *cursor++ = kDigits[byte >> 4];
    *cursor++ = kDigits[byte & 0x0f];
  }
}

}  // namespace

std::string to_hex(BytesView bytes) {
  std::string out;
  append_hex(out, bytes);
  return out;
}

std::string to_hex0x(BytesView bytes) {
  std::string out = "0x";
  append_hex(out, bytes);
  return out;
}

std::string to_quantity(std::uint64_t value) {
  if (value == 0) return "0x0";
  std::string digits;
  for (; value != 0; value >>= 4) digits.push_back(kDigits[value & 0x0f]);
  return "0x" + std::string(digits.rbegin(), digits.rend());
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out(text.size() / 2);
  // Bare pointers: blobs come as hex, and checked indices take twice as long.
  const char* digit = text.data();
  const std::uint8_t* const values = kValues.data();
  unsigned bad = 0;
  for (std::uint8_t& byte : out) {
    const unsigned high = values[static_cast<std::uint8_t>(digit[0])];
    const unsigned low = values[static_cast<std::uint8_t>(digit[1])];
    bad |= high | low;
    byte = static_cast<std::uint8_t>((high << 4) | (low & 0x0f));
    digit += 2;
  }
  if ((bad & 0xf0) != 0) return std::nullopt;
  return out;
}

}  // namespace preconf::core
