// What the router wants done, in the order in which it wants it.
#pragma once

#include <variant>

#include "io/wire/gossipsub/message.hpp"
#include "io/wire/peer_ref.hpp"

namespace preconf::io::wire {

/// Which sends go first when a peer's stream is slow, and which may be dropped.
enum class SendClass : std::uint8_t {
  kControl,  ///< subscriptions, GRAFT, PRUNE: never dropped, first
  kPublish,  ///< own messages
  kForward,  ///< messages of others
  kGossip,   ///< IHAVE, IWANT, IDONTWANT
};

namespace gossip {

/// Write `frame`, its length is included, to the peer's outbound gossipsub stream. Of no use when
/// it can not be sent within `lifetime`; zero: always of use.
struct SendRpc {
  PeerRef peer;
  SharedBytes frame;
  SendClass send_class = SendClass::kControl;
  Millis lifetime;
};

/// A message for the application, each id once; to be answered by report_validation().
struct Deliver {
  GossipMessagePtr message;
  PeerRef source;
};

/// What `peer` did wrong since the last report; at most one per peer and report_interval, and one
/// when it leaves.
struct PeerFaults {
  PeerRef peer;
  PeerId peer_id;
  FaultCounts counts{};
};

/// The peer does not speak the protocol: disconnect it. Nothing of it is read any more.
struct DropPeer {
  PeerRef peer;
  GossipFault reason = GossipFault::kRpcMalformed;
};

}  // namespace gossip

using GossipAction =
    std::variant<gossip::SendRpc, gossip::Deliver, gossip::PeerFaults, gossip::DropPeer>;

}  // namespace preconf::io::wire
