// The gossipsub router (libp2p specifications: pubsub, gossipsub v1.0, v1.1 and v1.2), without
// peer exchange and explicit peers, which the deployed network does not use.
//
// A machine without I/O: RPCs of peers, verdicts of the application and time go in, actions come
// out. Deterministic: equal configuration, seed and calls give equal actions. Memory is bounded by
// the number of peers and gossip_limits. docs/p2p.md tells where it differs from the deployed peers
// and why.
#pragma once

#include "io/wire/gossipsub/delivery.hpp"
#include "io/wire/gossipsub/publishing.hpp"
#include "io/wire/gossipsub/router_state.hpp"

namespace preconf::io::wire {

class GossipRouter {
 public:
  /// `identity` signs and must outlive the router.
  GossipRouter(const GossipConfig& config, const Identity& identity, Prng prng, Millis now);

  void subscribe(const Topic& topic, Millis now);
  void unsubscribe(const Topic& topic, Millis now);

  /// A peer to which RPCs can be sent. `peer` must be new; `id` is connected once.
  void peer_connected(PeerRef peer, const PeerId& id, Direction direction, GossipVersion version,
                      Millis now);
  /// The version that our outbound stream negotiated, when it was not known before.
  void set_version(PeerRef peer, GossipVersion version);
  void peer_disconnected(PeerRef peer, Millis now);

  /// One RPC without its length. Of an unknown or dropped peer: nothing.
  void on_rpc(PeerRef peer, BytesView frame, Millis now);

  [[nodiscard]] core::Result<Published, PublishError> publish(const Topic& topic, BytesView data,
                                                              Millis now);
  VerdictOutcome report_validation(const MessageId& id, Verdict verdict, Millis now);
  /// P5, -10 to 10 in this network; kept until the score of the peer is forgotten.
  void set_app_score(PeerRef peer, Score score);

  /// Heartbeat, decay and reports. May be called at any time; what is due is done once.
  void on_time(Millis now);
  [[nodiscard]] Millis next_deadline() const;

  /// What is to be done next; call until it returns nothing after every other call.
  [[nodiscard]] std::optional<GossipAction> next_action();

  /// For status, metrics and tests.
  [[nodiscard]] const RouterState& state() const { return state_; }

 private:
  void handle_control(PeerRef peer, Millis now);
  void heartbeat(Millis now);
  void report_faults(PeerRef ref, GossipPeer& peer);
  void drop(PeerRef ref, GossipPeer& peer, GossipFault reason);
  void flush();

  RouterState state_;
  Rpc rpc_;  ///< used again by every call of on_rpc
  Millis next_heartbeat_;
  Millis next_decay_;
  Millis next_report_;
};

}  // namespace preconf::io::wire
