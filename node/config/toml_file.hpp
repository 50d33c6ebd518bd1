// TOML files as flat lists of keys: [l2] http = "x" is "l2.http".
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/base/result.hpp"

namespace preconf::node {

/// Values as text: strings as they are, integers in decimal, booleans as true or false. Other types
/// are refused. The error names file, line and key.
[[nodiscard]] core::Result<std::map<std::string, std::string>, std::string> read_toml(
    const std::filesystem::path& file);

}  // namespace preconf::node
