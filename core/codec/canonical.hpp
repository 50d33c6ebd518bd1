// The canonical encoding: one byte string per value, on every machine.
//
// It is what digests are computed over and what snapshots contain. (FlatBuffers has many valid
// encodings of one value and is never hashed for equality.) Integers are little-endian of their
// width; bool and enums one integer; strings, vectors, maps: u32 count, then elements; optional:
// u8 0 or 1, then the value; variant: u8 index, then the alternative; structs: their PRECONF_FIELDS
// in order, nothing else.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/types.hpp"

namespace preconf::core::codec {

/// Appends values to a byte string.
class CanonicalWriter {
 public:
  explicit CanonicalWriter(Bytes& out) : out_(out) {}

  template <class T>
  requires std::is_integral_v<T>
  void put(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      out_.push_back(value ? 1 : 0);
    } else {
      for (std::size_t i = 0; i < sizeof(T); ++i) {
        out_.push_back(
            static_cast<std::uint8_t>(static_cast<std::make_unsigned_t<T>>(value) >> (8 * i)));
      }
    }
  }
  template <class T>
  requires std::is_enum_v<T>
  void put(const T& value) { put(static_cast<std::underlying_type_t<T>>(value)); }
  template <class Tag>
  void put(const Strong<Tag>& value) {
    put(value.value);
  }
  template <std::size_t N>
  void put(const FixedBytes<N>& value) {
    out_.insert(out_.end(), value.bytes.begin(), value.bytes.end());
  }
  void put(const U256& value) { put(value.be); }
  void put(const Bytes& value) {
    put_count(value.size());
    out_.insert(out_.end(), value.begin(), value.end());
  }
  void put(const std::string& value) {
    put_count(value.size());
    out_.insert(out_.end(), value.begin(), value.end());
  }
  template <class T>
  void put(const std::vector<T>& values) {
    put_count(values.size());
    for (const T& value : values) put(value);
  }
  template <class T, std::size_t N>
  void put(const std::array<T, N>& values) {
    for (const T& value : values) put(value);
  }
  template <class K, class V>
  void put(const std::map<K, V>& values) {
    put_count(values.size());
    for (const auto& [key, value] : values) {
      put(key);
      put(value);
    }
  }
  template <class T>
  void put(const std::set<T>& values) {
    put_count(values.size());
    for (const T& value : values) put(value);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class... Ts>
  void put(const std::variant<Ts...>& value) {
    put(static_cast<std::uint8_t>(value.index()));
    std::visit([this](const auto& alternative) { put(alternative); }, value);
  }
  template <class T>
  requires requires(const T& value) {
    T::each_field(value, [](const char*, const auto&) {});
  }
  void put(const T& value) {
    T::each_field(value, [this](const char*, const auto& field) { put(field); });
  }

 private:
  void put_count(std::size_t count) { put(static_cast<std::uint32_t>(count)); }

  Bytes& out_;
};

/// Reads what CanonicalWriter wrote. After the first defect (short input, count above the bytes
/// left, bool or variant index out of range, unsorted map) every later read yields defaults and
/// ok() is false.
class CanonicalReader {
 public:
  explicit CanonicalReader(BytesView in) : in_(in) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return ok_ && in_.empty(); }

  template <class T>
  requires std::is_integral_v<T>
  void get(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t byte = 0;
      get(byte);
      if (byte > 1) ok_ = false;
      value = byte == 1;
    } else {
      if (!has(sizeof(T))) return;
      std::make_unsigned_t<T> bits = 0;
      for (std::size_t i = 0; i < sizeof(T); ++i) {
        bits = static_cast<std::make_unsigned_t<T>>(
            bits |
            static_cast<std::make_unsigned_t<T>>(std::make_unsigned_t<T>{in_[i]} << (8 * i)));
      }
      value = static_cast<T>(bits);
      in_ = in_.subspan(sizeof(T));
    }
  }
  template <class T>
  requires std::is_enum_v<T>
  void get(T& value) {
    std::underlying_type_t<T> bits{};
    get(bits);
    value = static_cast<T>(bits);
  }
  template <class Tag>
  void get(Strong<Tag>& value) {
    get(value.value);
  }
  template <std::size_t N>
  void get(FixedBytes<N>& value) {
    if (!has(N)) return;
    value = FixedBytes<N>::from(in_);
    in_ = in_.subspan(N);
  }
  void get(U256& value) { get(value.be); }
  void get(Bytes& value) {
    const std::size_t count = get_count();
    if (!has(count)) return;
    value.assign(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(count));
    in_ = in_.subspan(count);
  }
  void get(std::string& value) {
    const std::size_t count = get_count();
    if (!has(count)) return;
    value.assign(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(count));
    in_ = in_.subspan(count);
  }
  template <class T>
  void get(std::vector<T>& values) {
    values.clear();
    for (std::size_t left = get_count(); left > 0 && ok_; --left) get(values.emplace_back());
  }
  template <class T, std::size_t N>
  void get(std::array<T, N>& values) {
    for (T& value : values) get(value);
  }
  template <class K, class V>
  void get(std::map<K, V>& values) {
    values.clear();
    for (std::size_t left = get_count(); left > 0 && ok_; --left) {
      K key{};
      get(key);
      if (!values.empty() && !(values.rbegin()->first < key)) ok_ = false;
      get(values[key]);
    }
  }
  template <class T>
  void get(std::set<T>& values) {
    values.clear();
    for (std::size_t left = get_count(); left > 0 && ok_; --left) {
      T value{};
      get(value);
      if (!values.empty() && !(*values.rbegin() < value)) ok_ = false;
      values.insert(value);
    }
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool present = false;
    get(present);
    value.reset();
    if (present && ok_) get(value.emplace());
  }
  template <class... Ts>
  void get(std::variant<Ts...>& value) {
    std::uint8_t index = 0;
    get(index);
    if (index >= sizeof...(Ts)) {
      ok_ = false;
      return;
    }
    emplace_alternative(value, index, std::index_sequence_for<Ts...>{});
    std::visit([this](auto& alternative) { get(alternative); }, value);
  }
  template <class T>
  requires requires(T& value) {
    T::each_field(value, [](const char*, auto&) {});
  }
  void get(T& value) {
    T::each_field(value, [this](const char*, auto& field) { get(field); });
  }

 private:
  [[nodiscard]] bool has(std::size_t count) {
    if (ok_ && in_.size() >= count) return true;
    ok_ = false;
    return false;
  }
  /// A count can not exceed the bytes left: every element takes at least one.
  [[nodiscard]] std::size_t get_count() {
    std::uint32_t count = 0;
    get(count);
    return has(count) ? count : 0;
  }
  template <class... Ts, std::size_t... Is>
  static void emplace_alternative(std::variant<Ts...>& value, std::size_t index,
                                  std::index_sequence<Is...>) {
    ((Is == index ? static_cast<void>(value.template emplace<Is>()) : static_cast<void>(0)), ...);
  }

  BytesView in_;
  bool ok_ = true;
};

/// The canonical encoding of `value`.
template <class T>
[[nodiscard]] Bytes canonical_bytes(const T& value) {
  Bytes out;
  CanonicalWriter(out).put(value);
  return out;
}

}  // namespace preconf::core::codec
