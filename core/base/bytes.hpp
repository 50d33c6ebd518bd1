// Byte strings of fixed and of variable size.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace preconf::core {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

/// Exactly N bytes, zero unless set. Ordered lexicographically (big-endian numbers order as
/// numbers).
template <std::size_t N>
struct FixedBytes {
  static constexpr std::size_t kSize = N;
  std::array<std::uint8_t, N> bytes{};

  friend constexpr bool operator==(const FixedBytes& a, const FixedBytes& b) {
    if constexpr (N % 8 == 0) {
      using Words = std::array<std::uint64_t, N / 8>;
      const Words left = std::bit_cast<Words>(a.bytes);
      const Words right = std::bit_cast<Words>(b.bytes);
      std::uint64_t difference = 0;
      for (std::size_t i = 0; i < left.size(); ++i) difference |= left[i] ^ right[i];
      return difference == 0;
    }
    return a.bytes == b.bytes;
  }
  /// Hashes nearly always differ in their first eight bytes: one comparison of words.
  friend constexpr std::strong_ordering operator<=>(const FixedBytes& a, const FixedBytes& b) {
    if constexpr (N >= 8) {
      const std::uint64_t left = leading_word(a.bytes);
      const std::uint64_t right = leading_word(b.bytes);
      if (left != right) return left <=> right;
    }
    return a.bytes <=> b.bytes;
  }

  [[nodiscard]] constexpr bool is_zero() const {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
  }
  [[nodiscard]] constexpr BytesView view() const { return BytesView{bytes}; }
  [[nodiscard]] constexpr const std::uint8_t* data() const { return bytes.data(); }
  [[nodiscard]] constexpr std::uint8_t* data() { return bytes.data(); }

  /// Requires view.size() >= N; copies the first N bytes.
  [[nodiscard]] static constexpr FixedBytes from(BytesView view) {
    FixedBytes out;
    std::copy_n(view.begin(), N, out.bytes.begin());
    return out;
  }

 private:
  /// The first eight bytes as a big-endian number, in the form that compilers see as one load.
  static constexpr std::uint64_t leading_word(const std::array<std::uint8_t, N>& b) {
    const auto at = [&b](std::size_t i, unsigned shift) { return std::uint64_t{b[i]} << shift; };
    return at(0, 56) | at(1, 48) | at(2, 40) | at(3, 32) | at(4, 24) | at(5, 16) | at(6, 8) |
           at(7, 0);
  }
};

using Hash32 = FixedBytes<32>;       ///< keccak256 or SHA-256 digest.
using Address = FixedBytes<20>;      ///< Ethereum account address.
using Signature65 = FixedBytes<65>;  ///< r(32) | s(32) | v(1); what v means is said at each use.
using PayloadId = FixedBytes<8>;     ///< Engine API payloadId.
using BootId = FixedBytes<16>;       ///< Random name of one process life.

/// Unsigned 256-bit integer as 32 big-endian bytes. Only carried, compared and narrowed: the node
/// computes in 64 bits after a range check.
struct U256 {
  FixedBytes<32> be;
  friend auto operator<=>(const U256&, const U256&) = default;

  [[nodiscard]] static constexpr U256 from_u64(std::uint64_t value) {
    U256 out;
    for (std::size_t i = 0; i < 8; ++i) {
      out.be.bytes[31 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    return out;
  }
  [[nodiscard]] constexpr bool fits_u64() const {
    return std::all_of(be.bytes.begin(), be.bytes.begin() + 24,
                       [](std::uint8_t b) { return b == 0; });
  }
  /// Requires fits_u64().
  [[nodiscard]] constexpr std::uint64_t low_u64() const {
    std::uint64_t value = 0;
    for (std::size_t i = 24; i < 32; ++i) value = (value << 8) | be.bytes[i];
    return value;
  }
};

}  // namespace preconf::core
