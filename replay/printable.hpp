// Text of several lines that goes to a terminal.
#pragma once

#include <string>
#include <string_view>

namespace preconf::replay {

/// As append_quoted (leaf.hpp), but without quotes: quotes, backslashes, line breaks and tabs stay
/// as they are; other control characters are escaped, bytes that are not UTF-8 are U+FFFD.
void append_printable(std::string& out, std::string_view text);

}  // namespace preconf::replay
