// Bounded reading of JSON text from outside. simdjson is inside; its types are not in this header.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace preconf::io {

struct JsonLimits {
  std::size_t bytes_max = 10 * 1024 * 1024;
  std::size_t depth_max = 32;  ///< of nested arrays and objects; an empty innermost one is free
};

/// Why text is not accepted as JSON.
enum class JsonError : std::uint8_t {
  kTooLarge,  ///< over JsonLimits::bytes_max
  kTooDeep,   ///< over JsonLimits::depth_max
  kNumber,    ///< a number over 64 bits or otherwise out of range
  kUtf8,      ///< not UTF-8
  kSyntax,    ///< anything else
};
[[nodiscard]] const char* name_of(JsonError error);

enum class JsonKind : std::uint8_t { kMissing, kNull, kBool, kNumber, kString, kArray, kObject };

/// A place in a JsonDocument, valid as long as the document. The default value is "missing"; every
/// question may be asked of every kind, and a wrong kind answers with nothing.
class JsonValue {
 public:
  JsonValue() = default;

  [[nodiscard]] JsonKind kind() const;
  [[nodiscard]] bool missing() const { return kind() == JsonKind::kMissing; }
  [[nodiscard]] bool is_null() const { return kind() == JsonKind::kNull; }

  /// Member of an object (the first of that name), or missing.
  [[nodiscard]] JsonValue get(std::string_view key) const;
  /// Element of an array, or missing. Linear in `index`: iterate with each_element instead.
  [[nodiscard]] JsonValue at(std::size_t index) const;
  /// Elements of an array or members of an object; 0 for other kinds.
  [[nodiscard]] std::size_t size() const;
  /// Calls visit(element) in order; stops when it returns false.
  void each_element(const std::function<bool(JsonValue)>& visit) const;
  /// Calls visit(name, value) for the members of an object, in the text's order; likewise.
  void each_member(const std::function<bool(std::string_view, JsonValue)>& visit) const;

  [[nodiscard]] std::optional<bool> as_bool() const;
  /// Integers 0 .. 2^64-1 only.
  [[nodiscard]] std::optional<std::uint64_t> as_u64() const;
  /// Valid as long as the document.
  [[nodiscard]] std::optional<std::string_view> as_string() const;

  /// The value again as minified JSON text; "null" when missing.
  [[nodiscard]] std::string to_text() const;

 private:
  friend class JsonDocument;
  friend struct JsonValueAccess;
  alignas(8) std::array<std::byte, 16> element_{};
  bool present_ = false;
};

/// Parsed text. Owns copies of all strings: the text may go away.
class JsonDocument {
 public:
  [[nodiscard]] static core::Result<JsonDocument, JsonError> parse(std::string_view text,
                                                                   const JsonLimits& limits = {});
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  [[nodiscard]] JsonValue root() const;

 private:
  struct Impl;
  explicit JsonDocument(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::io
