// Canonical JSON: members sorted by name, no white space, so that the same report is the same
// bytes.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replay/leaf.hpp"

namespace preconf::replay::audit {

/// Integers and bool are bare, everything else as in replay/json_printer.hpp.
class CanonicalJson {
 public:
  explicit CanonicalJson(std::string& out) : out_(out) {}

  template <Leaf T>
  void put(const T& value) {
    if constexpr (Number<T>) {
      out_ += leaf_text(value);
    } else {
      append_quoted(out_, leaf_text(value));
    }
  }
  template <class T>
  requires(!std::same_as<T, std::uint8_t>)  //
      void put(const std::vector<T>& values) {
    out_ += '[';
    const char* separator = "";
    for (const T& value : values) {
      out_ += std::exchange(separator, ",");
      put(value);
    }
    out_ += ']';
  }
  /// Keys of a map are text, and sorted already.
  template <class V>
  void put(const std::map<std::string, V>& values) {
    out_ += '{';
    const char* separator = "";
    for (const auto& [key, value] : values) {
      out_ += std::exchange(separator, ",");
      append_quoted(out_, key);
      out_ += ':';
      put(value);
    }
    out_ += '}';
  }
  template <class T>
  void put(const std::optional<T>& value) {
    if (value) {
      put(*value);
    } else {
      out_ += "null";
    }
  }
  template <Struct T>
  void put(const T& value) {
    std::vector<std::pair<std::string, std::string>> members;
    T::each_field(value, [&members](const char* name, const auto& member) {
      std::string text;
      CanonicalJson(text).put(member);
      members.emplace_back(name, std::move(text));
    });
    std::sort(members.begin(), members.end());
    out_ += '{';
    const char* separator = "";
    for (const auto& [name, text] : members) {
      out_ += std::exchange(separator, ",");
      append_quoted(out_, name);
      out_ += ':';
      out_ += text;
    }
    out_ += '}';
  }

 private:
  std::string& out_;
};

template <class T>
[[nodiscard]] std::string canonical_json(const T& value) {
  std::string out;
  CanonicalJson(out).put(value);
  return out;
}

}  // namespace preconf::replay::audit
