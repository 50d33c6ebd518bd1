// Keys of maps and sets as text: reading what key_text() prints, and finding an entry by it.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "replay/leaf.hpp"

namespace preconf::replay {

/// Reads what key_text() prints.
template <class K>
[[nodiscard]] bool read_key(std::string_view text, K& out) {
  if constexpr (std::same_as<K, std::string>) {
    out = text;
    return true;
  } else if constexpr (std::integral<K>) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
  } else if constexpr (IsStrong<K>::value) {
    return read_key(text, out.value);
  } else if constexpr (std::same_as<K, core::Bytes>) {
    const auto bytes = core::from_hex(text);
    if (bytes) out = *bytes;
    return bytes.has_value();
  } else if constexpr (IsFixedBytes<K>::value) {
    const auto bytes = core::fixed_from_hex<K::kSize>(text);
    if (bytes) out = *bytes;
    return bytes.has_value();
  } else {
    bool is_good = true;
    bool is_open = true;  // another part may follow
    K::each_field(out, [&](const char*, auto& part) {
      using Part = std::decay_t<decltype(part)>;
      // A struct inside a key takes the rest: it is the last part.
      const std::size_t colon = Struct<Part> ? std::string_view::npos : text.find(':');
      is_good = is_good && is_open && read_key(text.substr(0, colon), part);
      is_open = colon != std::string_view::npos;
      text.remove_prefix(is_open ? colon + 1 : text.size());
    });
    return is_good && !is_open;
  }
}

[[nodiscard]] inline core::Unexpected<std::string> key_error(std::string_view key,
                                                             const std::string& why) {
  std::string out = "[";
  append_quoted(out, key);
  return core::Unexpected{out + "] " + why};
}

template <class Container>
[[nodiscard]] const auto& key_of(const typename Container::value_type& entry) {
  if constexpr (requires { typename Container::mapped_type; }) {
    return entry.first;
  } else {
    return entry;
  }
}

inline constexpr std::string_view kCut = "..";  ///< ends a key that was cut

/// Finds an entry of a map or set by its key's text, whole or cut.
template <class Container>
[[nodiscard]] core::Result<typename Container::const_iterator, std::string> find_entry(
    const Container& entries, std::string_view text) {
  typename Container::key_type key{};
  if (read_key(text, key)) return entries.find(key);
  if (!text.ends_with(kCut)) {
    const std::string example =
        entries.empty() ? "" : "; one is " + key_step(key_of<Container>(*entries.begin()));
    return key_error(text, "is no key of this kind" + example);
  }
  const std::string_view front = text.substr(0, text.size() - kCut.size());
  auto found = entries.end();
  for (auto at = entries.begin(); at != entries.end(); ++at) {
    if (!key_text(key_of<Container>(*at)).starts_with(front)) continue;
    if (found != entries.end()) return key_error(text, "fits several keys");
    found = at;
  }
  return found;
}

}  // namespace preconf::replay
