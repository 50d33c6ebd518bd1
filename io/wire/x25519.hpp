// Diffie-Hellman over Curve25519 (RFC 7748), in constant time.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"

namespace preconf::io::wire {

using X25519Secret = core::FixedBytes<32>;
using X25519Public = core::FixedBytes<32>;

[[nodiscard]] X25519Public x25519_public(const X25519Secret& secret);

/// The shared secret; nothing when it is zero, which only points of small order give: a peer that
/// sends one wants a secret that everybody knows.
[[nodiscard]] std::optional<core::FixedBytes<32>> x25519(const X25519Secret& secret,
                                                         const X25519Public& point);

}  // namespace preconf::io::wire
