// The canonical encoding: one byte string per value, on every machine.
//
// It is what digests are computed over and what snapshots contain. (FlatBuffers has many valid
// encodings of one value and is never hashed for equality.) Integers are little-endian of their
// width; bool and enums one integer; strings, vectors, maps: u32 count, then elements; optional:
// u8 0 or 1, then the value; variant: u8 index, then the alternative; structs: their PRECONF_FIELDS
// in order, nothing else.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
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
  explicit CanonicalWriter(Bytes& out) : out_(out), used_(out.size()) {}

  template <class T>
  void put(const T& value) {
    write(value);
    out_.resize(used_);
  }

 private:
  template <class T>
  requires std::is_integral_v<T>
  void write(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      *room(1) = value ? 1 : 0;
    } else {
      using Bits = std::make_unsigned_t<T>;
      if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(room(sizeof(T)), &value, sizeof(T));
      } else {
        std::uint8_t* out = room(sizeof(T));
        for (std::size_t i = 0; i < sizeof(T); ++i) {
          out[i] = static_cast<std::uint8_t>(static_cast<Bits>(value) >> (8 * i));
        }
      }
    }
  }
  template <class T>
  requires std::is_enum_v<T>
  void write(const T& value) { write(static_cast<std::underlying_type_t<T>>(value)); }
  template <class Tag>
  void write(const Strong<Tag>& value) {
    write(value.value);
  }
  template <std::size_t N>
  void write(const FixedBytes<N>& value) {
    std::memcpy(room(N), value.bytes.data(), N);
  }
  void write(const U256& value) { write(value.be); }
  void write(const Bytes& value) { write_text(value.data(), value.size()); }
  void write(const std::string& value) { write_text(value.data(), value.size()); }
  template <class T>
  void write(const std::vector<T>& values) {
    write_count(values.size());
    for (const T& value : values) write(value);
  }
  template <class T, std::size_t N>
  void write(const std::array<T, N>& values) {
    for (const T& value : values) write(value);
  }
  template <class K, class V>
  void write(const std::map<K, V>& values) {
    write_count(values.size());
    for (const auto& [key, value] : values) {
      write(key);
      write(value);
    }
  }
  template <class T>
  void write(const std::set<T>& values) {
    write_count(values.size());
    for (const T& value : values) write(value);
  }
  template <class T>
  void write(const std::optional<T>& value) {
    write(value.has_value());
    if (value) write(*value);
  }
  template <class... Ts>
  void write(const std::variant<Ts...>& value) {
    write(static_cast<std::uint8_t>(value.index()));
    std::visit([this](const auto& alternative) { write(alternative); }, value);
  }
  template <class T>
  requires requires(const T& value) {
    T::each_field(value, [](const char*, const auto&) {});
  }
  void write(const T& value) {
    T::each_field(value, [this](const char*, const auto& field) { write(field); });
  }
  void write_count(std::size_t count) { write(static_cast<std::uint32_t>(count)); }
  void write_text(const void* data, std::size_t size) {
    write_count(size);
    if (size > 0) std::memcpy(room(size), data, size);
  }

  /// Where the next `count` bytes go. The string is longer than what is written until put() ends:
  /// growing it byte by byte costs more than the bytes.
  [[nodiscard]] std::uint8_t* room(std::size_t count) {
    if (out_.size() - used_ < count) {
      constexpr std::size_t kFirst = 256;
      out_.resize(std::max({out_.capacity(), 2 * out_.size(), used_ + count, kFirst}));
    }
    std::uint8_t* const at = out_.data() + used_;
    used_ += count;
    return at;
  }

  Bytes& out_;
  std::size_t used_;
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
      if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(&bits, in_.data(), sizeof(T));
      } else {
        for (std::size_t i = 0; i < sizeof(T); ++i) {
          bits = static_cast<std::make_unsigned_t<T>>(
              bits |
              static_cast<std::make_unsigned_t<T>>(std::make_unsigned_t<T>{in_[i]} << (8 * i)));
        }
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
      get(values.try_emplace(values.end(), std::move(key))->second);
    }
  }
  template <class T>
  void get(std::set<T>& values) {
    values.clear();
    for (std::size_t left = get_count(); left > 0 && ok_; --left) {
      T value{};
      get(value);
      if (!values.empty() && !(*values.rbegin() < value)) ok_ = false;
      values.insert(values.end(), std::move(value));
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
