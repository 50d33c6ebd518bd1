// The libp2p host's words as those of the log.
#pragma once

#include "core/events/peer.hpp"
#include "io/wire/swarm_actions.hpp"

namespace preconf::node {

/// A connected peer has one number in the swarm and in the log: both are never
/// reused.
[[nodiscard]] inline core::PeerNumber number_of(io::wire::PeerRef peer) { return {peer.value}; }
[[nodiscard]] inline io::wire::PeerRef ref_of(core::PeerNumber peer) { return {peer.value}; }

[[nodiscard]] core::events::DisconnectReason reason_of(io::wire::CloseReason reason);
[[nodiscard]] core::events::DialFailureKind kind_of(io::wire::DialError error);
[[nodiscard]] core::events::PeerFailureKind kind_of(io::wire::ExchangeFailure failure);

/// Text for the log: a multiaddr, cut to what an event may hold.
[[nodiscard]] std::string detail_of(const io::wire::Multiaddr& address);

}  // namespace preconf::node
