// The first place where two values of one type differ, as a path and both sides.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "replay/leaf.hpp"

namespace preconf::replay {

struct Difference {
  std::string path;  ///< "book.held[0x..:0x..].phase"; empty when the values are leaves
  std::string recorded;
  std::string recomputed;
};

/// Walks both values in the order of their PRECONF_FIELDS.
class DifferenceFinder {
 public:
  /// Where `recorded` and `recomputed` begin to differ, with `path` in front; nothing when equal.
  template <class T>
  [[nodiscard]] static std::optional<Difference> find(const T& recorded, const T& recomputed,
                                                      const std::string& path) {
    if constexpr (Leaf<T>) {
      if (recorded == recomputed) return std::nullopt;
      return Difference{path, leaf_text(recorded), leaf_text(recomputed)};
    } else if constexpr (Struct<T>) {
      return find_in_struct(recorded, recomputed, path);
    } else {
      return find_in(recorded, recomputed, path);
    }
  }

 private:
  static std::string member(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "." + name;
  }

  template <class T>
  static std::optional<Difference> find_in_struct(const T& recorded, const T& recomputed,
                                                  const std::string& path) {
    std::optional<Difference> found;
    std::size_t position = 0;
    T::each_field(recorded, [&](const char* name, const auto& left) {
      const std::size_t wanted = position++;
      std::size_t other = 0;
      T::each_field(recomputed, [&](const char*, const auto& right) {
        if (other++ != wanted || found) return;
        if constexpr (std::is_same_v<decltype(left), decltype(right)>) {
          found = find(left, right, member(path, name));
        }
      });
    });
    return found;
  }

  template <class T>
  static std::optional<Difference> find_in(const std::optional<T>& recorded,
                                           const std::optional<T>& recomputed,
                                           const std::string& path) {
    if (recorded && recomputed) return find(*recorded, *recomputed, path);
    if (!recorded && !recomputed) return std::nullopt;
    return Difference{path, recorded ? "present" : "none", recomputed ? "present" : "none"};
  }

  template <class... Ts>
  static std::optional<Difference> find_in(const std::variant<Ts...>& recorded,
                                           const std::variant<Ts...>& recomputed,
                                           const std::string& path) {
    if (recorded.index() != recomputed.index()) {
      return Difference{path, alternative_name(recorded), alternative_name(recomputed)};
    }
    return std::visit(
        [&](const auto& left) {
          using Alternative = std::decay_t<decltype(left)>;
          return find(left, *std::get_if<Alternative>(&recomputed),
                      member(path, alternative_name(recorded)));
        },
        recorded);
  }

  template <class K, class V>
  static std::optional<Difference> find_in(const std::map<K, V>& recorded,
                                           const std::map<K, V>& recomputed,
                                           const std::string& path) {
    auto left = recorded.begin();
    auto right = recomputed.begin();
    for (; left != recorded.end() && right != recomputed.end(); ++left, ++right) {
      if (left->first != right->first) break;
      auto found = find(left->second, right->second, path + key_step(left->first));
      if (found) return found;
    }
    return only_on_one_side(recorded, left, recomputed, right, path,
                            [](const auto& entry) -> const K& { return entry.first; });
  }

  template <class T>
  static std::optional<Difference> find_in(const std::set<T>& recorded,
                                           const std::set<T>& recomputed, const std::string& path) {
    auto left = recorded.begin();
    auto right = recomputed.begin();
    while (left != recorded.end() && right != recomputed.end() && *left == *right) {
      ++left;
      ++right;
    }
    return only_on_one_side(recorded, left, recomputed, right, path,
                            [](const T& entry) -> const T& { return entry; });
  }

  /// The smaller of the two keys is missing on the other side.
  template <class Container, class Iterator, class KeyOf>
  static std::optional<Difference> only_on_one_side(const Container& recorded, Iterator left,
                                                    const Container& recomputed, Iterator right,
                                                    const std::string& path, KeyOf key_of) {
    const bool left_ended = left == recorded.end();
    const bool right_ended = right == recomputed.end();
    if (left_ended && right_ended) return std::nullopt;
    const bool is_left = right_ended || (!left_ended && key_of(*left) < key_of(*right));
    const std::string place = path + key_step(key_of(is_left ? *left : *right));
    return Difference{place, is_left ? "present" : "absent", is_left ? "absent" : "present"};
  }

  /// Arrays and vectors.
  template <class List>
  requires requires(const List& list) { list[0]; }
  static std::optional<Difference> find_in(const List& recorded, const List& recomputed,
                                           const std::string& path) {
    for (std::size_t i = 0; i < recorded.size() && i < recomputed.size(); ++i) {
      auto found = find(recorded[i], recomputed[i], path + "[" + std::to_string(i) + "]");
      if (found) return found;
    }
    if (recorded.size() == recomputed.size()) return std::nullopt;
    return Difference{path + ".size", std::to_string(recorded.size()),
                      std::to_string(recomputed.size())};
  }
};

/// See DifferenceFinder::find.
template <class T>
[[nodiscard]] std::optional<Difference> first_difference(const T& recorded, const T& recomputed,
                                                         const std::string& path = {}) {
  return DifferenceFinder::find(recorded, recomputed, path);
}

}  // namespace preconf::replay
