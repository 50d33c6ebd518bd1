// Protocol Buffers without generated code: a reader that walks untrusted bytes and never allocates,
// and a writer whose output order is the caller's, as signatures over encodings need it.
// docs/decisions/0009 says why the packaged library is not used here.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"

namespace preconf::io::wire {

/// Wire types of the encoding. Groups (3 and 4) are refused: no protocol spoken here has any.
enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

enum class ProtoError : std::uint8_t {
  kTruncated,    ///< a field goes beyond the end of the message
  kBadVarint,    ///< a number of more than 64 bits
  kBadField,     ///< field number 0 or above 2^29 - 1
  kBadWireType,  ///< a group, or a wire type that does not exist
};

/// Walks the fields of one message in the order of their encoding.
///
///     ProtoReader reader(message);
///     while (const auto field = reader.next()) { ... }
///     if (reader.error()) ...
///
/// Unknown fields are the caller's to skip. What is returned points into the message.
class ProtoReader {
 public:
  explicit ProtoReader(core::BytesView message) : rest_(message) {}

  struct Field {
    std::uint32_t number = 0;
    WireType type = WireType::kVarint;
    std::uint64_t varint = 0;  ///< value of kVarint, kFixed64 and kFixed32
    core::BytesView bytes;     ///< value of kBytes

    [[nodiscard]] bool is_varint(std::uint32_t n) const {
      return number == n && type == WireType::kVarint;
    }
    [[nodiscard]] bool is_bytes(std::uint32_t n) const {
      return number == n && type == WireType::kBytes;
    }
  };

  /// The next field; nothing at the end and after an error, which error() then names.
  [[nodiscard]] std::optional<Field> next();
  [[nodiscard]] std::optional<ProtoError> error() const { return error_; }

 private:
  std::optional<Field> fail(ProtoError error);
  bool read_value(Field& field);
  bool read_number(std::uint64_t& value);
  bool read_fixed(std::size_t size, std::uint64_t& value);

  core::BytesView rest_;
  std::optional<ProtoError> error_;
};

/// Appends fields to a buffer. A nested message is its bytes: write it first, or announce its size
/// with begin() and append exactly that many bytes after it.
class ProtoWriter {
 public:
  explicit ProtoWriter(core::Bytes& out) : out_(&out) {}

  void varint(std::uint32_t field, std::uint64_t value);
  void bytes(std::uint32_t field, core::BytesView value);
  void text(std::uint32_t field, std::string_view value);
  /// Key and length of a field whose `size` bytes the caller appends.
  void begin(std::uint32_t field, std::size_t size);

  /// Bytes that bytes() or begin() and its content take for a value of `size` bytes.
  [[nodiscard]] static std::size_t bytes_size(std::uint32_t field, std::size_t size);
  [[nodiscard]] static std::size_t varint_size(std::uint32_t field, std::uint64_t value);

 private:
  core::Bytes* out_;
};

/// The bytes of a text, for the functions above.
[[nodiscard]] inline core::BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(core::BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace preconf::io::wire
