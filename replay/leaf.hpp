// Values that print as one token: numbers, names, hashes, byte strings, text.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/base/hex.hpp"
#include "core/types.hpp"
#include "replay/names.hpp"

namespace preconf::replay {

/// "2026-07-01T12:00:00.123456789Z": nothing is lost, and text order is time order.
[[nodiscard]] std::string utc_time(core::WallNanos time);
/// Minimal "0x" quantity.
[[nodiscard]] std::string quantity_text(const core::U256& value);

/// Appends a JSON string: control characters escaped, bytes that are not UTF-8 as U+FFFD. Text in a
/// log comes from outside; printed this way it can not drive a terminal.
void append_quoted(std::string& out, std::string_view text);

/// A plain struct with PRECONF_FIELDS.
template <class T>
concept Struct = requires(const T& value) {
  T::each_field(value, [](const char*, const auto&) {});
};

template <class T>
struct IsStrong : std::false_type {};
template <class Tag>
struct IsStrong<core::Strong<Tag>> : std::true_type {};

template <class T>
struct IsFixedBytes : std::false_type {};
template <std::size_t N>
struct IsFixedBytes<core::FixedBytes<N>> : std::true_type {};

template <class T>
concept Number = std::integral<T> ||(IsStrong<T>::value && !std::same_as<T, core::WallNanos>);

/// Prints as one token.
template <class T>
concept Leaf =
    Number<T> || std::is_enum_v<T> || IsFixedBytes<T>::value || std::same_as<T, core::WallNanos> ||
    std::same_as<T, core::U256> || std::same_as<T, core::Bytes> || std::same_as<T, std::string>;

/// The token, without quotes.
template <Leaf T>
[[nodiscard]] std::string leaf_text(const T& value) {
  if constexpr (std::same_as<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::integral<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_enum_v<T>) {
    return name_of(value);
  } else if constexpr (std::same_as<T, core::WallNanos>) {
    return utc_time(value);
  } else if constexpr (IsStrong<T>::value) {
    return std::to_string(value.value);
  } else if constexpr (std::same_as<T, core::U256>) {
    return quantity_text(value);
  } else if constexpr (std::same_as<T, std::string>) {
    return value;
  } else if constexpr (std::same_as<T, core::Bytes>) {
    return core::to_hex0x(value);
  } else {
    return core::to_hex0x(value.view());
  }
}

/// A map key as one token: the parts of a struct are joined by colons.
template <class T>
[[nodiscard]] std::string key_text(const T& key) {
  if constexpr (Leaf<T>) {
    return leaf_text(key);
  } else {
    std::string out;
    T::each_field(key, [&out](const char*, const auto& part) {
      if (!out.empty()) out += ':';
      out += key_text(part);
    });
    return out;
  }
}

/// A map key as a step of a path: "[12]"; text is quoted, so that it can not drive a terminal.
template <class T>
[[nodiscard]] std::string key_step(const T& key) {
  std::string out = "[";
  if constexpr (std::same_as<T, std::string>) {
    append_quoted(out, key);
  } else {
    out += key_text(key);
  }
  return out + "]";
}

}  // namespace preconf::replay
