// The operands of a decision, by name: what `a`, `b` and `hash` mean depends on its rule.
#pragma once

#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/decision.hpp"

namespace preconf::replay {

/// One operand as people read it: numbers in decimal, times as seconds since 1970, byte strings as
/// "0x" hex, enums by their name.
struct Operand {
  std::string name;
  std::string value;
  PRECONF_FIELDS(Operand, name, value);
};

/// The operands that the decision's rule has, in the order a, b, hash; none for rules without any.
[[nodiscard]] std::vector<Operand> operands_of(const core::Decision& decision);

/// "window_end 1384, schedule_version 1, expected_committer 0x..", for one line.
[[nodiscard]] std::string operands_text(const core::Decision& decision);

}  // namespace preconf::replay
