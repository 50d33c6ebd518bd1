// The Noise protocol framework (revision 34), reduced to the one protocol of libp2p:
// Noise_XX_25519_ChaChaPoly_SHA256. Messages without framing; see noise_handshake.hpp for libp2p's.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "io/wire/chacha_poly.hpp"
#include "io/wire/x25519.hpp"

namespace preconf::io::wire {

/// One direction of an encrypted channel (Noise, section 5.1).
class NoiseCipher {
 public:
  NoiseCipher() = default;  ///< without a key: text passes as it is
  explicit NoiseCipher(const CipherKey& key) : key_(key), has_key_(true) {}
  NoiseCipher(const NoiseCipher&) = default;
  NoiseCipher& operator=(const NoiseCipher&) = default;
  ~NoiseCipher();

  /// Appends the sealed plaintext: with a key 16 bytes more.
  void seal(core::BytesView associated, core::BytesView plaintext, core::Bytes& out);
  /// Appends the plaintext; false, and nothing appended, when the text is not authentic.
  [[nodiscard]] bool open(core::BytesView associated, core::BytesView sealed, core::Bytes& out);

  [[nodiscard]] std::size_t overhead() const { return has_key_ ? kAeadTagBytes : 0; }

 private:
  CipherKey key_;
  std::uint64_t counter_ = 0;  ///< 2^64 records are never reached
  bool has_key_ = false;
};

enum class NoiseRole : std::uint8_t { kInitiator, kResponder };

enum class NoiseError : std::uint8_t {
  kTooShort,      ///< a message ends inside a key or a tag
  kTooLong,       ///< a handshake message above kNoiseHandshakeBytesMax
  kNotAuthentic,  ///< a tag is wrong: other keys, or changed on the way
  kBadKey,        ///< a point of small order
  kEarlyPayload,  ///< the first message has a payload; libp2p has none there
  kBadPayload,    ///< the payload is no handshake payload of libp2p
  kBadIdentity,   ///< the identity key is not one that is spoken here
  kBadSignature,  ///< the identity key did not sign the static key
  kWrongPeer,     ///< another peer than the one that was dialed
};

/// The XX pattern: -> e, <- e ee s es, -> s se. Alternate write() and read(), beginning with
/// write() at the initiator; after three messages finished() and split(). After an error it is of
/// no further use.
class NoiseXx {
 public:
  struct Keys {
    X25519Secret fixed;      ///< the static secret
    X25519Secret ephemeral;  ///< fresh for every handshake
  };
  NoiseXx(NoiseRole role, const Keys& keys, core::BytesView prologue);
  NoiseXx(const NoiseXx&) = delete;
  NoiseXx& operator=(const NoiseXx&) = delete;
  ~NoiseXx();

  /// Appends this side's next message with `payload`.
  [[nodiscard]] std::optional<NoiseError> write(core::BytesView payload, core::Bytes& out);
  /// Reads the other side's next message; appends its payload.
  [[nodiscard]] std::optional<NoiseError> read(core::BytesView message, core::Bytes& payload);

  [[nodiscard]] bool is_my_turn() const;
  [[nodiscard]] bool finished() const { return messages_ == 3; }
  /// Requires that the message with it was read.
  [[nodiscard]] const X25519Public& remote_static() const { return remote_static_; }

  struct Ciphers {
    NoiseCipher send;
    NoiseCipher receive;
  };
  /// Requires finished(). `handshake_hash()` names the channel.
  [[nodiscard]] Ciphers split() const;
  [[nodiscard]] const core::Hash32& handshake_hash() const { return hash_; }

 private:
  void mix_hash(core::BytesView data);
  [[nodiscard]] bool mix_key(const X25519Secret& secret, const X25519Public& point);
  void seal_and_hash(core::BytesView plaintext, core::Bytes& out);
  [[nodiscard]] bool open_and_hash(core::BytesView sealed, core::Bytes& out);
  [[nodiscard]] std::optional<NoiseError> read_ephemeral(core::BytesView& message);
  [[nodiscard]] std::optional<NoiseError> read_static(core::BytesView& message);
  [[nodiscard]] bool mix_static_keys(bool mine);

  NoiseRole role_;
  Keys keys_;
  X25519Public remote_ephemeral_;
  X25519Public remote_static_;
  core::Hash32 chaining_key_;
  core::Hash32 hash_;
  NoiseCipher cipher_;
  std::uint8_t messages_ = 0;
};

}  // namespace preconf::io::wire
