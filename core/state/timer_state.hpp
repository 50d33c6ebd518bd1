// A timer as the state knows it.
#pragma once

#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::core {

struct TimerState {
  bool armed = false;
  std::uint32_t generation = 0;
  WallNanos due;
  PRECONF_FIELDS(TimerState, armed, generation, due);
};

}  // namespace preconf::core
