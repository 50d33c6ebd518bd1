#include "io/wire/noise_xx.hpp"

#include "core/base/assert.hpp"
#include "core/crypto/hash.hpp"
#include "io/wire/protobuf.hpp"
#include "io/wire/wipe.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;
using core::Hash32;

/// Exactly 32 bytes, so it is the first hash as it is (Noise, section 5.2).
constexpr std::string_view kProtocolName = "Noise_XX_25519_ChaChaPoly_SHA256";
static_assert(kProtocolName.size() == Hash32::kSize);
constexpr std::size_t kKeyBytes = X25519Public::kSize;

struct TwoKeys {
  Hash32 first;
  Hash32 second;
};

/// HKDF with two outputs (Noise, section 4.3).
TwoKeys hkdf(const Hash32& chaining_key, BytesView input) {
  Hash32 temporary = core::crypto::hmac_sha256(chaining_key.view(), input);
  constexpr std::uint8_t kOne[] = {1};
  TwoKeys keys;
  keys.first = core::crypto::hmac_sha256(temporary.view(), kOne);
  std::array<std::uint8_t, Hash32::kSize + 1> second{};
  std::copy(keys.first.bytes.begin(), keys.first.bytes.end(), second.begin());
  second.back() = 2;
  keys.second = core::crypto::hmac_sha256(temporary.view(), second);
  wipe(temporary.bytes);
  wipe(second);
  return keys;
}

}  // namespace

NoiseCipher::~NoiseCipher() { wipe(key_.bytes); }

void NoiseCipher::seal(BytesView associated, BytesView plaintext, Bytes& out) {
  const std::size_t at = out.size();
  out.resize(at + plaintext.size() + overhead());
  if (!has_key_) {
    std::copy(plaintext.begin(), plaintext.end(), out.begin() + static_cast<long>(at));
    return;
  }
  aead_seal(key_, counter_++, associated, plaintext, out.data() + at);
}

bool NoiseCipher::open(BytesView associated, BytesView sealed, Bytes& out) {
  if (sealed.size() < overhead()) return false;
  const std::size_t at = out.size();
  out.resize(at + sealed.size() - overhead());
  if (!has_key_) {
    std::copy(sealed.begin(), sealed.end(), out.begin() + static_cast<long>(at));
    return true;
  }
  if (!aead_open(key_, counter_, associated, sealed, out.data() + at)) {
    out.resize(at);
    return false;
  }
  ++counter_;
  return true;
}

NoiseXx::NoiseXx(NoiseRole role, const Keys& keys, BytesView prologue)
    : role_(role), keys_(keys), hash_(Hash32::from(as_bytes(kProtocolName))) {
  chaining_key_ = hash_;
  mix_hash(prologue);
}

NoiseXx::~NoiseXx() {
  wipe(keys_.fixed.bytes);
  wipe(keys_.ephemeral.bytes);
  wipe(chaining_key_.bytes);
}

void NoiseXx::mix_hash(BytesView data) {
  core::crypto::Sha256 hasher;
  hasher.update(hash_.view());
  hasher.update(data);
  hash_ = hasher.finish();
}

bool NoiseXx::mix_key(const X25519Secret& secret, const X25519Public& point) {
  auto shared = x25519(secret, point);
  if (!shared) return false;
  TwoKeys keys = hkdf(chaining_key_, shared->view());
  chaining_key_ = keys.first;
  cipher_ = NoiseCipher(keys.second);
  wipe(shared->bytes);
  wipe(keys.first.bytes);
  wipe(keys.second.bytes);
  return true;
}

void NoiseXx::seal_and_hash(BytesView plaintext, Bytes& out) {
  const std::size_t at = out.size();
  cipher_.seal(hash_.view(), plaintext, out);
  mix_hash(BytesView{out}.subspan(at));
}

bool NoiseXx::open_and_hash(BytesView sealed, Bytes& out) {
  if (!cipher_.open(hash_.view(), sealed, out)) return false;
  mix_hash(sealed);
  return true;
}

bool NoiseXx::is_my_turn() const {
  const bool initiator_speaks = messages_ % 2 == 0;
  return !finished() && initiator_speaks == (role_ == NoiseRole::kInitiator);
}

/// es or se, as this side sees it: the static key of the sender of the message (mine or the
/// remote's) with the other's ephemeral key.
bool NoiseXx::mix_static_keys(bool mine) {
  return mine ? mix_key(keys_.fixed, remote_ephemeral_) : mix_key(keys_.ephemeral, remote_static_);
}

std::optional<NoiseError> NoiseXx::write(BytesView payload, Bytes& out) {
  PRECONF_ASSERT(is_my_turn());
  if (messages_ < 2) {
    const X25519Public ephemeral = x25519_public(keys_.ephemeral);
    out.insert(out.end(), ephemeral.bytes.begin(), ephemeral.bytes.end());
    mix_hash(ephemeral.view());
  }
  if (messages_ > 0) {
    if (messages_ == 1 && !mix_key(keys_.ephemeral, remote_ephemeral_)) return NoiseError::kBadKey;
    seal_and_hash(x25519_public(keys_.fixed).view(), out);
    if (!mix_static_keys(true)) return NoiseError::kBadKey;
  }
  seal_and_hash(payload, out);
  ++messages_;
  return std::nullopt;
}

std::optional<NoiseError> NoiseXx::read_ephemeral(BytesView& message) {
  if (message.size() < kKeyBytes) return NoiseError::kTooShort;
  remote_ephemeral_ = X25519Public::from(message);
  message = message.subspan(kKeyBytes);
  mix_hash(remote_ephemeral_.view());
  return std::nullopt;
}

std::optional<NoiseError> NoiseXx::read_static(BytesView& message) {
  const std::size_t size = kKeyBytes + kAeadTagBytes;
  if (message.size() < size) return NoiseError::kTooShort;
  Bytes key;
  if (!open_and_hash(message.first(size), key)) return NoiseError::kNotAuthentic;
  message = message.subspan(size);
  remote_static_ = X25519Public::from(key);
  return mix_static_keys(false) ? std::nullopt : std::optional{NoiseError::kBadKey};
}

std::optional<NoiseError> NoiseXx::read(BytesView message, Bytes& payload) {
  PRECONF_ASSERT(!is_my_turn() && !finished());
  if (messages_ < 2) {
    if (const auto error = read_ephemeral(message)) return error;
  }
  if (messages_ == 1 && !mix_key(keys_.ephemeral, remote_ephemeral_)) return NoiseError::kBadKey;
  if (messages_ > 0) {
    if (const auto error = read_static(message)) return error;
  }
  if (message.size() < cipher_.overhead()) return NoiseError::kTooShort;
  if (!open_and_hash(message, payload)) return NoiseError::kNotAuthentic;
  ++messages_;
  return std::nullopt;
}

NoiseXx::Ciphers NoiseXx::split() const {
  PRECONF_ASSERT(finished());
  TwoKeys keys = hkdf(chaining_key_, {});
  const bool initiator = role_ == NoiseRole::kInitiator;
  Ciphers ciphers{NoiseCipher(initiator ? keys.first : keys.second),
                  NoiseCipher(initiator ? keys.second : keys.first)};
  wipe(keys.first.bytes);
  wipe(keys.second.bytes);
  return ciphers;
}

}  // namespace preconf::io::wire
