// What derivation plans do when a step fails: end, wait, begin anew. The next attempt finds by
// comparing what was done.
#pragma once

#include "core/effects/engine_verdict.hpp"
#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Ends the lane's plan; the next attempt comes after a delay (the longest when `wedged`), and
/// after the engine's heads have been read.
void defer_derivation(Step& step, Reason reason, std::uint64_t detail, bool wedged);

/// The proposal in derivation begins again at its first block, on a parent that is read again.
void derive_anew(L1State& l1);

/// The proposal was begun anew after failures: reading the parent and finding blocks in place again
/// is no progress yet, and ends no backoff.
[[nodiscard]] bool is_anew(const State& state);

/// The delay is over.
void on_derive_retry(Step& step);

/// May a derivation plan start now?
[[nodiscard]] bool derivation_may_start(const State& state);

}  // namespace preconf::core::effects
