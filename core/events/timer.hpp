// Timers.
#pragma once

#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::core {

/// Every timer the reducer can set. Persistent values: never renumber.
enum class TimerId : std::uint8_t {
  kEnginePoll = 0,  ///< E12: read the engine's heads again
  kApplyRetry = 1,  ///< E4: next attempt of the apply plan
  kReadRetry = 2,   ///< E12: next attempt of a failed read
};
inline constexpr std::size_t kTimerCount = 3;
[[nodiscard]] const char* name_of(TimerId timer);

namespace events {

/// A timer that was set has run out. A late one, with an older generation, changes nothing.
struct TimerFired {
  TimerId timer = TimerId::kEnginePoll;
  std::uint32_t generation = 0;
  PRECONF_FIELDS(TimerFired, timer, generation);
};

}  // namespace events
}  // namespace preconf::core
