// What would have had to be otherwise for a commitment to be admitted.
#pragma once

#include <string>
#include <vector>

#include "core/protocol/commitment.hpp"
#include "core/state.hpp"

namespace preconf::replay {

/// Changes to `facts`, in order, after which the reducer's rules admit it in `state`, each as a
/// phrase ("signed by 0x.."). Every step is judged again by core's own rules, so the list is
/// complete. When no change of the commitment alone would do (a missing parent, a missing
/// schedule), the last entry says what must happen instead.
[[nodiscard]] std::vector<std::string> changes_to_admit(core::protocol::CommitmentFacts facts,
                                                        const core::State& state);

}  // namespace preconf::replay
