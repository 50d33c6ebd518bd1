// Driver effect E4: unsafe block processing, for a preconfirmed block.
//
// Condition   ingress gate open, engine lane free, heads confirmed; an admitted commitment for the
//             height above the head links to the head, and its transaction list is there and usable
// Effect      probe -> prepare -> take -> insert -> adopt -> confirm (state/engine_lane.hpp)
// Writes      the executed head (on kConfirm, or when kProbe finds exactly this block), phases
// Failure     temporary: the plan ends, E12 and a new attempt follow by timer; newPayload INVALID:
//             the commitment and what links to it are invalid
// Source      engine API section 3 (apply flow); architecture rulings 7.9, 7.10
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Evaluates the condition; starts a plan when it holds.
void process_unsafe_blocks(Step& step);

/// An answer to the plan's command. Requires that the lane holds an ApplyPlan waiting for it.
void on_apply_answer(Step& step, const Command& asked, const events::EngineAnswered& answer);

/// The retry delay is over.
void on_apply_retry(Step& step);

/// A commitment for the height above the head that could execute but for gate and lane.
[[nodiscard]] const Commitment* executable_commitment(const State& state);

}  // namespace preconf::core::effects
