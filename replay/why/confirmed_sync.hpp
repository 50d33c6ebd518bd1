// What the ingress gate still waits for until everything on L1 is derived and recorded in the
// engine; whether L1 is read up to its head is another question (the criterion scanner_live).
#pragma once

#include <string>

#include "core/state.hpp"

namespace preconf::replay {

enum class SyncObstacle : std::uint8_t {
  kNone,
  kTarget,     ///< L1 is not followed here: the pointer has not reached the target that was given
  kRewinding,  ///< L1 took proposals back: the pointer has to go back first
  kScanStart,  ///< where the scan of L1 begins is not known yet
  kProposals,  ///< proposals wait or are derived
  kFirstGone,  ///< all of L1 is read, and the proposal at which the scan began is not there
  kPointer,    ///< the pointer is below the end of the newest derived proposal
};

[[nodiscard]] SyncObstacle sync_obstacle(const core::State& state);

struct SyncObstacleText {
  std::string detail;
  std::string unblocked_by;
};
/// Of the obstacle that `state` has.
[[nodiscard]] SyncObstacleText text_of(SyncObstacle obstacle, const core::State& state);

}  // namespace preconf::replay
