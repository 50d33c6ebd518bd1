// Driver effects E9 (safety progression) and E6 (attributes processing), block by block.
//
// Condition   attributes of the next derived block can be made; lane free
// Effect      E9: the chain has this very block, field by field: only its origin row changes, a
//             preconfirmation was kept. E6: it differs: build the derived block on its parent,
//             which takes what was promised above out of the chain. A partial match goes on from
//             the first block that differs
// Writes      heads on the confirming read, the derivation's parent
// Failure     retried by timer with backoff; the next attempt compares first. newPayload INVALID
// for
//             a derived block halts by name
// Source      driver spec "safety progression", "attributes processing"; Taiko known-canonical
// rules
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Evaluates the condition; starts the plan when it holds.
void progress_safety(Step& step);

/// Answers to the plan's command. Require that the lane holds a DerivePlan waiting for it.
void on_derive_answer(Step& step, const Command& asked, const events::EngineAnswered& answer);
void on_derive_answer(Step& step, const events::L1Answered& answer);

}  // namespace preconf::core::effects
