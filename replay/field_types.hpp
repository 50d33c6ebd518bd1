// The FieldType of each type. Included by field.cpp alone: every type of the state is made here.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

#include "replay/field.hpp"
#include "replay/field_keys.hpp"
#include "replay/json_printer.hpp"

namespace preconf::replay {

template <class T>
[[nodiscard]] Field make_field(const T* value);
template <class T>
[[nodiscard]] Field make_field(const std::optional<T>* value) {
  return make_field(value != nullptr && *value ? &**value : nullptr);
}
template <class T>
[[nodiscard]] Field absent_field() {
  return make_field(static_cast<const T*>(nullptr));
}

// --- types --------------------------------------------------------------------------------------

template <class T>
class TypeBase : public FieldType {
 public:
  void print(const void* value, std::string& out) const override {
    JsonPrinter(out).put(at(value));
  }
  [[nodiscard]] bool equal(const void* left, const void* right) const override {
    return at(left) == at(right);
  }

 protected:
  static const T& at(const void* value) { return *static_cast<const T*>(value); }
};

template <class T>
class LeafType final : public TypeBase<T> {
  using TypeBase<T>::at;

 public:
  [[nodiscard]] Shape shape() const override { return Shape::kLeaf; }
  [[nodiscard]] Scalar scalar(const void* value) const override {
    if constexpr (std::same_as<T, bool>) {
      return at(value);
    } else if constexpr (std::signed_integral<T>) {
      const auto wide = static_cast<std::int64_t>(at(value));
      const auto bits = static_cast<std::uint64_t>(wide);
      return wide < 0 ? Integer{~bits + 1, true} : Integer{bits, false};
    } else if constexpr (std::unsigned_integral<T>) {
      return Integer{at(value), false};
    } else if constexpr (Number<T>) {
      return Integer{at(value).value, false};
    } else {
      return leaf_text(at(value));
    }
  }
  [[nodiscard]] std::optional<std::size_t> size(const void* value) const override {
    if constexpr (std::same_as<T, std::string> || std::same_as<T, core::Bytes>) {
      return at(value).size();
    } else {
      return std::nullopt;
    }
  }
};

template <class T>
class StructType final : public TypeBase<T> {
  using TypeBase<T>::at;

 public:
  [[nodiscard]] Shape shape() const override { return Shape::kStruct; }
  [[nodiscard]] std::vector<std::string> names() const override {
    std::vector<std::string> out;
    T::each_field(example(), [&out](const char* name, const auto&) { out.emplace_back(name); });
    return out;
  }
  [[nodiscard]] std::optional<Field> member(const void* value,
                                            std::string_view wanted) const override {
    std::optional<Field> out;
    T::each_field(value == nullptr ? example() : at(value),
                  [&](const char* name, const auto& member) {
                    using Member = std::decay_t<decltype(member)>;
                    if (out || wanted != name) return;
                    out = value == nullptr ? absent_field<Member>() : make_field(&member);
                  });
    // A state of older rules does not have every member: then it is absent, not unknown.
    return out || value == nullptr ? out : member(nullptr, wanted);
  }
  void each(const void* value, const ChildVisitor& visit) const override {
    T::each_field(at(value), [&visit](const char* name, const auto& member) {
      visit(name, make_field(&member));
    });
  }

 private:
  /// Members of a value that is absent have names and types, too.
  static const T& example() {
    static const T value{};
    return value;
  }
};

template <class... Ts>
class VariantType final : public TypeBase<std::variant<Ts...>> {
  using Variant = std::variant<Ts...>;
  using TypeBase<Variant>::at;

 public:
  [[nodiscard]] Shape shape() const override { return Shape::kVariant; }
  [[nodiscard]] std::vector<std::string> names() const override {
    return {alternative_name(Variant(Ts{}))...};
  }
  [[nodiscard]] std::optional<Field> member(const void* value,
                                            std::string_view wanted) const override {
    std::optional<Field> out;
    const auto consider = [&]<class T>(const T*) {
      if (out || wanted != alternative_name(Variant(T{}))) return;
      out = make_field(value == nullptr ? nullptr : std::get_if<T>(&at(value)));
    };
    (consider(static_cast<const Ts*>(nullptr)), ...);
    return out;
  }
  void each(const void* value, const ChildVisitor& visit) const override {
    std::visit(
        [&](const auto& current) { visit(alternative_name(at(value)), make_field(&current)); },
        at(value));
  }
  [[nodiscard]] std::string_view alternative(const void* value) const override {
    return alternative_name(at(value));
  }
};

/// Maps and sets.
template <class Container>
class KeyedType final : public TypeBase<Container> {
  using TypeBase<Container>::at;
  static constexpr bool kIsMap = requires { typename Container::mapped_type; };

  static Field child(const typename Container::value_type& entry) {
    if constexpr (kIsMap) {
      return make_field(&entry.second);
    } else {
      return make_field(&entry);
    }
  }
  static Field absent_child() {
    if constexpr (kIsMap) {
      return absent_field<typename Container::mapped_type>();
    } else {
      return absent_field<typename Container::value_type>();
    }
  }

 public:
  [[nodiscard]] Shape shape() const override { return kIsMap ? Shape::kMap : Shape::kSet; }
  [[nodiscard]] std::optional<std::size_t> size(const void* value) const override {
    return at(value).size();
  }
  [[nodiscard]] std::optional<Field> member(const void* value,
                                            std::string_view wanted) const override {
    const bool is_first = wanted == "first";
    if (!is_first && wanted != "last") return std::nullopt;
    if (value == nullptr || at(value).empty()) return absent_child();
    return child(is_first ? *at(value).begin() : *at(value).rbegin());
  }
  [[nodiscard]] FieldOrError element(const void* value, std::string_view key) const override {
    static const Container nothing;
    const Container& entries = value == nullptr ? nothing : at(value);
    const auto found = find_entry(entries, key);
    if (!found) return core::Unexpected{found.error()};
    return *found == entries.end() ? absent_child() : child(**found);
  }
  void each(const void* value, const ChildVisitor& visit) const override {
    for (const auto& entry : at(value)) visit(key_step(key_of<Container>(entry)), child(entry));
  }
};

/// Vectors and arrays.
template <class List>
class ListType final : public TypeBase<List> {
  using TypeBase<List>::at;
  using Element = typename List::value_type;

 public:
  [[nodiscard]] Shape shape() const override { return Shape::kList; }
  [[nodiscard]] std::optional<std::size_t> size(const void* value) const override {
    return at(value).size();
  }
  [[nodiscard]] std::optional<Field> member(const void* value,
                                            std::string_view wanted) const override {
    const bool is_first = wanted == "first";
    if (!is_first && wanted != "last") return std::nullopt;
    if (value == nullptr || at(value).empty()) return absent_field<Element>();
    return make_field(is_first ? &at(value).front() : &at(value).back());
  }
  [[nodiscard]] FieldOrError element(const void* value, std::string_view key) const override {
    std::uint64_t index = 0;
    if (!read_key(key, index)) return key_error(key, "is no index");
    if constexpr (requires { std::tuple_size<List>::value; }) {
      if (index >= std::tuple_size_v<List>) {
        return key_error(key,
                         "is beyond the " + std::to_string(std::tuple_size_v<List>) + " elements");
      }
    }
    if (value == nullptr || index >= at(value).size()) return absent_field<Element>();
    return make_field(&at(value)[index]);
  }
  void each(const void* value, const ChildVisitor& visit) const override {
    for (std::size_t i = 0; i < at(value).size(); ++i) {
      visit("[" + std::to_string(i) + "]", make_field(&at(value)[i]));
    }
  }
};

// --- the type of a type -------------------------------------------------------------------------

template <class T>
struct TypeOf {
  static_assert(Struct<T> || Leaf<T>, "no FieldType for this type");
  using type = std::conditional_t<Leaf<T>, LeafType<T>, StructType<T>>;
};
template <class... Ts>
struct TypeOf<std::variant<Ts...>> {
  using type = VariantType<Ts...>;
};
template <class K, class V>
struct TypeOf<std::map<K, V>> {
  using type = KeyedType<std::map<K, V>>;
};
template <class K>
struct TypeOf<std::set<K>> {
  using type = KeyedType<std::set<K>>;
};
template <class T, std::size_t N>
struct TypeOf<std::array<T, N>> {
  using type = ListType<std::array<T, N>>;
};
template <class T>
requires(!std::same_as<T, std::uint8_t>)  //
    struct TypeOf<std::vector<T>> {
  using type = ListType<std::vector<T>>;
};

template <class T>
Field make_field(const T* value) {
  static const typename TypeOf<T>::type type;
  return Field{&type, value};
}

}  // namespace preconf::replay
