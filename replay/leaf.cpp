#include "replay/leaf.hpp"

#include <array>
#include <cstdio>
#include <ctime>

#include "replay/printable.hpp"

namespace preconf::replay {
namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

/// Length of the UTF-8 sequence at the front of `text`, 0 when there is none (Unicode, table 3-7).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto continues = [&byte](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if ((first & 0xf0u) == 0xe0u) {
    const bool is_overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool is_surrogate = first == 0xed && byte(1) >= 0xa0;
    return continues(1) && continues(2) && !is_overlong && !is_surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool is_overlong = first == 0xf0 && byte(1) < 0x90;
    const bool is_too_large = first == 0xf4 && byte(1) >= 0x90;
    return continues(1) && continues(2) && continues(3) && !is_overlong && !is_too_large ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& out, unsigned char character) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", character);
  out += text.data();
}

/// C1 controls (U+0080 to U+009F) drive terminals, too.
bool is_c1_control(std::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xc2' &&
         static_cast<unsigned char>(sequence[1]) < 0xa0;
}

/// What drives a terminal or is no UTF-8, escaped; anything else as it is.
void append_safe(std::string& out, std::string_view sequence, std::size_t length) {
  const auto character = static_cast<unsigned char>(sequence[0]);
  if (length == 0) {
    out += "\\ufffd";
  } else if (character < 0x20 || character == 0x7f) {
    append_escaped(out, character);
  } else if (is_c1_control(sequence.substr(0, length))) {
    append_escaped(out, static_cast<unsigned char>(sequence[1]));
  } else {
    out += sequence.substr(0, length);
  }
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (text[0] == '"' || text[0] == '\\') out += '\\';
    append_safe(out, text, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void append_printable(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (text[0] == '\n' || text[0] == '\t') {
      out += text[0];
    } else {
      append_safe(out, text, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

std::string utc_time(core::WallNanos time) {
  const auto seconds = static_cast<std::time_t>(time.value / kNanosPerSecond);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> date{};
  const std::size_t size = std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 16> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%09uZ",
                static_cast<unsigned>(time.value % kNanosPerSecond));
  return std::string(date.data(), size) + fraction.data();
}

std::string quantity_text(const core::U256& value) {
  const std::string digits = core::to_hex(value.be.view());
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? "0x0" : "0x" + digits.substr(first);
}

}  // namespace preconf::replay
