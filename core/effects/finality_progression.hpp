// Driver effect E11: finality progression.
//
// Condition   L1's finalized block reached the block in which a derived proposal landed
// Effect      the proposal's last block is final; the engine is told with the next labels
// Writes      finalized_block; derived proposals that are final for long are forgotten
// Source      driver spec "finality progression". What is final is the inclusion on L1, not its
//             proof (docs/decisions/0012)
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

void progress_finality(Step& step);

}  // namespace preconf::core::effects
