// Where a fold of a whole history can begin.
#pragma once

#include <memory>
#include <optional>

#include "core/state.hpp"
#include "replay/walker.hpp"

namespace preconf::replay {

/// The state before the first event that can be folded.
struct FirstState {
  std::unique_ptr<core::State> state;
  /// The state after the last event that is not here is missing or damaged: what follows can be
  /// folded only from `state`, that of a later snapshot, on.
  std::optional<storage::StorageFailure> missing;
};

/// Before the first event of all; where older events were pruned or not captured, the state after
/// them, or else that of the first usable snapshot behind it. A failure: there is none.
[[nodiscard]] core::Result<FirstState, storage::StorageFailure> first_state(const History& history);

/// The failure that `missing` would be, without looking for another snapshot.
[[nodiscard]] std::optional<storage::StorageFailure> missing_base(const History& history);

/// A walker that stands there. A failure is that of reading, or that there is no such state.
[[nodiscard]] core::Result<Walker, storage::StorageFailure> walk_from_start(const History& history);

}  // namespace preconf::replay
