// Driver effect T3: schedule tracking; the table comes from a configuration event.
//
// Condition   a schedule table was configured
// Effect      it replaces the previous one; buffered commitments are judged again under it
// Writes      the schedule, the commitment book
// Source      P2P specification 4.2; lookahead windows are left-open, right-closed
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

void configure_schedule(Step& step, const events::ScheduleConfigured& configured);

}  // namespace preconf::core::effects
