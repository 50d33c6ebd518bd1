// Repair and thrift: IHAVE and IWANT (gossipsub v1.0 "Gossip Emission", v1.1 "Adaptive Gossip
// Dissemination"), IDONTWANT (v1.2).
#pragma once

#include "io/wire/gossipsub/router_state.hpp"

namespace preconf::io::wire {

/// Tells some peers outside the mesh which messages of `topic` we have.
void emit_gossip(RouterState& state, const Topic& topic);

/// Asks for what we have not seen, within max_ihave_messages and max_ihave_length per heartbeat.
void on_ihave(RouterState& state, PeerRef peer, const Rpc& rpc, const Rpc::Ihave& ihave,
              Millis now);
/// The heartbeat's work: whatever was asked for a heartbeat ago and did not come is asked of the
/// next peer that offered it. So silent peers delay a message, and never keep it away.
void ask_others(RouterState& state, Millis now);
/// Sends what we have, at most gossip_retransmission times each, never to its author.
void on_iwant(RouterState& state, PeerRef peer, const std::vector<MessageId>& ids);
void on_idontwant(RouterState& state, PeerRef peer, const std::vector<MessageId>& ids, Millis now);

/// We have `message` now: whoever might send it as well is told not to, when it is large. Called
/// after its signature was verified and not before, or anybody could keep a message from us by
/// sending its content under a wrong signature: ids do not cover signatures.
void send_idontwant(RouterState& state, const GossipMessage& message, PeerRef source);

/// Charges peers that did not send what they offered.
void punish_broken_promises(RouterState& state, Millis now);

}  // namespace preconf::io::wire
