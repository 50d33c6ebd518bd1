#include "replay/first_state.hpp"

#include <string>

#include "replay/snapshots.hpp"

namespace preconf::replay {
namespace {

using core::Seq;
using storage::StorageFailure;

StorageFailure base_is_missing(Seq base, const std::string& rest) {
  return {storage::StorageError::kDamaged, base,
          "the state after event " + std::to_string(base.value) +
              " is missing or damaged, and the events before it are not here" + rest};
}

}  // namespace

std::optional<StorageFailure> missing_base(const History& history) {
  const Seq base = history.events->base().seq;
  if (base.value == 0 || load_state(*history.events, *history.snapshots, base)) return std::nullopt;
  return base_is_missing(base, "");
}

core::Result<FirstState, StorageFailure> first_state(const History& history) {
  const Seq base = history.events->base().seq;
  if (base.value == 0) return FirstState{std::make_unique<core::State>(), std::nullopt};
  for (const Seq seq : history.snapshots->list()) {
    if (seq < base || seq > history.events->end().seq) continue;
    auto state = load_state(*history.events, *history.snapshots, seq);
    if (!state) continue;
    FirstState first{std::move(state).value(), std::nullopt};
    if (seq == base) return first;
    first.missing = base_is_missing(
        base, ": what follows is known only from event " + std::to_string(seq.value + 1) + " on");
    return first;
  }
  return core::Unexpected{base_is_missing(base, ", nor is any later state")};
}

core::Result<Walker, StorageFailure> walk_from_start(const History& history) {
  const auto first = first_state(history);
  if (!first) return core::Unexpected{first.error()};
  return Walker::start(history, first->state->last_seq);
}

}  // namespace preconf::replay
