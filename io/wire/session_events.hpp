// What a session tells the swarm.
#pragma once

#include <memory>
#include <variant>

#include "io/wire/swarm_actions.hpp"

namespace preconf::io::wire {

namespace session {
/// The secure channel stands; Session::start() or close.
struct Established {};
/// The connection is of no use any more. Nothing comes after it.
struct Failed {
  CloseReason reason;
};
/// A gossip stream has its protocol.
struct GossipReady {
  GossipVersion version;
  bool outbound = false;
};
/// The peer can not be sent RPCs: it does not speak gossipsub, or keeps resetting the stream.
struct GossipLost {};
/// Without its length, not empty.
struct Rpc {
  core::Bytes frame;
};
struct Identified {
  std::unique_ptr<const Identify> identify;
};
/// See Session::has_waiting_request(), or there is room to serve another one.
struct RequestWaiting {};
/// `ref` is 0 when the request was never given out.
struct InboundFailed {
  InboundRef ref;
  ExchangeProtocol protocol;
  ExchangeFailure failure;
};
struct Response {
  RequestRef ref;
  ExchangeProtocol protocol;
  core::Result<core::Bytes, ExchangeFailure> body;
};
}  // namespace session

using SessionEvent =
    std::variant<session::Established, session::Failed, session::GossipReady, session::GossipLost,
                 session::Rpc, session::Identified, session::RequestWaiting, session::InboundFailed,
                 session::Response>;

}  // namespace preconf::io::wire
