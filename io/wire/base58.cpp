#include "io/wire/base58.hpp"

namespace preconf::io::wire {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr unsigned kBase = 58;

/// digits * from + carry in base `to`, least significant digit first.
void multiply_add(core::Bytes& digits, unsigned from, unsigned carry, unsigned to) {
  for (std::uint8_t& digit : digits) {
    carry += digit * from;
    digit = static_cast<std::uint8_t>(carry % to);
    carry /= to;
  }
  for (; carry > 0; carry /= to) digits.push_back(static_cast<std::uint8_t>(carry % to));
}

}  // namespace

std::string to_base58(core::BytesView bytes) {
  std::size_t zeros = 0;
  while (zeros < bytes.size() && bytes[zeros] == 0) ++zeros;
  core::Bytes digits;
  for (const std::uint8_t byte : bytes.subspan(zeros)) multiply_add(digits, 256, byte, kBase);
  std::string text(zeros, kAlphabet.front());
  for (std::size_t i = digits.size(); i-- > 0;) text.push_back(kAlphabet[digits[i]]);
  return text;
}

std::optional<core::Bytes> from_base58(std::string_view text, std::size_t text_max) {
  if (text.size() > text_max) return std::nullopt;
  std::size_t zeros = 0;
  while (zeros < text.size() && text[zeros] == kAlphabet.front()) ++zeros;
  core::Bytes digits;
  for (const char c : text.substr(zeros)) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    multiply_add(digits, kBase, static_cast<unsigned>(value), 256);
  }
  core::Bytes bytes(zeros, 0);
  bytes.insert(bytes.end(), digits.rbegin(), digits.rend());
  return bytes;
}

}  // namespace preconf::io::wire
