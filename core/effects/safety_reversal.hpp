// Driver effects E10 (safety reversal) and T4 (head-origin rewind).
//
// Condition   an L1 reorg took proposals away, or the engine lost blocks that were derived
// Effect      the safe head goes back to the end of the newest proposal that is left (it is known
//             where each landed); the head L1 origin is set back to it and read back
// Writes      proposals, the safe head, rewind_to; the boundary on the read-back
// Failure     retried by timer for ever; the ingress gate stays closed until it is done
// Source      driver spec "safety reversal"; Taiko head L1 origin reset, tracked to its end
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Proposals that landed above `kept` are gone.
void undo_proposals_above(Step& step, L1BlockNumber kept);

/// The newest derived proposal does not end the safe chain any more; `now` does.
void take_back_safe_block(Step& step, const BlockRef& now);

/// The engine's latest block and boundary, as read: derived proposals that it does not have any
/// more wait to be derived again.
void reconcile_with_engine(Step& step, BlockNumber latest,
                           const std::optional<BlockNumber>& head_l1_origin);

/// Forgets what was read of L1: the scan begins again, at a resume point that is to be found.
/// Requires that no proposal counts as derived.
void scan_anew(State& state);

/// From reducer version 6 on: labels that the engine, as just read, does not report are told again.
/// It may have restarted, or refused a call whose answer was lost.
void compare_labels(State& state);

/// The proposal in derivation waits again, as if it had not begun.
void restart_derivation(L1State& l1);

/// No answer is waited for any more: the node is stopping.
void forget_l1_command(State& state, const CommandId& command);

/// Starts setting the pointer back when that is due and the lane is free.
void rewind_head_origin(Step& step);

}  // namespace preconf::core::effects
