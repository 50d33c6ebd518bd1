#include "io/wire/x25519.hpp"

#include <nettle/curve25519.h>

namespace preconf::io::wire {

X25519Public x25519_public(const X25519Secret& secret) {
  X25519Public out;
  curve25519_mul_g(out.data(), secret.data());
  return out;
}

std::optional<core::FixedBytes<32>> x25519(const X25519Secret& secret, const X25519Public& point) {
  core::FixedBytes<32> out;
  curve25519_mul(out.data(), secret.data(), point.data());
  if (out.is_zero()) return std::nullopt;
  return out;
}

}  // namespace preconf::io::wire
