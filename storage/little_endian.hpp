// Integers of fixed width in files that are not FlatBuffers. Private to storage/.
#pragma once

#include <type_traits>

#include "core/base/bytes.hpp"

namespace preconf::storage {

template <class Integer>
void put_le(core::Bytes& out, Integer value) {
  static_assert(std::is_unsigned_v<Integer>);
  for (std::size_t i = 0; i < sizeof(value); ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}
inline void put_view(core::Bytes& out, core::BytesView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// Requires that `in` has that many bytes.
template <class Integer>
[[nodiscard]] Integer get_le(core::BytesView in) {
  static_assert(std::is_unsigned_v<Integer>);
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(value); ++i) {
    value = static_cast<Integer>(value | (static_cast<Integer>(in[i]) << (8 * i)));
  }
  return value;
}

}  // namespace preconf::storage
