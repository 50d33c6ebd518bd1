#include "core/effects/schedule_tracking.hpp"

#include "core/effects/commitment_admission.hpp"
#include "core/protocol/lookahead_table.hpp"

namespace preconf::core::effects {
namespace {

/// Epochs before the current one whose windows stay, and those after it that may be known.
constexpr std::uint64_t kEpochsBehind = 2;
constexpr std::uint64_t kEpochsAhead = 3;

}  // namespace

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

void derive_schedule(Step& step, bool is_reorg) {
  State& state = step.state;
  L1State& l1 = state.l1_chain;
  const protocol::L1Deployment& deployment = l1.deployment;
  if (deployment.lookahead_store.is_zero() && deployment.preconf_whitelist.is_zero()) return;
  const protocol::EpochClock& clock = deployment.clock;
  const UnixSeconds epoch = protocol::epoch_of(clock, l1.links.back().timestamp);
  const bool has_new_facts =
      !l1.schedule.facts.empty() && l1.schedule.facts.back().block_hash == l1.links.back().hash;
  if (!is_reorg && !has_new_facts && epoch == l1.schedule_epoch) return;
  l1.schedule_epoch = epoch;
  const std::uint64_t length = clock.epoch_seconds();
  const std::uint64_t behind = kEpochsBehind * length;
  const UnixSeconds first{epoch.value > clock.genesis.value + behind ? epoch.value - behind
                                                                     : clock.genesis.value};
  if (l1.finalized) protocol::prune(l1.schedule, first, l1.finalized->number, clock);
  const protocol::LookaheadTable table = protocol::table_of(l1.schedule, clock);
  const UnixSeconds end{epoch.value + kEpochsAhead * length};
  protocol::Schedule schedule = protocol::schedule_of(
      protocol::spans_of(table, first, end, l1.fallback_signer), state.schedule.version + 1);
  if (schedule.windows == state.schedule.windows) return;
  step.decide(Decision{Verdict::kScheduleDerived, Reason::kNone, l1.links.back().hash,
                       BlockNumber{0}, schedule.version, schedule.windows.size(), Hash32{}});
  state.schedule = std::move(schedule);
  readmit_pending_schedule(step);
}

}  // namespace preconf::core::effects
