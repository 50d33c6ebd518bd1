// Any value with PRECONF_FIELDS as lines of text, for people.
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

/// `name value` lines, nested by two spaces; absent and empty values say so on one line.
class LinePrinter {
 public:
  LinePrinter(std::string& out, std::size_t indent) : out_(out), indent_(indent) {}

  template <Leaf T>
  void put(std::string_view name, const T& value) {
    begin(name);
    out_ += ' ';
    if constexpr (std::same_as<T, std::string>) {
      append_quoted(out_, value);
    } else {
      out_ += leaf_text(value);
    }
    out_ += '\n';
  }
  template <class T>
  requires(!std::same_as<T, std::uint8_t>)  //
      void put(std::string_view name, const std::vector<T>& values) {
    put_list(name, values);
  }
  template <class T, std::size_t N>
  void put(std::string_view name, const std::array<T, N>& values) {
    put_list(name, values);
  }
  template <class T>
  void put(std::string_view name, const std::set<T>& values) {
    put_list(name, values);
  }
  template <class K, class V>
  void put(std::string_view name, const std::map<K, V>& values) {
    open(name, values.empty() ? " (empty)" : "");
    for (const auto& [key, value] : values) put(key_step(key), value);
    close();
  }
  template <class T>
  void put(std::string_view name, const std::optional<T>& value) {
    if (value) {
      put(name, *value);
    } else {
      begin(name);
      out_ += " none\n";
    }
  }
  template <class... Ts>
  void put(std::string_view name, const std::variant<Ts...>& value) {
    begin(name);
    out_ += ' ';
    out_ += alternative_name(value);
    open({}, {});
    std::visit([this](const auto& alternative) { put_members(alternative); }, value);
    close();
  }
  template <Struct T>
  void put(std::string_view name, const T& value) {
    open(name, "");
    put_members(value);
    close();
  }
  template <Struct T>
  void put_members(const T& value) {
    T::each_field(value, [this](const char* name, const auto& member) { put(name, member); });
  }

 private:
  void begin(std::string_view name) {
    out_.append(indent_, ' ');
    out_ += name;
  }
  void open(std::string_view name, std::string_view note) {
    if (!name.empty()) begin(name);
    out_ += note;
    out_ += '\n';
    indent_ += 2;
  }
  void close() { indent_ -= 2; }
  template <class List>
  void put_list(std::string_view name, const List& values) {
    open(name, values.empty() ? " (empty)" : "");
    std::size_t index = 0;
    for (const auto& value : values) put("[" + std::to_string(index++) + "]", value);
    close();
  }

  std::string& out_;
  std::size_t indent_;
};

/// The members of `value` as lines, indented by `indent` spaces.
template <Struct T>
[[nodiscard]] std::string to_lines(const T& value, std::size_t indent) {
  std::string out;
  LinePrinter(out, indent).put_members(value);
  return out;
}

}  // namespace preconf::replay
