// Options of the devnet commands: --name VALUE, --name=VALUE, and flags.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preconf::node::devnet {

struct CommandOptions {
  std::map<std::string, std::string, std::less<>> values;
  std::string defect;  ///< of the first option that can not be read

  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
  /// The number given, `fallback` when the option is absent; sets `defect` when it is no number
  /// between `low` and `high`.
  std::uint64_t number(std::string_view name, std::uint64_t fallback, std::uint64_t low,
                       std::uint64_t high);
};

/// Reads arguments[first..]: options of `names` with a value, options of `flags` without.
[[nodiscard]] CommandOptions read_options(const std::vector<std::string>& arguments,
                                          std::size_t first,
                                          const std::vector<std::string_view>& names,
                                          const std::vector<std::string_view>& flags);

struct Listen {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
};
/// ADDR:PORT; the default when absent, nothing when it can not be read.
[[nodiscard]] std::optional<Listen> listen_from(const std::optional<std::string>& text);

}  // namespace preconf::node::devnet
