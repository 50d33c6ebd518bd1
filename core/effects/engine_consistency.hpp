// Driver effect E12: engine consistency.
//
// Condition   a boot, the poll timer, or a hint that the engine changed on its own; lane free
// Effect      read the engine's heads; take over what differs and is not explained by a plan
// Writes      all heads, the confirmed boundary, engine_fatal on a wrong chain
// Failure     retried by timer with backoff, for ever; the status names it
// Source      driver spec "engine consistency"; Taiko sync rules on head_l1_origin
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Evaluates the condition; starts reading when it holds.
void keep_engine_consistent(Step& step);

/// An answer to the plan's command. Requires that the lane holds a ConsistencyPlan waiting for it.
void on_consistency_answer(Step& step, const Command& asked, const events::EngineAnswered& answer);

/// The poll interval or the retry delay is over.
void on_consistency_timer(Step& step);

}  // namespace preconf::core::effects
