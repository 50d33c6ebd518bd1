#include "node/devnet/lookahead_poster.hpp"

#include "core/base/assert.hpp"
#include "core/limits.hpp"

namespace preconf::node::devnet {
namespace {

core::UnixSeconds last_slot_of(const core::protocol::EpochClock& clock, core::UnixSeconds epoch) {
  return core::UnixSeconds{epoch.value + clock.epoch_seconds() - clock.slot_seconds};
}

}  // namespace

void LookaheadPoster::post_due() {
  const core::protocol::EpochClock& clock = l1_.deployment().clock;
  const core::UnixSeconds next_block{l1_.head().timestamp().value + clock.slot_seconds};
  const core::UnixSeconds current = core::protocol::epoch_of(clock, next_block);
  if (next_epoch_ < current) next_epoch_ = current;
  const core::UnixSeconds last{current.value + clock.epoch_seconds()};
  for (; next_epoch_ <= last; next_epoch_.value += clock.epoch_seconds()) {
    if (l1_.head().contracts.lookaheads.contains(next_epoch_)) continue;
    core::protocol::LookaheadSlot slot;
    slot.committer = committer_;
    slot.timestamp = last_slot_of(clock, next_epoch_);
    slot.registration_root.bytes.back() = 1;
    l1_.submit(l1_call::PostLookahead{next_epoch_, {slot}});
  }
}

core::protocol::Schedule posted_schedule(const core::protocol::EpochClock& clock,
                                         std::size_t windows, const core::Address& committer) {
  PRECONF_ASSERT(windows <= core::limits::kScheduleWindowsMax);
  core::protocol::Schedule schedule;
  schedule.version = 1;
  core::UnixSeconds epoch = clock.genesis;
  for (std::size_t i = 0; i < windows; ++i, epoch.value += clock.epoch_seconds()) {
    const core::UnixSeconds end = last_slot_of(clock, epoch);
    schedule.windows.push_back(core::protocol::Window{
        core::UnixSeconds{end.value - clock.epoch_seconds()}, end, committer});
  }
  return schedule;
}

}  // namespace preconf::node::devnet
