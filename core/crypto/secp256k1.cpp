#include "core/crypto/secp256k1.hpp"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "core/base/assert.hpp"
#include "core/base/hex_literal.hpp"
#include "core/crypto/hash.hpp"

namespace preconf::core::crypto {
namespace {

using Scalar = FixedBytes<32>;  // big-endian

constexpr std::uint8_t kRecoveryIdMax = 3;
constexpr std::size_t kRecoveryIdAt = 64;
constexpr std::size_t kUncompressedKeyBytes = 65;

// SEC 2, section 2.4.1; half the order; x coordinates of G and 2G; 1/2 modulo the order.
constexpr Scalar kOrder =
    fixed_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
constexpr Scalar kHalfOrder =
    fixed_hex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
constexpr Scalar kGeneratorX =
    fixed_hex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
constexpr Scalar kTwoGeneratorX =
    fixed_hex("c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5");
constexpr Scalar kOneHalf =
    fixed_hex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1");

/// Signing needs a context of its own. Created once, by whoever is first; never destroyed, so there
/// is no order of destruction to get wrong.
const secp256k1_context* signing_context() {
  static const secp256k1_context* const context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  return context;
}

Address address_of_key(const secp256k1_pubkey& key) {
  std::array<std::uint8_t, kUncompressedKeyBytes> encoded;
  std::size_t size = encoded.size();
  secp256k1_ec_pubkey_serialize(secp256k1_context_static, encoded.data(), &size, &key,
                                SECP256K1_EC_UNCOMPRESSED);
  const Hash32 hash = keccak256(BytesView{encoded}.subspan(1));
  return Address::from(hash.view().last(Address::kSize));
}

/// value mod n, for any 256-bit value: n > 2^255, so at most one subtraction.
Scalar reduce(const Scalar& value) {
  if (value < kOrder) return value;
  Scalar out;
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int difference = int{value.bytes[i]} - int{kOrder.bytes[i]} - borrow;
    borrow = difference < 0 ? 1 : 0;
    out.bytes[i] = static_cast<std::uint8_t>(difference & 0xff);
  }
  return out;
}

Signature65 join(const Scalar& r, const Scalar& s, std::uint8_t v) {
  Signature65 out;
  std::copy(r.bytes.begin(), r.bytes.end(), out.bytes.begin());
  std::copy(s.bytes.begin(), s.bytes.end(), out.bytes.begin() + 32);
  out.bytes[kRecoveryIdAt] = v;
  return out;
}

bool in_range(const Scalar& value) { return !value.is_zero() && value < kOrder; }

}  // namespace

bool scalars_in_range(const Signature65& signature) {
  return in_range(Scalar::from(signature.view())) &&
         in_range(Scalar::from(signature.view().subspan(32)));
}

bool is_low_s(const Signature65& signature) {
  return Scalar::from(signature.view().subspan(32)) <= kHalfOrder;
}

std::optional<Address> recover_address(const Hash32& digest, const Signature65& signature) {
  // The library treats a larger id as a programming error.
  const std::uint8_t recovery_id = signature.bytes[kRecoveryIdAt];
  if (recovery_id > kRecoveryIdMax) return std::nullopt;
  secp256k1_ecdsa_recoverable_signature parsed;
  if (secp256k1_ecdsa_recoverable_signature_parse_compact(secp256k1_context_static, &parsed,
                                                          signature.data(), recovery_id) == 0) {
    return std::nullopt;
  }
  secp256k1_pubkey key;
  if (secp256k1_ecdsa_recover(secp256k1_context_static, &key, &parsed, digest.data()) == 0) {
    return std::nullopt;
  }
  return address_of_key(key);
}

std::optional<Signature65> sign(const Hash32& digest, const SecretKey& key) {
  secp256k1_ecdsa_recoverable_signature signature;
  if (secp256k1_ecdsa_sign_recoverable(signing_context(), &signature, digest.data(), key.data(),
                                       nullptr, nullptr) == 0) {
    return std::nullopt;
  }
  Signature65 out;
  int recovery_id = 0;
  secp256k1_ecdsa_recoverable_signature_serialize_compact(secp256k1_context_static, out.data(),
                                                          &recovery_id, &signature);
  out.bytes[kRecoveryIdAt] = static_cast<std::uint8_t>(recovery_id);
  return out;
}

std::optional<Address> address_of(const SecretKey& key) {
  secp256k1_pubkey public_key;
  if (secp256k1_ec_pubkey_create(signing_context(), &public_key, key.data()) == 0) {
    return std::nullopt;
  }
  return address_of_key(public_key);
}

std::optional<Signature65> sign_with_nonce(const Hash32& digest, FixedNonce nonce,
                                           const SecretKey& key) {
  const secp256k1_context* context = secp256k1_context_static;
  if (secp256k1_ec_seckey_verify(context, key.data()) == 0) return std::nullopt;
  const Scalar& r = nonce == FixedNonce::kOne ? kGeneratorX : kTwoGeneratorX;

  // s = (e + r * d) / k. The library's key arithmetic is arithmetic modulo n; it refuses a zero
  // sum.
  Scalar s = key;
  PRECONF_ASSERT(secp256k1_ec_seckey_tweak_mul(context, s.data(), r.data()) == 1);
  const Scalar e = reduce(digest);
  if (secp256k1_ec_seckey_tweak_add(context, s.data(), e.data()) == 0) return std::nullopt;
  if (nonce == FixedNonce::kTwo) {
    PRECONF_ASSERT(secp256k1_ec_seckey_tweak_mul(context, s.data(), kOneHalf.data()) == 1);
  }

  // G and 2G both have an even y; negating s negates the nonce point.
  std::uint8_t parity = 0;
  if (s > kHalfOrder) {
    PRECONF_ASSERT(secp256k1_ec_seckey_negate(context, s.data()) == 1);
    parity = 1;
  }
  return join(r, s, parity);
}

std::optional<Signature65> sign_fixed_k(const Hash32& digest, const SecretKey& key) {
  if (auto signature = sign_with_nonce(digest, FixedNonce::kOne, key)) return signature;
  return sign_with_nonce(digest, FixedNonce::kTwo, key);
}

}  // namespace preconf::core::crypto
