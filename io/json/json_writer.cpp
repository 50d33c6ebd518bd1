#include "io/json/json_writer.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "core/codec/base64.hpp"

namespace preconf::io {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// Length of the UTF-8 sequence at the start of `text`, or 0 when it is not one (RFC 3629: shortest
/// form only, no surrogates, nothing above U+10FFFF).
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
  if (size == 0 || lead > 0xF4 || lead == 0xC0 || lead == 0xC1 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
      (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return size;
}

void append_escaped(std::string& out, std::string_view value) {
  while (!value.empty()) {
    const char c = value.front();
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (code < 0x20) {
      out += "\\u00";
      out += kHexDigits[code >> 4];
      out += kHexDigits[code & 15];
    } else if (code < 0x80) {
      out += c;
    } else {
      const std::size_t size = utf8_sequence(value);
      out += size == 0 ? kReplacement : value.substr(0, size);
      value.remove_prefix(size == 0 ? 1 : size);
      continue;
    }
    value.remove_prefix(1);
  }
}

template <class T>
void append_number(std::string& out, T value, int base = 10) {
  std::array<char, 24> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, base).ptr;
  out.append(text.data(), end);
}

}  // namespace

void JsonWriter::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_ += '{';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  out_ += '[';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  text(name);
  out_ += ':';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  separate();
  out_ += '"';
  append_escaped(out_, value);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::number(std::uint64_t value) {
  separate();
  append_number(out_, value);
  return *this;
}

JsonWriter& JsonWriter::number_signed(std::int64_t value) {
  separate();
  append_number(out_, value);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::data(core::BytesView bytes) {
  separate();
  const std::size_t at = out_.size() + 3;
  out_.resize(out_.size() + 4 + 2 * bytes.size());
  char* to = out_.data() + at - 3;
  *to++ = '"';
  *to++ = '0';
  *to++ = 'x';
  for (const std::uint8_t byte : bytes) {
    *to++ = kHexDigits[byte >> 4];
    *to++ = kHexDigits[byte & 15];
  }
  *to = '"';
  return *this;
}

JsonWriter& JsonWriter::quantity(std::uint64_t value) {
  separate();
  out_ += "\"0x";
  append_number(out_, value, 16);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::quantity(const core::U256& value) {
  separate();
  out_ += '"';
  out_ += quantity_of(value);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::base64(core::BytesView bytes) {
  separate();
  out_ += '"';
  out_ += core::codec::encode_base64(bytes);
  out_ += '"';
  return *this;
}

std::string JsonWriter::take() {
  comma_ = false;
  return std::exchange(out_, {});
}

std::string quantity_of(const core::U256& value) {
  std::string out = "0x";
  bool started = false;
  for (const std::uint8_t byte : value.be.bytes) {
    for (const int shift : {4, 0}) {
      const std::size_t nibble = (byte >> shift) & 15U;
      started = started || nibble != 0;
      if (started) out += kHexDigits[nibble];
    }
  }
  if (!started) out += '0';
  return out;
}

}  // namespace preconf::io
