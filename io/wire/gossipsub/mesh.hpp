// The mesh: who gets whole messages of a topic at once (gossipsub v1.0 "Mesh Maintenance", v1.1
// "PRUNE Backoff", "Outbound Mesh Quotas", "Opportunistic Grafting").
#pragma once

#include "io/wire/gossipsub/router_state.hpp"

namespace preconf::io::wire {

/// May `peer` be grafted by us: subscribed, speaks gossipsub, not in the mesh, score not negative,
/// no backoff with the slack of a heartbeat?
[[nodiscard]] bool may_graft(const RouterState& state, const Topic& topic, PeerRef ref,
                             const GossipPeer& peer, Millis now);

/// Into the mesh, and tells the peer.
void graft(RouterState& state, const Topic& topic, PeerRef peer);
/// Out of the mesh, tells the peer, and neither side grafts for `backoff`.
void prune(RouterState& state, const Topic& topic, PeerRef peer, Millis backoff, Millis now);

/// Fills a new mesh with up to D peers, those of the fanout first.
void join_mesh(RouterState& state, const Topic& topic, Millis now);

void on_graft(RouterState& state, PeerRef peer, std::string_view topic, Millis now);
void on_prune(RouterState& state, PeerRef peer, std::string_view topic,
              std::optional<std::uint64_t> backoff_seconds, Millis now);

/// The heartbeat's work on one subscribed topic: negative scores out, D_lo..D_hi, D_out, and every
/// opportunistic_graft_ticks better peers in.
void maintain_mesh(RouterState& state, const Topic& topic, Millis now);

}  // namespace preconf::io::wire
