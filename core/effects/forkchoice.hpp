// The forkchoiceState that calls to the engine carry.
#pragma once

#include "core/commands/commands.hpp"
#include "core/state.hpp"

namespace preconf::core::effects {

/// `head` with the safe and finalized blocks that L1 gives, or, while L1 gives none, those that the
/// engine named itself: a label is never taken back to zero.
[[nodiscard]] commands::ForkchoiceState forkchoice_state(const State& state, const Hash32& head);

}  // namespace preconf::core::effects
