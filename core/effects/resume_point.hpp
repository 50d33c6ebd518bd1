// Where derivation begins: the resume point, which fails closed.
//
// Condition   L1 is followed and the scan's start is not known, or a proposal waits for the block
//             below its first one; lane free
// Effect      the scan begins where the proposal of the engine's head L1 origin landed, never at
//             "latest", which may be promised only; that proposal is derived again, because the
//             pointer moves before a proposal is complete
// Writes      the scan's start; the parent of the proposal in derivation
// Failure     an engine with blocks but without a head L1 origin is waited for, by name
// Source      Taiko event sync start point; driver spec "resetting the pipeline"
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Evaluates the condition; starts reading when it holds.
void find_resume_point(Step& step);

/// An answer to the plan's command. Requires that the lane holds a ResumePlan waiting for it.
void on_resume_answer(Step& step, const Command& asked, const events::EngineAnswered& answer);

}  // namespace preconf::core::effects
