#include "io/wire/identity.hpp"

#include <nettle/eddsa.h>
#include <secp256k1.h>

#include "core/base/assert.hpp"
#include "core/crypto/hash.hpp"
#include "io/wire/protobuf.hpp"
#include "io/wire/wipe.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;

constexpr std::uint32_t kTypeField = 1;
constexpr std::uint32_t kDataField = 2;
constexpr std::size_t kEd25519KeyBytes = ED25519_KEY_SIZE;
constexpr std::size_t kSecp256k1KeyBytes = 33;

/// Created once, by whoever is first; never destroyed, so there is no order of destruction.
const secp256k1_context* signing_context() {
  static const secp256k1_context* const context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  return context;
}

core::Result<PublicKey, IdentityError> make_public_key(KeyType type, BytesView data) {
  const bool is_ed25519 = type == KeyType::kEd25519;
  if (data.size() != (is_ed25519 ? kEd25519KeyBytes : kSecp256k1KeyBytes)) {
    return core::Unexpected{IdentityError::kBadKey};
  }
  secp256k1_pubkey parsed;
  if (!is_ed25519 &&
      secp256k1_ec_pubkey_parse(secp256k1_context_static, &parsed, data.data(), data.size()) == 0) {
    return core::Unexpected{IdentityError::kBadKey};
  }
  PublicKey key;
  key.type = type;
  std::copy(data.begin(), data.end(), key.data.begin());
  return key;
}

bool verify_ed25519(const PublicKey& key, BytesView message, BytesView signature) {
  if (signature.size() != ED25519_SIGNATURE_SIZE) return false;
  return ed25519_sha512_verify(key.data.data(), message.size(), message.data(), signature.data()) ==
         1;
}

bool verify_secp256k1(const PublicKey& key, BytesView message, BytesView signature) {
  if (signature.size() > limits::kSignatureBytesMax) return false;
  const secp256k1_context* context = secp256k1_context_static;
  secp256k1_pubkey parsed_key;
  secp256k1_ecdsa_signature parsed;
  if (secp256k1_ec_pubkey_parse(context, &parsed_key, key.data.data(), kSecp256k1KeyBytes) == 0 ||
      secp256k1_ecdsa_signature_parse_der(context, &parsed, signature.data(), signature.size()) ==
          0) {
    return false;
  }
  (void)secp256k1_ecdsa_signature_normalize(context, &parsed, &parsed);
  const core::Hash32 digest = core::crypto::sha256(message);
  return secp256k1_ecdsa_verify(context, &parsed, digest.data(), &parsed_key) == 1;
}

std::optional<PublicKey> public_key_of_secret(KeyType type, const Identity::Secret& secret) {
  PublicKey key;
  key.type = type;
  if (type == KeyType::kEd25519) {
    ed25519_sha512_public_key(key.data.data(), secret.data());
    return key;
  }
  secp256k1_pubkey point;
  if (secp256k1_ec_pubkey_create(signing_context(), &point, secret.data()) == 0) {
    return std::nullopt;
  }
  std::size_t size = key.data.size();
  secp256k1_ec_pubkey_serialize(secp256k1_context_static, key.data.data(), &size, &point,
                                SECP256K1_EC_COMPRESSED);
  return key;
}

Bytes sign_secp256k1(const Identity::Secret& secret, BytesView message) {
  const core::Hash32 digest = core::crypto::sha256(message);
  secp256k1_ecdsa_signature signature;
  // Fails only for a secret that from_secret() refused.
  PRECONF_ASSERT(secp256k1_ecdsa_sign(signing_context(), &signature, digest.data(), secret.data(),
                                      nullptr, nullptr) == 1);
  Bytes der(limits::kSignatureBytesMax);
  std::size_t size = der.size();
  PRECONF_ASSERT(secp256k1_ecdsa_signature_serialize_der(secp256k1_context_static, der.data(),
                                                         &size, &signature) == 1);
  der.resize(size);
  return der;
}

}  // namespace

Bytes encode(const PublicKey& key) {
  Bytes out;
  ProtoWriter writer(out);
  writer.varint(kTypeField, static_cast<std::uint64_t>(key.type));
  writer.bytes(kDataField, key.view());
  return out;
}

core::Result<PublicKey, IdentityError> decode_public_key(BytesView encoded) {
  std::optional<std::uint64_t> type;
  std::optional<BytesView> data;
  ProtoReader reader(encoded);
  while (const auto field = reader.next()) {
    if (field->is_varint(kTypeField)) type = field->varint;
    if (field->is_bytes(kDataField)) data = field->bytes;
  }
  if (reader.error() || !type || !data) return core::Unexpected{IdentityError::kMalformed};
  switch (*type) {
    case static_cast<std::uint64_t>(KeyType::kEd25519):
      return make_public_key(KeyType::kEd25519, *data);
    case static_cast<std::uint64_t>(KeyType::kSecp256k1):
      return make_public_key(KeyType::kSecp256k1, *data);
    default:
      return core::Unexpected{IdentityError::kUnsupportedKeyType};
  }
}

PeerId peer_id_of(const PublicKey& key) {
  const Bytes encoded = encode(key);
  static_assert(4 + kSecp256k1KeyBytes <= limits::kInlineKeyBytesMax);
  Bytes multihash{0x00, static_cast<std::uint8_t>(encoded.size())};
  multihash.insert(multihash.end(), encoded.begin(), encoded.end());
  const auto id = peer_id_from_bytes(multihash);
  PRECONF_ASSERT(id.has_value());
  return *id;
}

core::Result<PublicKey, IdentityError> public_key_of(const PeerId& id) {
  if (id.view().size() < 2 || id.view()[0] != 0x00) {
    return core::Unexpected{IdentityError::kMalformed};
  }
  return decode_public_key(id.view().subspan(2));
}

bool verify(const PublicKey& key, BytesView message, BytesView signature) {
  return key.type == KeyType::kEd25519 ? verify_ed25519(key, message, signature)
                                       : verify_secp256k1(key, message, signature);
}

std::optional<Identity> Identity::from_secret(KeyType type, const Secret& secret) {
  const auto key = public_key_of_secret(type, secret);
  if (!key) return std::nullopt;
  return Identity(secret, *key);
}

Identity::Identity(const Secret& secret, const PublicKey& key)
    : secret_(secret), public_key_(key), peer_id_(peer_id_of(key)) {}

Identity::~Identity() { wipe(secret_.bytes); }

Bytes Identity::sign(BytesView message) const {
  if (public_key_.type == KeyType::kSecp256k1) return sign_secp256k1(secret_, message);
  Bytes signature(ED25519_SIGNATURE_SIZE);
  ed25519_sha512_sign(public_key_.data.data(), secret_.data(), message.size(), message.data(),
                      signature.data());
  return signature;
}

}  // namespace preconf::io::wire
