// Result<T, E>: the part of std::expected (C++23) that this program uses.
#pragma once

#include <utility>
#include <variant>

#include "core/base/assert.hpp"

namespace preconf::core {

/// Wraps an error so that Result<T, E> can be made from it without ambiguity.
template <class E>
struct Unexpected {
  E error;
};
template <class E>
Unexpected(E) -> Unexpected<E>;

template <class T, class E>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : storage_(std::in_place_index<0>, std::move(value)) {
  }                              // NOLINT(google-explicit-constructor)
  Result(Unexpected<E> failure)  // NOLINT(google-explicit-constructor)
      : storage_(std::in_place_index<1>, std::move(failure.error)) {}

  [[nodiscard]] bool has_value() const { return storage_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  /// Requires has_value().
  [[nodiscard]] const T& value() const& {
    PRECONF_ASSERT(has_value());
    return *std::get_if<0>(&storage_);
  }
  [[nodiscard]] T& value() & {
    PRECONF_ASSERT(has_value());
    return *std::get_if<0>(&storage_);
  }
  [[nodiscard]] T&& value() && {
    PRECONF_ASSERT(has_value());
    return std::move(*std::get_if<0>(&storage_));
  }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }
  [[nodiscard]] T* operator->() { return &value(); }

  /// Requires !has_value().
  [[nodiscard]] const E& error() const {
    PRECONF_ASSERT(!has_value());
    return *std::get_if<1>(&storage_);
  }

 private:
  std::variant<T, E> storage_;
};

/// Success without a value.
struct Ok {
  friend bool operator==(const Ok&, const Ok&) = default;
};

}  // namespace preconf::core
