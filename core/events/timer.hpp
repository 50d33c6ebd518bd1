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
  kTxListRetry = 5,    ///< transaction lists are asked for again, or of one more peer
  kPublishRetry = 6,   ///< T6: next attempt to publish what reached nobody
  kDeriveRetry = 7,    ///< E1, E6, E9, T4: next attempt of derivation
  kResolveRetry = 8,   ///< E1: next attempt to fetch a proposal's sources
};
inline constexpr std::size_t kTimerCount = 9;
/// Those of the engine lane, which every reducer version has.
inline constexpr std::size_t kEngineTimerCount = 3;
/// Those of the engine lane and of peers; the rest are L1's.
inline constexpr std::size_t kPeerTimersEnd = 7;
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
