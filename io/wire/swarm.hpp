// All connections of a node to its peers, and everything that is spoken on them: noise, yamux,
// identify, ping, gossipsub, request/response.
//
// A machine without I/O: a driver (sockets, or a test) tells what happened and does what
// next_action() wants. Deterministic: equal configuration, seed and calls give equal actions.
// After every call that is not const, next_action() is to be called until it returns nothing.
#pragma once

#include <memory>

#include "io/wire/gossipsub/router.hpp"
#include "io/wire/swarm_actions.hpp"
#include "io/wire/swarm_config.hpp"
#include "io/wire/x25519.hpp"

namespace preconf::io::wire {

struct SwarmState;

class Swarm {
 public:
  /// `seed` decides about gossip peers, delays and ping payloads. `noise_secret`: 32 random bytes.
  Swarm(SwarmConfig config, const Identity& identity, const X25519Secret& noise_secret,
        std::uint64_t seed, core::Millis now);
  Swarm(const Swarm&) = delete;
  Swarm& operator=(const Swarm&) = delete;
  ~Swarm();

  // --- the driver -------------------------------------------------------------------------------

  /// A connection from outside. Nothing: it is too much (AcceptRefusal); close the socket.
  /// `ephemeral`: 32 fresh random bytes for every connection.
  [[nodiscard]] std::optional<ConnId> on_accepted(const Multiaddr& remote,
                                                  const X25519Secret& ephemeral, core::Millis now);
  /// Dial succeeded; `remote` is the address that a name was resolved to.
  void on_dialed(ConnId conn, const Multiaddr& remote, const X25519Secret& ephemeral,
                 core::Millis now);
  void on_dial_failed(ConnId conn, DialError error, core::Millis now);
  void on_bytes(ConnId conn, core::BytesView bytes, core::Millis now);
  /// The peer closed, or the transport failed.
  void on_closed(ConnId conn, core::Millis now);
  /// Appends up to about kSwarmOutputBytes. False: there is nothing, and HasOutput will tell.
  /// Take only what the transport can write: what is not taken can still be overtaken or dropped.
  [[nodiscard]] bool take_output(ConnId conn, core::Bytes& out, core::Millis now);
  void on_time(core::Millis now);
  [[nodiscard]] core::Millis next_deadline() const;
  [[nodiscard]] std::optional<SwarmAction> next_action();

  // --- the application --------------------------------------------------------------------------

  /// One try; DialFailed when it comes to nothing. Static peers are dialed without being asked.
  void dial(const Multiaddr& address, core::Millis now);
  /// Addresses that peers are told; all connected peers learn of it.
  void set_listen_addresses(std::vector<Multiaddr> addresses, core::Millis now);

  [[nodiscard]] core::Result<Published, PublishError> publish(const Topic& topic,
                                                              core::BytesView data,
                                                              core::Millis now);
  /// Every gossip::Deliver is answered by this.
  void report_validation(const MessageId& id, Verdict verdict, core::Millis now);
  void set_app_score(PeerRef peer, Score score);

  /// Exactly one Response follows, at the latest after kExchangeTimeout. `body`: SSZ.
  RequestRef request(PeerRef peer, ExchangeProtocol protocol, core::BytesView body,
                     core::Millis now);
  /// `body`: SSZ within response_bytes_max(). Nothing happens when the request is over.
  void respond(InboundRef request, core::BytesView body, core::Millis now);
  /// Resets the stream of a request that is malformed. The peer sees a failure.
  void refuse(InboundRef request, core::Millis now);

  /// Closes when exchanges in both directions are done, at the latest after kExchangeTimeout.
  void disconnect(PeerRef peer, core::Millis now);
  /// Closes at once and refuses the peer until unban(), or until kBannedPeersMax others follow.
  void ban(const PeerId& peer, core::Millis now);
  void unban(const PeerId& peer);
  /// No dials and no accepts any more; closes everything as disconnect() does.
  void shutdown(core::Millis now);
  /// After shutdown(): is everything closed?
  [[nodiscard]] bool is_down() const;

  /// Has a positive score: it brought messages that were accepted, and fewer that were not.
  [[nodiscard]] bool is_trusted(ConnId conn) const;
  /// For status and metrics.
  [[nodiscard]] SwarmCounters counters() const;
  [[nodiscard]] std::vector<PeerSummary> peers() const;
  [[nodiscard]] const GossipRouter& router() const;

 private:
  std::unique_ptr<SwarmState> state_;
};

}  // namespace preconf::io::wire
