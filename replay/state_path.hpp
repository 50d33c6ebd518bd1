// Paths into state and events: what PRECONF_FIELDS names, users can ask for.
//
//   heads.safe.number          members
//   book.held[0xab..:0xcd..]   map elements by key; a key may be cut: "0xab.." if only one fits
//   timers[0].armed            list elements by index
//   book.by_height[7:0x..:0x..]  is the key in the set?
//   lane.apply_plan.step       an alternative of a variant, "none" unless it is the current one
//   lane.type                  which alternative it is
//   in_flight.size             elements of a map, set or list, bytes of a text
//   evidence.last.kind         the first or last element of a map, set or list
//   ingress_rejected["a b"]    text keys may be quoted as in JSON
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/state.hpp"
#include "replay/field.hpp"

namespace preconf::replay {

inline constexpr std::size_t kPathBytesMax = 1'024;

/// What stands at a path, copied out.
struct Value {
  Scalar scalar;              ///< nothing: absent, or not a leaf
  bool is_composite = false;  ///< has members or elements; see `json`
  std::string json;           ///< in any case; "null" when absent

  [[nodiscard]] bool is_none() const {
    return !is_composite && std::holds_alternative<std::monostate>(scalar);
  }
  [[nodiscard]] const bool* as_bool() const { return std::get_if<bool>(&scalar); }
  [[nodiscard]] const Integer* as_integer() const { return std::get_if<Integer>(&scalar); }
  [[nodiscard]] const std::string* as_text() const { return std::get_if<std::string>(&scalar); }
  friend bool operator==(const Value&, const Value&) = default;
};

/// A path taken apart; says nothing yet about whether its names exist.
class StatePath {
 public:
  struct Step {
    std::string text;
    bool is_key = false;  ///< stood in brackets
  };
  /// Empty text is the whole value. An error is a sentence for the user.
  [[nodiscard]] static core::Result<StatePath, std::string> parse(std::string_view text);

  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<Step> steps_;
};

using ValueOrError = core::Result<Value, std::string>;

/// What stands at `path` below `root`. A name that no value of that type can have is an error that
/// says which names exist there, whether the value is there or not; what is merely absent now is
/// none.
[[nodiscard]] ValueOrError lookup(const Field& root, const StatePath& path);
[[nodiscard]] ValueOrError lookup(const core::State& state, std::string_view path);
[[nodiscard]] ValueOrError lookup(const core::Event& event, std::string_view path);

/// The part of `root` at `path`, for comparing; not for what lookup() derives (size, type).
[[nodiscard]] FieldOrError find_field(const Field& root, const StatePath& path);

/// Steps that can follow `path`, as join_path() takes them: members, alternatives, or the keys that
/// are there now, at most `max` of them.
[[nodiscard]] core::Result<std::vector<std::string>, std::string> children(const Field& root,
                                                                           const StatePath& path,
                                                                           std::size_t max);

}  // namespace preconf::replay
