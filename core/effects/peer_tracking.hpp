// Driver effect T12: peer tracking (our addition).
//
// Condition   the network started; a peer came, went, or was reported about
// Effect      connected peers and remembered identities are kept, within bounds
// Writes      the peers and their records
// Source      P2P specification 7 (bans outlive a connection); architecture section 4 (bounded)
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

void on_network_started(Step& step);
void on_peer_connected(Step& step, const events::PeerConnected& connected);
void on_peer_disconnected(Step& step, const events::PeerDisconnected& disconnected);
void on_peer_reported(Step& step, const events::PeerReported& reported);

/// Connections and exchanges belonged to a process that is gone; what identities did stays known.
void forget_connections(State& state);

}  // namespace preconf::core::effects
