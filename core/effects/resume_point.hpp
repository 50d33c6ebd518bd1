// Where derivation begins: the resume point, which fails closed.
//
// Condition   L1 is followed and the scan's start is not known, or a proposal waits for the block
//             below its first one; lane free
// Effect      the scan begins where the proposal of the engine's head L1 origin landed, never at
//             "latest", which may be promised only; that proposal is derived again, because the
//             pointer moves before a proposal is complete
//             An engine without the pointer may have a checkpoint: then the scan begins above that.
//             From version 6 on the block below the first proposal must be what L1 still has; if it
//             is not, or if L1 does not have that proposal any more, one proposal lower is tried
// Writes      the scan's start; the parent of the proposal in derivation
// Failure     an engine with blocks but with neither is waited for, by name
// Source      Taiko event sync start point; driver spec "resetting the pipeline"
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Remembers a checkpoint, unless proposals are followed already.
void take_checkpoint(Step& step, const events::CheckpointReached& reached);

/// Evaluates the condition; starts reading when it holds.
void find_resume_point(Step& step);

/// From reducer version 6 on: the scan began at a proposal that the engine has, and L1, as far as
/// it is read, has none from there on. When all is read, that proposal was taken back.
[[nodiscard]] bool first_proposal_is_missing(const State& state);

/// An answer to the plan's command. Requires that the lane holds a ResumePlan waiting for it.
void on_resume_answer(Step& step, const Command& asked, const events::EngineAnswered& answer);

}  // namespace preconf::core::effects
