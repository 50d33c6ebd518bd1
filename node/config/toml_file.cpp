#include "node/config/toml_file.hpp"

#include <toml++/toml.h>

#include <sstream>

namespace preconf::node {
namespace {

constexpr std::uintmax_t kFileBytesMax = 1U << 20;
constexpr int kDepthMax = 8;

using Flat = std::map<std::string, std::string>;

// Depth is bounded: a configuration has two or three levels. // NOLINTNEXTLINE(misc-no-recursion)
bool flatten(const toml::table& table, const std::string& prefix, int depth, Flat& out,
             std::string& error) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      if (depth >= kDepthMax) {
        error = name + ": nested too deeply";
        return false;
      }
      if (!flatten(*inner, name + ".", depth + 1, out, error)) return false;
    } else if (const auto* text = node.as_string()) {
      out[name] = text->get();
    } else if (const auto* number = node.as_integer()) {
      out[name] = std::to_string(number->get());
    } else if (const auto* flag = node.as_boolean()) {
      out[name] = flag->get() ? "true" : "false";
    } else {
      error = name + ": want a string, an integer or a boolean";
      return false;
    }
  }
  return true;
}

}  // namespace

core::Result<Flat, std::string> read_toml(const std::filesystem::path& file) {
  std::error_code code;
  const std::uintmax_t size = std::filesystem::file_size(file, code);
  if (code) return core::Unexpected<std::string>{file.string() + ": " + code.message()};
  if (size > kFileBytesMax) {
    return core::Unexpected<std::string>{file.string() + ": larger than 1 MiB"};
  }
  Flat out;
  try {
    std::string error;
    if (!flatten(toml::parse_file(file.string()), "", 1, out, error)) {
      return core::Unexpected<std::string>{file.string() + ": " + error};
    }
  } catch (const toml::parse_error& error) {
    std::ostringstream text;
    text << file.string() << ": " << error.description() << " (" << error.source().begin << ")";
    return core::Unexpected<std::string>{text.str()};
  }
  return out;
}

}  // namespace preconf::node
