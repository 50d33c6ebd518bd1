// Asking peers: whom, how often, and what an answer means for the peer. The plans that ask are in
// files of their own.
#pragma once

#include <optional>
#include <set>

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Whom to ask.
struct PeerChoice {
  std::optional<PeerNumber> peer;  ///< ask this one
  bool is_someone_left = false;    ///< somebody not tried is there, but busy or paced
  std::uint32_t asked = 0;         ///< usable peers that were tried
  WallNanos ready_at;              ///< when the pacing of the first of them ends; 0 = on an answer
};

/// Chooses among connected, not banned peers that speak `protocol` and are not in `tried`. Better
/// ones first: known to reach `height`, not greylisted, without failures, quick, least busy.
/// Requests to one peer and protocol are paced: limits::kRequestsPerIntervalMax.
[[nodiscard]] PeerChoice choose_peer(Step& step, PeerProtocol protocol,
                                     const std::set<PeerNumber>& tried, BlockNumber height);

/// Whether this event may cause another request, and another exchange may be open.
[[nodiscard]] bool may_request(const Step& step);

/// Whether `peer` may be asked by `protocol` now.
[[nodiscard]] bool is_ready(Step& step, PeerNumber peer, PeerProtocol protocol);

/// Sends the request and counts it. Requires may_request() and is_ready().
CommandId request(Step& step, PeerNumber peer, PeerProtocol protocol, CommandBody body);

/// An answer to a request, or none; also called for exchanges that ended with their connection.
/// Requires that `asked` was in flight and is taken out.
void on_peer_answer(Step& step, const Command& asked, const events::PeerResult& result);

/// Ends what `peer` has not answered, as a lost connection does.
void end_exchanges(Step& step, PeerNumber peer);

/// The peer that a request went to; none for other commands.
[[nodiscard]] std::optional<PeerNumber> peer_of(const CommandBody& body);

}  // namespace preconf::core::effects
