// Driver effect T3: schedule tracking.
//
// Condition   a schedule table was configured; or L1 said something about who may preconfirm, a
//             reorg took it back, or L1's time came to another epoch
// Effect      the new table replaces the previous one; buffered commitments are judged again under
//             it
// Writes      the schedule, the commitment book; facts that no answer depends on are forgotten
// Source      P2P specification 4.2; lookahead windows are left-open, right-closed
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

void configure_schedule(Step& step, const events::ScheduleConfigured& configured);

/// The table that L1's facts give at the time of its newest observed block; `is_reorg` when facts
/// may have been undone. Does nothing where L1 has neither lookahead store nor whitelist.
void derive_schedule(Step& step, bool is_reorg);

}  // namespace preconf::core::effects
