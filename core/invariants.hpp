// Invariants: what must hold after every event, as one list of named checks.
#pragma once

#include "core/state.hpp"

namespace preconf::core {

/// Name of the first broken invariant, nothing when all hold. Linear in the size of the state: run
/// after every event in tests and simulation, every 1,024th in production.
[[nodiscard]] const char* broken_invariant(const State& state);

}  // namespace preconf::core
