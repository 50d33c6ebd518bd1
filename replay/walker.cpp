#include "replay/walker.hpp"

#include "replay/snapshots.hpp"

namespace preconf::replay {

core::Result<Walker, storage::StorageFailure> Walker::start(const History& history,
                                                            core::Seq after) {
  auto state = state_after(*history.events, *history.snapshots, after);
  if (!state) return core::Unexpected{state.error()};
  auto reader = history.events->read(core::next((*state)->last_seq));
  return Walker(std::move(state).value(), std::move(reader));
}

core::Result<bool, storage::StorageFailure> Walker::next() {
  const auto more = reader_->next_into(logged_);
  if (!more || !*more) return more;
  if (auto failure = refuse(*state_, logged_.event)) return core::Unexpected{std::move(*failure)};
  core::reduce(*state_, logged_.event, outcome_);
  return true;
}

}  // namespace preconf::replay
