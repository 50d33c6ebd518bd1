// What this program is.
#pragma once

#include <string>

namespace preconf::node {

/// "preconf 0.1.0 (abcdef123456), schema 1, reducer 1".
[[nodiscard]] std::string version_line();
/// "0.1.0+abcdef123456".
[[nodiscard]] std::string program_version();

}  // namespace preconf::node
