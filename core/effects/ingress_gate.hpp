// Driver effect T10: ingress gate.
//
// Condition   evaluated after every event
// Effect      open iff the L1 scanner is live, confirmed sync is ready, the engine's heads have
// been
//             read since the boot, and the node is neither stopping nor at odds with its engine
// Writes      the gate, nothing else
// Source      WLP invariants 001-010; confirmed-sync readiness (target 0 counts as ready)
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

void observe_l1_sync(Step& step, const events::L1SyncObserved& observed);

/// Opens or closes the gate; decides only when it changes.
void update_gate(Step& step);

/// Confirmed sync: every proposal up to the target is derived and recorded in the engine.
[[nodiscard]] bool confirmed_sync_ready(const State& state);

}  // namespace preconf::core::effects
