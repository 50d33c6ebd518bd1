// What every rule says, for people: the text behind core::Reason and core::Verdict.
#pragma once

#include "core/decision.hpp"

namespace preconf::replay {

struct Rule {
  const char* text;    ///< one sentence: what the rule demands
  const char* source;  ///< where it comes from, and the file that implements it
};

/// The rule behind a reason. For kNone and numbers without a name: empty texts.
[[nodiscard]] Rule rule_of(core::Reason reason);
/// What a verdict means, in a phrase.
[[nodiscard]] const char* meaning_of(core::Verdict verdict);

}  // namespace preconf::replay
