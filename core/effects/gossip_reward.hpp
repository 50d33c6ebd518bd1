// Driver effect T11, for gossip: what a message does to the score of the peer that sent it.
//
// Condition   an event came by gossip from a connected peer
// Effect      accepted content is rewarded, definitively invalid content penalised
// Writes      the peer's record
// Source      P2P specification 7; core/gossip_verdict
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Judges the step's event after its content was decided about.
void judge_gossip(Step& step);

}  // namespace preconf::core::effects
