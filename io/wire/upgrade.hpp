// From a transport to a secure, multiplexed connection: multistream on /noise, the noise handshake,
// then inside the channel multistream on /yamux/1.0.0.
//
// Nothing that comes early is lost: peers that know there is no choice send the next layer's bytes
// behind their proposal ("V1 lazy"). As a dialer it does so with the first noise message, which
// saves a round trip.
#pragma once

#include <optional>
#include <variant>

#include "io/wire/multistream.hpp"
#include "io/wire/noise_handshake.hpp"
#include "io/wire/noise_transport.hpp"
#include "io/wire/peer_ref.hpp"

namespace preconf::io::wire {

inline constexpr std::string_view kNoiseProtocol = "/noise";
inline constexpr std::string_view kYamuxProtocol = "/yamux/1.0.0";

class Upgrade {
 public:
  /// As NoiseHandshake; kOutbound is the dialer.
  Upgrade(Direction direction, const Identity& identity, const NoiseXx::Keys& keys,
          const PeerId& expected);

  enum class Status : std::uint8_t { kInProgress, kDone, kFailed };
  /// Takes all of `in`. Plaintext of the next layer that came early is appended to `early`.
  [[nodiscard]] Status on_bytes(core::BytesView in, core::Bytes& early);
  /// Appends what is to be sent; may still have something when done.
  void take_output(core::Bytes& out);
  [[nodiscard]] bool has_output() const { return !output_.empty(); }

  /// Require kDone.
  [[nodiscard]] const PeerId& remote_peer() const { return remote_peer_; }
  [[nodiscard]] NoiseTransport take_transport() { return std::move(*transport_); }

  /// Set when kFailed; nothing of both: multistream did not agree.
  [[nodiscard]] std::optional<NoiseError> noise_error() const { return noise_error_; }

 private:
  using Negotiation = std::variant<MultistreamDialer, MultistreamListener>;
  enum class Stage : std::uint8_t { kSecurity, kNoise, kMuxer, kDone, kFailed };

  [[nodiscard]] Negotiation negotiation(std::span<const std::string> protocols) const;
  [[nodiscard]] bool negotiate(core::BytesView& in);
  void send_negotiation();
  void on_noise(core::BytesView& in);
  void on_channel(core::BytesView in, core::Bytes& early);

  Direction direction_;
  Negotiation negotiation_;
  std::optional<NoiseHandshake> noise_;  ///< gone once the channel stands
  std::optional<NoiseTransport> transport_;
  PeerId remote_peer_;
  core::Bytes output_;
  Stage stage_ = Stage::kSecurity;
  std::optional<NoiseError> noise_error_;
};

}  // namespace preconf::io::wire
