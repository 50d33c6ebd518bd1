// The rules about L1, a part of replay/rules.hpp.
#pragma once

#include "replay/rules.hpp"

namespace preconf::replay {

/// Empty texts for reasons that are not L1's.
[[nodiscard]] Rule rule_of_l1(core::Reason reason);
/// The verdict's name for verdicts that are not L1's.
[[nodiscard]] const char* meaning_of_l1(core::Verdict verdict);

}  // namespace preconf::replay
