// Shell completions, made from what the tools declare.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace preconf::replay {

enum class Shell : std::uint8_t { kBash, kZsh, kFish };
[[nodiscard]] std::optional<Shell> shell_from(std::string_view name);

/// The script to source. Names, options and nested subcommands of every tool; the options of the
/// node's commands are asked from the program when they are completed.
[[nodiscard]] std::string completions_for(Shell shell);

}  // namespace preconf::replay
