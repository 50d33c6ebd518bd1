// How an input history is changed: events left out, events put in, other rules.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "replay/predicate.hpp"
#include "replay/whatif/config.hpp"

namespace preconf::replay {

struct InputChanges {
  std::optional<Predicate> drop;  ///< of scope kEvent; engine answers and timers are no input
  std::multimap<core::Seq, core::EventBody> inserts;  ///< put in after that event
  RuleChanges rules;

  [[nodiscard]] bool is_empty() const { return !drop && inserts.empty() && rules.is_empty(); }
};

/// Is this event an input from outside, neither an answer nor a timer?
[[nodiscard]] bool is_input(const core::EventBody& body);

/// The event as the changed history has it; nothing when it is dropped. An error is one of the
/// predicate.
[[nodiscard]] core::Result<std::optional<core::Event>, std::string> changed_event(
    const InputChanges& changes, const core::Event& event);

}  // namespace preconf::replay
