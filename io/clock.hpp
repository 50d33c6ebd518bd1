// The machine's clocks. Only the log's appender stamps events with them.
#pragma once

#include "core/types.hpp"

namespace preconf::io {

/// Nanoseconds since 1970-01-01 UTC; may jump when the machine's time is set.
[[nodiscard]] core::WallNanos wall_now();

/// Nanoseconds of a clock that never goes back within one process life.
[[nodiscard]] core::MonoNanos mono_now();

}  // namespace preconf::io
