// Positions in a history, as people type them.
#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "replay/history.hpp"

namespace preconf::replay {

/// The event that `text` names, or a sentence that says why it names none:
///   123         the event with this seq
///   @TIME       the last event stamped at or before TIME: seconds since 1970, or ISO 8601 UTC
///               ("@2026-08-12T06:00:00Z", fractions allowed)
///   block:N     the event after which L2 block N was the executed head for the first time
///   head        the last event
///   head~100    100 events before it
/// Times are found by bisection (stamps of one log rise); block:N looks at snapshots first.
[[nodiscard]] core::Result<core::Seq, std::string> resolve_position(const History& history,
                                                                    const std::string& text);

/// Whether `seq` lies inside of the history, but its event is lost or damaged.
[[nodiscard]] bool is_lost(const History& history, core::Seq seq);
/// The seq that `text` names by number, whether there is such an event or not.
[[nodiscard]] std::optional<core::Seq> numbered_position(const History& history,
                                                         const std::string& text);

}  // namespace preconf::replay
