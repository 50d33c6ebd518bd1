// Values with PRECONF_FIELDS seen without their types: what paths, differences and watches walk on.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.hpp"
#include "core/event.hpp"
#include "core/reducer.hpp"

namespace preconf::replay {

/// An integer of the state: 64 bits, seldom negative (JSON-RPC error codes).
struct Integer {
  std::uint64_t magnitude = 0;
  bool negative = false;  ///< never together with magnitude 0
  friend bool operator==(const Integer&, const Integer&) = default;
  friend std::strong_ordering operator<=>(const Integer& a, const Integer& b) {
    if (a.negative != b.negative) return b.negative <=> a.negative;
    return a.negative ? b.magnitude <=> a.magnitude : a.magnitude <=> b.magnitude;
  }
};

/// A leaf: nothing, a truth, a number, or text (names, "0x" bytes, times as ISO 8601, wide
/// quantities). Text is as in the log, not escaped.
using Scalar = std::variant<std::monostate, bool, Integer, std::string>;

enum class Shape : std::uint8_t {
  kLeaf,
  kStruct,   ///< named members
  kVariant,  ///< one of several named alternatives
  kMap,      ///< elements by key
  kSet,      ///< keys, present or not
  kList,     ///< elements by index, from 0
};

class FieldType;

/// A value, or the place of one that is absent (an optional without value, a key that is not in the
/// map, an alternative that is not the current one). Refers to the value, which outlives it.
struct Field {
  const FieldType* type = nullptr;  ///< never null but in an empty Field
  const void* value = nullptr;      ///< null = absent

  [[nodiscard]] bool is_absent() const { return value == nullptr; }
};

using FieldOrError = core::Result<Field, std::string>;
/// Gets each child: its step in a path ("phase", "[12]") and itself.
using ChildVisitor = std::function<void(const std::string& step, const Field& child)>;

/// What can be done with values of one type. One immutable object per type.
class FieldType {
 public:
  virtual ~FieldType() = default;
  [[nodiscard]] virtual Shape shape() const = 0;
  /// Appends JSON, as json_printer.hpp gives it. Requires a value.
  virtual void print(const void* value, std::string& out) const = 0;
  [[nodiscard]] virtual bool equal(const void* left, const void* right) const = 0;
  /// Of a leaf with a value.
  [[nodiscard]] virtual Scalar scalar(const void* value) const;
  /// Elements of a map, set or list; the length of text and bytes.
  [[nodiscard]] virtual std::optional<std::size_t> size(const void* value) const;
  /// Names of members, or of alternatives; none for other shapes.
  [[nodiscard]] virtual std::vector<std::string> names() const;
  /// The member or alternative of this name; `value` may be null. Nothing when there is none.
  [[nodiscard]] virtual std::optional<Field> member(const void* value, std::string_view name) const;
  /// The element with this key or index; absent when the key is well formed but not there. A key
  /// that ends in ".." stands for the only key that begins so.
  [[nodiscard]] virtual FieldOrError element(const void* value, std::string_view key) const;
  /// Members, the current alternative, or elements in their order. Requires a value.
  virtual void each(const void* value, const ChildVisitor& visit) const;
  /// Name of a variant's current alternative; empty for other shapes.
  [[nodiscard]] virtual std::string_view alternative(const void* value) const;
};

[[nodiscard]] Field field_of(const core::State& state);
[[nodiscard]] Field field_of(const core::Event& event);
[[nodiscard]] Field field_of(const core::Outcome& outcome);

/// `path` followed by a step that ChildVisitor gave.
[[nodiscard]] std::string join_path(const std::string& path, const std::string& step);
/// JSON of the value; "null" when absent.
[[nodiscard]] std::string json_of(const Field& field);

}  // namespace preconf::replay
