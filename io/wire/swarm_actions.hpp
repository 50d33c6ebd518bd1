// What the swarm wants its driver to do, and what it tells the application.
#pragma once

#include <variant>

#include "core/base/result.hpp"
#include "io/wire/gossipsub/actions.hpp"
#include "io/wire/identify.hpp"
#include "io/wire/multiaddr.hpp"
#include "io/wire/peer_ref.hpp"
#include "io/wire/req_resp.hpp"

namespace preconf::io::wire {

/// One transport connection, dialed or accepted. Ascending, never reused.
using ConnId = core::Strong<struct ConnIdTag>;
/// A request of ours. Ascending, never reused.
using RequestRef = core::Strong<struct RequestRefTag>;
/// A request of a peer. Ascending, never reused.
using InboundRef = core::Strong<struct InboundRefTag>;

/// Why a dial did not lead to a connection. The first four are found out by the driver.
enum class DialError : std::uint8_t {
  kResolve = 1,  ///< the name has no address of the wanted family
  kRefused,      ///< nobody listens there
  kUnreachable,  ///< no route, or another error of the system
  kTimeout,      ///< no connection, or no secure channel in time
  kTooMany,      ///< kPendingOutboundMax dials are going on
  kBadAddress,   ///< without a port, or our own
  kUpgrade,      ///< the peer does not speak noise and yamux
  kWrongPeer,    ///< another peer than the address names
  kBanned,
  kLimit,   ///< as many connections as are allowed
  kClosed,  ///< the peer closed before the secure channel stood
};
[[nodiscard]] const char* name_of(DialError error);

/// Why a connection ended.
enum class CloseReason : std::uint8_t {
  kRemoteClosed = 1,  ///< FIN or reset of the transport
  kRemoteGoAway,      ///< the peer said so
  kSetupTimeout,      ///< no secure channel within kConnectionSetupTimeout
  kCrowdedOut,        ///< no secure channel within kPendingGrace, and others wait for the place
  kUpgrade,           ///< neither noise nor yamux, or a handshake that is wrong
  kWrongPeer,         ///< another peer than was dialed
  kSelf,              ///< ourselves
  kBanned,
  kLimit,            ///< as many connections as are allowed, of all or of this peer
  kChannelBroken,    ///< a record that is not authentic
  kMuxer,            ///< a violation of yamux
  kUnresponsive,     ///< a ping was not answered
  kSlow,             ///< does not read what it must be sent
  kMemory,           ///< holds more of an unfinished message than we can afford
  kGossipMalformed,  ///< bytes on the gossip stream that are no RPC
  kIdle,             ///< speaks none of our protocols
  kDisconnected,     ///< the application wanted it
  kShutdown,
};
[[nodiscard]] const char* name_of(CloseReason reason);

namespace swarm {

// --- for the driver -----------------------------------------------------------------------------

/// Connect, then call on_dialed() or on_dial_failed(). Names are resolved by the driver. A Close
/// may come before: give up.
struct Dial {
  ConnId conn;
  Multiaddr address;
};
/// There are bytes to send: call take_output() now, or when the write in flight is done, until it
/// has nothing. Told once; again only after take_output() had nothing.
struct HasOutput {
  ConnId conn;
};
/// Close the transport. Not `at_once`: the swarm has no more output, and what was taken should
/// still be written. The connection is forgotten: no call for it has an effect.
struct Close {
  ConnId conn;
  bool at_once = true;
  CloseReason reason;
};

// --- for the application ------------------------------------------------------------------------

/// A peer with at least one connection. Gossip and requests may go to it from now on.
struct PeerConnected {
  PeerRef peer;
  PeerId id;
  Multiaddr address;  ///< where it is, as the driver said; an inbound one's port is of no use
  Direction direction = Direction::kInbound;
  Multiaddr dialed;  ///< as it was asked for; of an outbound one only
};
/// What the peer says about itself; more than once when it tells of changes.
struct PeerIdentified {
  PeerRef peer;
  Identify identify;
};
/// All its requests have been answered with a failure before this.
struct PeerDisconnected {
  PeerRef peer;
  PeerId id;
  CloseReason reason;
};
struct DialFailed {
  Multiaddr address;
  DialError error;
};

/// To be answered by respond() or refuse() before `deadline`; deployed peers ban who does not.
struct InboundRequest {
  InboundRef request;
  PeerRef peer;
  ExchangeProtocol protocol;
  core::Bytes body;  ///< SSZ, not decoded
  core::Millis deadline;
};
/// An exchange that the peer began and that did not come to its end: a malformed frame, no frame,
/// or an answer that it did not read in time. It needs no answer any more.
struct InboundFailed {
  InboundRef request;
  PeerRef peer;
  ExchangeProtocol protocol;
  ExchangeFailure failure;
};
/// The end of a request of ours; exactly one for every request().
struct Response {
  RequestRef request;
  PeerRef peer;
  ExchangeProtocol protocol;
  core::Result<core::Bytes, ExchangeFailure> body;  ///< SSZ, not decoded
};

}  // namespace swarm

using SwarmAction = std::variant<swarm::Dial, swarm::HasOutput, swarm::Close, swarm::PeerConnected,
                                 swarm::PeerIdentified, swarm::PeerDisconnected, swarm::DialFailed,
                                 swarm::InboundRequest, swarm::InboundFailed, swarm::Response,
                                 gossip::Deliver, gossip::PeerFaults>;

}  // namespace preconf::io::wire
