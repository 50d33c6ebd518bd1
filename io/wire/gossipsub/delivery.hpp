// The way of a message: envelope, duplicate, signature, application, mesh.
#pragma once

#include "io/wire/gossipsub/router_state.hpp"

namespace preconf::io::wire {

/// One message of an RPC. In this order: size, topic, envelope, duplicate, room, signature. A
/// duplicate costs a hash, no signature check. An id counts as seen when its signature was good,
/// and not before.
void receive_message(RouterState& state, PeerRef source, const MessageFields& fields, Millis now);

/// What a verdict did.
enum class VerdictOutcome : std::uint8_t {
  kApplied,
  kUnknown,  ///< never delivered, judged before, or later than duplicate_cache_time
};
VerdictOutcome apply_verdict(RouterState& state, const MessageId& id, Verdict verdict);

}  // namespace preconf::io::wire
