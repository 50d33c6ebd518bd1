// Timers.
#pragma once

#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::core {

/// Every timer the reducer can set. Persistent values: never renumber.
enum class TimerId : std::uint8_t {
  kEnginePoll = 0,     ///< E12: read the engine's heads again
  kApplyRetry = 1,     ///< E4: next attempt of the apply plan
  kReadRetry = 2,      ///< E12: next attempt of a failed read
  kPeerPoll = 3,       ///< heads of peers are asked for again; connected peers are looked after
  kBackfillRetry = 4,  ///< commitments that no peer delivered are asked for again
  kTxListRetry = 5,    ///< transaction lists that no peer delivered are asked for again
  kPublishRetry = 6,   ///< T6: next attempt to publish what reached nobody
};
inline constexpr std::size_t kTimerCount = 7;
/// Those of the engine lane, which every reducer version has.
inline constexpr std::size_t kEngineTimerCount = 3;
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
