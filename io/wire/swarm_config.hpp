// Parameters of a swarm, and what it counts.
#pragma once

#include <string>
#include <vector>

#include "io/wire/accept_gate.hpp"
#include "io/wire/gossipsub/config.hpp"
#include "io/wire/multiaddr.hpp"

namespace preconf::io::wire {

/// Connections that are allowed; defaults are those of the deployed peers.
struct ConnectionLimits {
  std::size_t pending_inbound = limits::kPendingInboundMax;
  std::size_t pending_outbound = limits::kPendingOutboundMax;
  std::size_t inbound = limits::kInboundMax;
  std::size_t outbound = limits::kOutboundMax;
  std::size_t total = limits::kConnectionsMax;
  std::size_t per_peer = limits::kConnectionsPerPeerMax;
};

struct SwarmConfig {
  /// In topic and protocol names. Deployed nodes say 167000 whatever chain they are on.
  std::uint64_t network_chain_id = 167'000;
  std::vector<Topic> topics;                ///< subscribed from the start
  std::vector<Multiaddr> static_peers;      ///< dialed until they are connected, again and again
  std::vector<Multiaddr> listen_addresses;  ///< that peers are told
  std::string protocol_version = "preconf-p2p/0.1";
  std::string agent_version = "preconf";
  ConnectionLimits connections;
  AcceptLimits accepts;
  GossipConfig gossip;
};

/// Since the start. Plain numbers for metrics.
struct SwarmCounters {
  std::uint64_t accepted = 0;
  /// Turned away before the handshake, by AcceptRefusal.
  std::array<std::uint64_t, kAcceptRefusalCount> accepts_refused{};
  std::uint64_t crowded_out = 0;  ///< given up for a new one while the handshake went on
  std::uint64_t dialed = 0;
  std::uint64_t dial_failed = 0;
  std::uint64_t established = 0;
  std::uint64_t closed = 0;
  std::uint64_t bytes_received = 0;  ///< of the transport
  std::uint64_t bytes_sent = 0;
  std::uint64_t streams_refused = 0;  ///< of peers: unknown protocol, too many, too slow
  std::uint64_t rpcs_received = 0;
  std::uint64_t rpcs_sent = 0;
  std::uint64_t rpcs_dropped = 0;  ///< stale or no room in the peer's queue
  std::uint64_t requests_received = 0;
  std::uint64_t requests_sent = 0;

  [[nodiscard]] std::uint64_t refused(AcceptRefusal refusal) const {
    return accepts_refused[static_cast<std::size_t>(refusal)];
  }
};

/// One connected peer.
struct PeerSummary {
  PeerRef peer;
  PeerId id;
  Multiaddr address;
  Direction direction = Direction::kInbound;
  std::size_t connections = 0;
  std::string agent_version;               ///< empty until it identified itself
  std::optional<core::Millis> round_trip;  ///< of the last ping
  std::size_t queued_rpcs = 0;
  Score gossip_score;  ///< of gossipsub, the application's part included
};

}  // namespace preconf::io::wire
