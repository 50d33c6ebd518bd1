// The secure channel handshake of libp2p (noise-libp2p specification): Noise XX in frames of a
// 16-bit length, and inside it proof that the static key belongs to the identity of a peer.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "io/wire/identity.hpp"
#include "io/wire/noise_xx.hpp"

namespace preconf::io::wire {

/// One handshake. The dialer of the connection is the initiator. Takes exactly the bytes of the
/// handshake off the front of its input: records of the transport may follow in the same segment.
class NoiseHandshake {
 public:
  /// `identity` outlives the machine. `keys`: 32 random bytes each; the static one may be kept for
  /// all connections of a process. `expected`: the peer that the dialed address names; empty when
  /// any is welcome.
  NoiseHandshake(NoiseRole role, const Identity& identity, const NoiseXx::Keys& keys,
                 const PeerId& expected);

  enum class Status : std::uint8_t { kInProgress, kDone, kFailed };
  /// kDone: both identities are proven and the rest of `in` is of the transport. Our last message
  /// may still be in the output.
  [[nodiscard]] Status on_bytes(core::BytesView& in);
  /// Appends what is to be sent; the initiator has something at once.
  void take_output(core::Bytes& out);

  [[nodiscard]] std::optional<NoiseError> error() const { return error_; }
  /// Require kDone.
  [[nodiscard]] const PublicKey& remote_key() const { return remote_key_; }
  [[nodiscard]] const PeerId& remote_peer() const { return remote_peer_; }
  [[nodiscard]] NoiseXx::Ciphers split() const { return noise_.split(); }

 private:
  [[nodiscard]] std::optional<core::BytesView> take_message(core::BytesView& in);
  void step(core::BytesView message);
  void send(core::BytesView payload);
  [[nodiscard]] core::Bytes payload() const;
  [[nodiscard]] std::optional<NoiseError> accept(core::BytesView payload);

  NoiseRole role_;
  const Identity* identity_;
  X25519Public static_key_;
  NoiseXx noise_;
  PeerId expected_;
  PublicKey remote_key_;
  PeerId remote_peer_;
  core::Bytes message_;  ///< length and content of a message that is not complete
  core::Bytes output_;
  Status status_ = Status::kInProgress;
  std::optional<NoiseError> error_;
};

}  // namespace preconf::io::wire
