#include "core/effects/schedule_tracking.hpp"

#include "core/effects/commitment_admission.hpp"

namespace preconf::core::effects {

void configure_schedule(Step& step, const events::ScheduleConfigured& configured) {
  const protocol::Schedule& schedule = configured.schedule;
  const protocol::ScheduleDefect defect = protocol::check_schedule(schedule);
  const bool usable = defect == protocol::ScheduleDefect::kNone;
  step.decide(Decision{usable ? Verdict::kScheduleAccepted : Verdict::kScheduleRejected,
                       usable ? Reason::kNone : Reason::kScheduleDefect, Hash32{}, BlockNumber{0},
                       usable ? schedule.version : static_cast<std::uint64_t>(defect),
                       schedule.windows.size(), Hash32{}});
  if (!usable) return;
  step.state.schedule = schedule;
  readmit_pending_schedule(step);
}

}  // namespace preconf::core::effects
