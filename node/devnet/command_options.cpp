#include "node/devnet/command_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace preconf::node::devnet {

std::optional<std::string> CommandOptions::get(std::string_view name) const {
  const auto found = values.find(name);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

std::uint64_t CommandOptions::number(std::string_view name, std::uint64_t fallback,
                                     std::uint64_t low, std::uint64_t high) {
  const auto text = get(name);
  if (!text) return fallback;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || value < low || value > high) {
    defect = fmt::format("--{} must be a number from {} to {}", name, low, high);
  }
  return value;
}

CommandOptions read_options(const std::vector<std::string>& arguments, std::size_t first,
                            const std::vector<std::string_view>& names,
                            const std::vector<std::string_view>& flags) {
  const auto has = [](const std::vector<std::string_view>& set, std::string_view name) {
    return std::find(set.begin(), set.end(), name) != set.end();
  };
  CommandOptions options;
  for (std::size_t i = first; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (!argument.starts_with("--")) {
      options.defect = "unexpected argument " + arguments[i];
      return options;
    }
    argument.remove_prefix(2);
    const std::size_t equals = argument.find('=');
    const std::string name(argument.substr(0, equals));
    if (has(flags, name) && equals == std::string_view::npos) {
      options.values[name] = "true";
    } else if (has(names, name) && equals != std::string_view::npos) {
      options.values[name] = std::string(argument.substr(equals + 1));
    } else if (has(names, name) && i + 1 < arguments.size()) {
      options.values[name] = arguments[++i];
    } else {
      options.defect =
          has(names, name) ? "--" + name + " needs a value" : "unknown option --" + name;
      return options;
    }
  }
  return options;
}

std::optional<Listen> listen_from(const std::optional<std::string>& text) {
  Listen listen;
  if (!text) return listen;
  const std::size_t colon = text->rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  listen.address = text->substr(0, colon);
  const char* const end = text->data() + text->size();
  const auto [at, error] = std::from_chars(text->data() + colon + 1, end, listen.port);
  if (error != std::errc{} || at != end) return std::nullopt;
  return listen;
}

}  // namespace preconf::node::devnet
