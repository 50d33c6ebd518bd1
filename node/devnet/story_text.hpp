// How the story is told: one line at a time on standard output.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "core/base/hex.hpp"

namespace preconf::node::devnet {

template <class... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  const std::string line = fmt::format(format, std::forward<Args>(args)...);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

[[nodiscard]] inline std::string brief(const core::Hash32& hash) {
  return core::to_hex0x(hash.view().first(6)) + "..";
}

}  // namespace preconf::node::devnet
