// Driver effect E9, end of a proposal: its last block becomes the safe head.
//
// Condition   every block of the proposal is in the engine; or labels moved; lane free
// Effect      head L1 origin and the proposal's mapping are written and read back, then safe and
//             finalized are told to the engine
// Writes      derived proposals, the safe head, the boundary on the read-back
// Failure     retried by timer with backoff
// Source      driver spec "safety progression"; Taiko's order: rows, pointer, mapping
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Evaluates the condition; starts the plan when it holds.
void settle_proposal(Step& step);

/// An answer to the plan's command, of a rewind, too. Requires that the lane holds a SettlePlan
/// waiting for it.
void on_settle_answer(Step& step, const Command& asked, const events::EngineAnswered& answer);

}  // namespace preconf::core::effects
