// Where two states differ that ought to be one.
#pragma once

#include "core/state.hpp"
#include "replay/difference.hpp"

namespace preconf::replay {

/// The first member that differs, or that only the encodings do. Requires that those do.
[[nodiscard]] Difference state_difference(const core::State& recorded,
                                          const core::State& recomputed);

}  // namespace preconf::replay
