#include "replay/state_diff.hpp"

#include <algorithm>
#include <map>

#include "core/base/assert.hpp"
#include "replay/leaf.hpp"

namespace preconf::replay {
namespace {

class Comparison {
 public:
  Comparison(Changes& out, std::size_t max) : out_(out), max_(max) {}

  void compare(const std::string& path, const Field& before, const Field& after) {
    PRECONF_ASSERT(before.type == after.type);
    if (before.is_absent() && after.is_absent()) return;
    if (before.is_absent() || after.is_absent()) {
      note(path, before, after);
      return;
    }
    if (before.type->equal(before.value, after.value)) return;
    switch (before.type->shape()) {
      case Shape::kLeaf:
        note(path, before, after);
        return;
      case Shape::kVariant:
        compare_variants(path, before, after);
        return;
      case Shape::kStruct:
      case Shape::kMap:
      case Shape::kList:
        compare_children(path, before, after);
        return;
      case Shape::kSet:
        compare_sets(path, before, after);
        return;
    }
  }

 private:
  using Children = std::vector<std::pair<std::string, Field>>;

  static Children children_of(const Field& field) {
    Children out;
    field.type->each(field.value, [&out](const std::string& step, const Field& child) {
      out.emplace_back(step, child);
    });
    return out;
  }

  /// Calls `visit` with each step of either side and what is there, in the order of `before`, then
  /// what only `after` has.
  template <class Visit>
  static void pair_up(const Field& before, const Field& after, Visit&& visit) {
    Children left = children_of(before);
    std::map<std::string, Field> right;
    for (auto& [step, child] : children_of(after)) right.emplace(step, child);
    for (const auto& [step, child] : left) {
      const auto other = right.find(step);
      const bool is_there = other != right.end();
      visit(step, child, is_there ? other->second : Field{child.type, nullptr});
      if (is_there) right.erase(other);
    }
    if (right.empty()) return;
    after.type->each(after.value, [&](const std::string& step, const Field& child) {
      if (right.contains(step)) visit(step, Field{child.type, nullptr}, child);
    });
  }

  void compare_children(const std::string& path, const Field& before, const Field& after) {
    pair_up(before, after, [&](const std::string& step, const Field& left, const Field& right) {
      compare(join_path(path, step), left, right);
    });
  }

  void compare_variants(const std::string& path, const Field& before, const Field& after) {
    const std::string_view left = before.type->alternative(before.value);
    if (left != after.type->alternative(after.value)) {
      note(path, before, after);
      return;
    }
    compare_children(path, before, after);
  }

  void compare_sets(const std::string& path, const Field& before, const Field& after) {
    pair_up(before, after, [&](const std::string& step, const Field& left, const Field& right) {
      if (left.is_absent() == right.is_absent()) return;
      note(join_path(path, step), left.is_absent() ? "false" : "true",
           right.is_absent() ? "false" : "true");
    });
  }

  void note(const std::string& path, const Field& before, const Field& after) {
    if (++out_.total <= max_) out_.shown.push_back({path, json_of(before), json_of(after)});
  }
  void note(const std::string& path, const char* before, const char* after) {
    if (++out_.total <= max_) out_.shown.push_back({path, before, after});
  }

  Changes& out_;
  const std::size_t max_;
};

}  // namespace

Changes changes_between(const Field& before, const Field& after, std::size_t max) {
  Changes out;
  Comparison(out, max).compare({}, before, after);
  return out;
}

}  // namespace preconf::replay
