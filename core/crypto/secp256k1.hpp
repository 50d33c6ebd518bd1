// ECDSA over secp256k1, as Ethereum uses it.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"

namespace preconf::core::crypto {

using SecretKey = FixedBytes<32>;

/// Are r and s of `signature` both within 1..n-1 (n: the group order)? v is not looked at.
[[nodiscard]] bool scalars_in_range(const Signature65& signature);

/// Is s at most n/2? Transactions must have it (EIP-2); commitments need not.
[[nodiscard]] bool is_low_s(const Signature65& signature);

/// Address that signed `digest`. `signature` is r | s | recovery id with id 0..3 (not 27/28); high
/// s is accepted, as the deployed peers do. Nothing when no key can be recovered.
[[nodiscard]] std::optional<Address> recover_address(const Hash32& digest,
                                                     const Signature65& signature);

/// Deterministic (RFC 6979), low-s signature; v is the recovery id 0 or 1.
/// Nothing when the key is zero or not below the group order.
[[nodiscard]] std::optional<Signature65> sign(const Hash32& digest, const SecretKey& key);

/// Address of a secret key; nothing when the key is invalid.
[[nodiscard]] std::optional<Address> address_of(const SecretKey& key);

/// The nonces that the anchor signature may use.
enum class FixedNonce : std::uint8_t { kOne, kTwo };

/// Signature with exactly this nonce; low s, v is the parity. Nothing when s would be zero or the
/// key is invalid. Reveals the key: only for the public golden touch key.
[[nodiscard]] std::optional<Signature65> sign_with_nonce(const Hash32& digest, FixedNonce nonce,
                                                         const SecretKey& key);

/// Signature with the fixed nonce k = 1, or k = 2 when s would be zero: every driver and prover
/// must produce identical anchor transactions. Only for the public golden touch key. Low s; v is
/// the parity.
[[nodiscard]] std::optional<Signature65> sign_fixed_k(const Hash32& digest, const SecretKey& key);

}  // namespace preconf::core::crypto
