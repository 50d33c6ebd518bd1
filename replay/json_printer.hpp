// Any value with PRECONF_FIELDS as JSON: what core/ names, users see under the same name.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "replay/leaf.hpp"

namespace preconf::replay {

/// Integers and bool are bare, byte strings "0x" hex, times ISO 8601, enums their names, maps
/// objects, variants objects whose first member is "type".
class JsonPrinter {
 public:
  explicit JsonPrinter(std::string& out) : out_(out) {}

  template <Leaf T>
  void put(const T& value) {
    if constexpr (Number<T>) {
      out_ += leaf_text(value);
    } else {
      append_quoted(out_, leaf_text(value));
    }
  }
  template <class T>
  requires(!std::same_as<T, std::uint8_t>) void put(const std::vector<T>& values) {
    put_list(values);
  }
  template <class T, std::size_t N>
  void put(const std::array<T, N>& values) {
    put_list(values);
  }
  template <class T>
  void put(const std::set<T>& values) {
    put_list(values);
  }
  template <class K, class V>
  void put(const std::map<K, V>& values) {
    out_ += '{';
    bool is_first = true;
    for (const auto& [key, value] : values) {
      put_name(key_text(key), is_first);
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
  template <class... Ts>
  void put(const std::variant<Ts...>& value) {
    out_ += '{';
    bool is_first = true;
    put_name("type", is_first);
    append_quoted(out_, alternative_name(value));
    std::visit([&](const auto& alternative) { put_members(alternative, is_first); }, value);
    out_ += '}';
  }
  template <Struct T>
  void put(const T& value) {
    out_ += '{';
    bool is_first = true;
    put_members(value, is_first);
    out_ += '}';
  }

 private:
  void put_name(std::string_view name, bool& is_first) {
    if (!is_first) out_ += ',';
    is_first = false;
    append_quoted(out_, name);
    out_ += ':';
  }
  template <Struct T>
  void put_members(const T& value, bool& is_first) {
    T::each_field(value, [&](const char* name, const auto& member) {
      put_name(name, is_first);
      put(member);
    });
  }
  template <class List>
  void put_list(const List& values) {
    out_ += '[';
    bool is_first = true;
    for (const auto& value : values) {
      if (!is_first) out_ += ',';
      is_first = false;
      put(value);
    }
    out_ += ']';
  }

  std::string& out_;
};

template <class T>
[[nodiscard]] std::string to_json(const T& value) {
  std::string out;
  JsonPrinter(out).put(value);
  return out;
}

}  // namespace preconf::replay
