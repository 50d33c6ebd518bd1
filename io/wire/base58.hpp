// Base58 with Bitcoin's alphabet (multibase code z), the text form of peer ids.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace preconf::io::wire {

/// Time grows with the square of the size: for identifiers, not for messages.
[[nodiscard]] std::string to_base58(core::BytesView bytes);

/// Nothing when a character is not of the alphabet or the text has more than `text_max` of them.
[[nodiscard]] std::optional<core::Bytes> from_base58(std::string_view text, std::size_t text_max);

}  // namespace preconf::io::wire
