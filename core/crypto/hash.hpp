// Hash functions.
#pragma once

#include "core/base/bytes.hpp"

namespace preconf::core::crypto {

/// Ethereum's Keccak-256: the original padding, not the one of SHA3-256.
[[nodiscard]] Hash32 keccak256(BytesView data);
[[nodiscard]] Hash32 sha256(BytesView data);
[[nodiscard]] Hash32 hmac_sha256(BytesView key, BytesView data);

/// SHA-256 fed in pieces.
class Sha256 {
 public:
  Sha256();
  void update(BytesView data);
  /// Ends the message; the object starts a new one.
  [[nodiscard]] Hash32 finish();

 private:
  alignas(8) std::array<std::uint8_t, 128> context_;  ///< nettle's sha256_ctx; size checked in .cpp
};

/// Keccak-256 fed in pieces.
class Keccak256 {
 public:
  void update(BytesView data);
  [[nodiscard]] Hash32 finish();

 private:
  static constexpr std::size_t kRateBytes = 136;
  alignas(8) std::array<std::uint8_t, 200> state_{};
  std::size_t filled_ = 0;
};

}  // namespace preconf::core::crypto
