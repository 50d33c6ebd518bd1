// Definitions of findings that rest on the engine's answers and on the log itself, not on signed
// commitments alone. Private to predicate*.cpp.
#pragma once

#include <string>
#include <utility>

#include "replay/evidence/predicate.hpp"

namespace preconf::replay::evidence {

[[nodiscard]] inline PredicateResult no(std::string why) { return {false, std::move(why), {}}; }
[[nodiscard]] inline PredicateResult yes(std::string what) { return {true, std::move(what), {}}; }

/// The height is confirmed, and as another block than promised.
[[nodiscard]] PredicateResult contradiction(const Signed& accused, const Facts& facts);
/// The proposal on L1 has another block than the promised one. Requires facts.landing.
[[nodiscard]] PredicateResult contradiction_on_l1(const Signed& accused, const Facts& facts);
/// Two blocks stood at the finding's height, or the head went back below it.
[[nodiscard]] PredicateResult reorg(const audit::Finding& finding, const Facts& facts);
/// A record says that events are missing.
[[nodiscard]] PredicateResult gap(const audit::Finding& finding, const Facts& facts);

}  // namespace preconf::replay::evidence
