// Times as people type them.
#pragma once

#include <optional>
#include <string_view>

#include "core/types.hpp"

namespace preconf::replay {

/// Seconds since 1970 or ISO 8601 UTC, "2026-08-12T06:00:00Z" or "2026-08-12"; both with up to nine
/// digits of fraction. Nothing for other text, dates that do not exist, and times that nanoseconds
/// in 64 bits can not hold (after the year 2554).
[[nodiscard]] std::optional<core::WallNanos> time_from(std::string_view text);

}  // namespace preconf::replay
