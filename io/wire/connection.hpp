// One connection to a peer: upgrade, streams, and on each stream the agreement on its protocol.
//
// A machine without I/O. Bytes of the transport go into on_bytes(); then next_event() is called
// until it returns nothing. Received data is handed on as views of the caller's scratch buffer:
// between transport and protocol each byte is written once, by the decryption. Sending writes each
// byte twice: into a plaintext buffer and, sealed, into the output.
#pragma once

#include <map>

#include "io/wire/upgrade.hpp"
#include "io/wire/yamux.hpp"

namespace preconf::io::wire {

/// Why a connection can not go on.
enum class ConnectionFault : std::uint8_t {
  kSetupTimeout,
  kUpgrade,  ///< no agreement on noise or yamux, or a bad handshake
  kWrongPeer,
  kChannelBroken,  ///< a record that is not authentic
  kMuxer,          ///< see Failed::yamux
  kUnresponsive,   ///< a yamux ping was not answered
  kGoAway,         ///< the peer ended it
};

namespace connection {
/// The secure channel stands and streams can be opened.
struct Established {};
/// Both sides agree on a stream's protocol. `protocol`: index into what was offered.
struct StreamReady {
  StreamId stream;
  std::size_t protocol = 0;
  bool inbound = false;
};
/// A stream of ours for which there is no protocol; it is gone.
struct StreamRefused {
  StreamId stream;
  bool unsupported = false;  ///< the peer knows none of the protocols; else a fault or a time-out
};
/// Report what was taken by Connection::consumed().
struct Data {
  StreamId stream;
  core::BytesView bytes;
};
struct Ended {
  StreamId stream;  ///< the peer's half
};
struct Reset {
  StreamId stream;
};
/// Nothing comes after it.
struct Failed {
  ConnectionFault fault = ConnectionFault::kUpgrade;
  std::optional<YamuxError> yamux;
};
}  // namespace connection

using ConnectionEvent =
    std::variant<connection::Established, connection::StreamReady, connection::StreamRefused,
                 connection::Data, connection::Ended, connection::Reset, connection::Failed>;

class Connection {
 public:
  /// `served`: protocols that the peer may open streams for; it outlives the connection, as does
  /// `identity`.
  Connection(Direction direction, const Identity& identity, const NoiseXx::Keys& keys,
             const PeerId& expected, std::span<const std::string> served, core::Millis now);

  /// `scratch` takes the plaintext; its content is in use until next_event() returned nothing.
  void on_bytes(core::BytesView in, core::Bytes& scratch, core::Millis now);
  [[nodiscard]] std::optional<ConnectionEvent> next_event(core::Millis now);
  [[nodiscard]] std::optional<ConnectionEvent> on_time(core::Millis now);
  [[nodiscard]] core::Millis next_deadline() const;

  /// Appends at most about `bytes_max` bytes of output; `scratch` is used on the way.
  void take_output(core::Bytes& out, core::Bytes& scratch, std::size_t bytes_max);
  [[nodiscard]] bool has_output() const;

  /// Begins to agree on one of `protocols`, which outlive the stream's negotiation. Nothing when
  /// there are too many streams. Requires established().
  [[nodiscard]] std::optional<StreamId> open_stream(std::span<const std::string> protocols,
                                                    core::Millis now);
  // As in YamuxSession, for streams that are ready.
  [[nodiscard]] bool write(StreamId stream, SharedBytes bytes);
  void consumed(StreamId stream, std::size_t size);
  void finish(StreamId stream);
  void reset(StreamId stream);
  [[nodiscard]] std::size_t queued_bytes(StreamId stream) const;
  [[nodiscard]] bool has_stream(StreamId stream) const;
  /// Says goodbye; only output may follow.
  void go_away();

  [[nodiscard]] bool established() const { return muxer_.has_value(); }
  /// Requires established().
  [[nodiscard]] const PeerId& remote_peer() const { return remote_peer_; }
  [[nodiscard]] std::optional<core::Millis> round_trip() const;
  /// Streams of the peer that were reset here: no common protocol, too late, too many.
  [[nodiscard]] std::uint64_t refused_streams() const;
  /// Heap bytes held in incomplete records.
  [[nodiscard]] std::size_t partial_bytes() const;

 private:
  struct Negotiation {
    std::variant<MultistreamDialer, MultistreamListener> machine;
    core::Millis deadline;
    bool inbound = false;
  };
  using Negotiations = std::map<StreamId, Negotiation>;

  std::optional<ConnectionEvent> on_mux_event(const YamuxEvent& event, core::Millis now);
  std::optional<ConnectionEvent> on_data(const yamux::StreamData& data);
  std::optional<ConnectionEvent> negotiate(Negotiations::iterator stream, core::BytesView data);
  std::optional<ConnectionEvent> give_up(Negotiations::iterator stream, bool unsupported);
  void on_opened(StreamId stream, core::Millis now);
  void on_upgraded(core::Millis now);
  ConnectionEvent fail(ConnectionFault fault, std::optional<YamuxError> yamux = std::nullopt);

  Direction direction_;
  std::span<const std::string> served_;
  core::Millis setup_deadline_;
  std::optional<Upgrade> upgrade_;  ///< gone once its output is taken and it is done
  std::optional<NoiseTransport> transport_;
  std::optional<YamuxSession> muxer_;
  PeerId remote_peer_;
  Negotiations negotiations_;
  std::size_t negotiating_inbound_ = 0;
  std::uint64_t refused_ = 0;

  core::BytesView plaintext_;             ///< not yet read; in the caller's scratch
  std::optional<connection::Data> rest_;  ///< came behind an agreement, told after it
  bool tell_established_ = false;
  std::optional<ConnectionFault> broken_;  ///< to be told when the plaintext before it is read
  bool failed_ = false;
};

}  // namespace preconf::io::wire
