// Base64 with the standard alphabet and padding (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace preconf::core::codec {

[[nodiscard]] std::string encode_base64(BytesView bytes);

/// Strict: no white space, padding present, unused bits zero. Nothing for any other text. Allocates
/// in proportion to the text: the caller bounds it.
[[nodiscard]] std::optional<Bytes> decode_base64(std::string_view text);

}  // namespace preconf::core::codec
