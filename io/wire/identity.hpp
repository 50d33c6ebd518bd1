// Who a peer is: key pairs, their encodings and signatures (libp2p peer ids specification).
//
// Of the four key types of the specification two are spoken: the deployed peers decode no others.
#pragma once

#include <array>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "io/wire/peer_id.hpp"

namespace preconf::io::wire {

/// Numbers of the specification.
enum class KeyType : std::uint8_t { kEd25519 = 1, kSecp256k1 = 2 };

enum class IdentityError : std::uint8_t {
  kMalformed,           ///< not the message {type, data}
  kUnsupportedKeyType,  ///< RSA, ECDSA, or a number that does not exist
  kBadKey,              ///< wrong size, or not a point of the curve
};

/// A valid public key: 32 bytes of Ed25519 or 33 (compressed) of secp256k1.
struct PublicKey {
  KeyType type = KeyType::kEd25519;
  std::array<std::uint8_t, 33> data{};  ///< zero behind the key

  [[nodiscard]] core::BytesView view() const {
    return core::BytesView{data}.first(type == KeyType::kEd25519 ? 32 : 33);
  }
  friend bool operator==(const PublicKey&, const PublicKey&) = default;
};

/// The one deterministic encoding, 36 or 37 bytes.
[[nodiscard]] core::Bytes encode(const PublicKey& key);
/// Accepts any order and unknown fields; the key is checked as far as that is cheap (a
/// secp256k1 point must be on the curve; an Ed25519 key that is no point verifies nothing).
[[nodiscard]] core::Result<PublicKey, IdentityError> decode_public_key(core::BytesView encoded);

[[nodiscard]] PeerId peer_id_of(const PublicKey& key);
/// The public key that a peer id of the identity form contains.
[[nodiscard]] core::Result<PublicKey, IdentityError> public_key_of(const PeerId& id);

/// Ed25519: 64 bytes over the message. secp256k1: DER over SHA-256 of the message; high s is
/// accepted, as the deployed peers do.
[[nodiscard]] bool verify(const PublicKey& key, core::BytesView message, core::BytesView signature);

/// A key pair. Its secret is wiped when it is destroyed.
class Identity {
 public:
  using Secret = core::FixedBytes<32>;

  /// An Ed25519 seed or a secp256k1 scalar; nothing when the scalar is zero or not below the order.
  [[nodiscard]] static std::optional<Identity> from_secret(KeyType type, const Secret& secret);

  Identity(const Identity&) = default;
  Identity& operator=(const Identity&) = default;
  ~Identity();

  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] const PeerId& peer_id() const { return peer_id_; }
  /// Deterministic; encodings as for verify(), with low s.
  [[nodiscard]] core::Bytes sign(core::BytesView message) const;

 private:
  Identity(const Secret& secret, const PublicKey& key);

  Secret secret_;
  PublicKey public_key_;
  PeerId peer_id_;
};

}  // namespace preconf::io::wire
