// Where a fold of a whole history can begin.
#pragma once

#include "replay/walker.hpp"

namespace preconf::replay {

/// A walker before the first event that can be folded: the first of all, or, where older events
/// were pruned or not captured, the one after the first usable snapshot. A failure is that of
/// reading, or says that no such snapshot is there.
[[nodiscard]] core::Result<Walker, storage::StorageFailure> walk_from_start(const History& history);

}  // namespace preconf::replay
