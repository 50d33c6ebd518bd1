// What gossipsub is told about a message, from what the reducer decided about its content.
#pragma once

#include <vector>

#include "core/base/bytes.hpp"
#include "core/decision.hpp"

namespace preconf::core {

/// libp2p gossipsub v1.1, extended validators.
enum class GossipVerdict : std::uint8_t {
  kAccept = 0,  ///< forward
  kIgnore = 1,  ///< do not forward; nobody is to blame
  kReject = 2,  ///< do not forward; the peer that sent it is penalised
};
[[nodiscard]] const char* name_of(GossipVerdict verdict);

/// `decisions` of the event that holds the message; `subject` is the commitment's preconfirmation
/// hash or the transaction list's hash.
///
/// Accepted is what others can use: promised commitments (also the second side of an equivocation:
/// it is evidence), those of a scheduled signer whose parent is not here yet (else an order that
/// changed on the way would end a message's way here), usable lists, and repeats of such content,
/// which came by another way than gossip. Rejected is only what no schedule, no parent and no
/// engine could make valid. Everything else is ignored: deployed peers forward whatever has a
/// recoverable signature, and a schedule may be known to one node before the other.
[[nodiscard]] GossipVerdict gossip_verdict(const std::vector<Decision>& decisions,
                                           const Hash32& subject);

}  // namespace preconf::core
