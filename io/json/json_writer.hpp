// Appends JSON text: separators and escaping are done here, structure is the caller's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace preconf::io {

class JsonWriter {
 public:
  JsonWriter() = default;
  explicit JsonWriter(std::size_t reserve_bytes) { out_.reserve(reserve_bytes); }

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& text(std::string_view value);  ///< escaped; bytes that are not UTF-8 become U+FFFD
  JsonWriter& number(std::uint64_t value);
  JsonWriter& number_signed(std::int64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);     ///< `json` must be one JSON value
  JsonWriter& data(core::BytesView bytes);    ///< "0x" and all bytes as lower-case hex
  JsonWriter& quantity(std::uint64_t value);  ///< "0x", minimal
  JsonWriter& quantity(const core::U256& value);
  JsonWriter& base64(core::BytesView bytes);  ///< RFC 4648 with padding

  [[nodiscard]] const std::string& str() const { return out_; }
  /// The text so far; the writer is empty afterwards.
  [[nodiscard]] std::string take();

 private:
  void separate();

  std::string out_;
  bool comma_ = false;
};

/// Minimal "0x" quantity.
[[nodiscard]] std::string quantity_of(const core::U256& value);

}  // namespace preconf::io
