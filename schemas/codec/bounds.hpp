// The bounds of event contents: one definition for what is written and what is read.
#pragma once

#include "core/event.hpp"

namespace preconf::schemas {

/// Every enum value is defined and every variable size is within core/limits.hpp.
[[nodiscard]] bool in_bounds(const core::EventBody& body);

/// Lane and source are defined.
[[nodiscard]] bool in_bounds(core::Lane lane, core::SourceKind source);

}  // namespace preconf::schemas
