// Temporary failures in a row.
#pragma once

#include <cstdint>

#include "core/base/fields.hpp"

namespace preconf::core {

/// Temporary failures in a row of one kind of plan, and whether its retry timer runs.
struct Backoff {
  std::uint32_t failures = 0;
  bool waiting = false;
  PRECONF_FIELDS(Backoff, failures, waiting);
};

}  // namespace preconf::core
