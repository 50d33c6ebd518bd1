#include "replay/first_state.hpp"

#include "replay/snapshots.hpp"

namespace preconf::replay {

core::Result<Walker, storage::StorageFailure> walk_from_start(const History& history) {
  const core::Seq base = history.events->base().seq;
  if (base.value == 0) return Walker::start(history, base);
  for (const core::Seq seq : history.snapshots->list()) {
    if (seq < base || seq > history.events->end().seq) continue;
    if (load_state(*history.events, *history.snapshots, seq)) return Walker::start(history, seq);
  }
  return core::Unexpected{storage::StorageFailure{
      storage::StorageError::kDamaged, base,
      "events up to " + std::to_string(base.value) +
          " are not in this log, and no usable snapshot says what the state was then"}};
}

}  // namespace preconf::replay
