#include "replay/why/confirmed_sync.hpp"

#include <fmt/format.h>

#include "core/effects/ingress_gate.hpp"
#include "core/effects/l1_observation.hpp"
#include "core/effects/resume_point.hpp"

namespace preconf::replay {
namespace {

std::string pointer_text(const core::State& state) {
  const auto& pointer = state.heads.head_l1_origin;
  return pointer ? fmt::format("the head L1 origin is {}", pointer->value)
                 : std::string("there is no head L1 origin");
}

std::string proposals_text(const core::L1State& l1) {
  if (l1.derivation) {
    return fmt::format("proposal {} of L1 is being derived, and {} more wait",
                       l1.derivation->proposal.facts.id.value, l1.pending.size());
  }
  return fmt::format("{} proposals of L1 wait to be derived, from {} on", l1.pending.size(),
                     l1.pending.front().facts.id.value);
}

}  // namespace

SyncObstacle sync_obstacle(const core::State& state) {
  if (!core::effects::follows_l1(state)) {
    return core::effects::confirmed_sync_ready(state) ? SyncObstacle::kNone : SyncObstacle::kTarget;
  }
  const core::L1State& l1 = state.l1_chain;
  if (l1.rewind_to) return SyncObstacle::kRewinding;
  if (!l1.start) return SyncObstacle::kScanStart;
  if (l1.derivation || !l1.pending.empty()) return SyncObstacle::kProposals;
  if (l1.is_live && core::effects::first_proposal_is_missing(state))
    return SyncObstacle::kFirstGone;
  const auto& pointer = state.heads.head_l1_origin;
  const bool is_below =
      !l1.derived.empty() && (!pointer || *pointer < l1.derived.back().last_block.number);
  return is_below ? SyncObstacle::kPointer : SyncObstacle::kNone;
}

SyncObstacleText text_of(SyncObstacle obstacle, const core::State& state) {
  const core::L1State& l1 = state.l1_chain;
  switch (obstacle) {
    case SyncObstacle::kNone:
      return {};
    case SyncObstacle::kTarget:
      return {"the head L1 origin has not reached the last proposal's block",
              "engine_answered whose head_l1_origin is at or above the target block"};
    case SyncObstacle::kRewinding:
      return {fmt::format("L1 took proposals back: the head L1 origin has to go back to {}",
                          l1.rewind_to->number.value),
              "engine_answered to set_head_l1_origin"};
    case SyncObstacle::kScanStart:
      return {"where the scan of L1 begins is not known yet",
              "engine_answered to a read of the resume plan"};
    case SyncObstacle::kProposals:
      return {proposals_text(l1),
              "l1_answered with the sources of each, and engine_answered to set_head_l1_origin"};
    case SyncObstacle::kFirstGone:
      return {fmt::format("L1 is read up to its head and has no proposal {}, at which the scan "
                          "began",
                          l1.start->first_proposal.value),
              "engine_answered to a read of the resume plan, or l1_block_observed with it"};
    case SyncObstacle::kPointer:
      return {fmt::format("{}, and the newest derived proposal {} ends with block {}",
                          pointer_text(state), l1.derived.back().proposal.facts.id.value,
                          l1.derived.back().last_block.number.value),
              "engine_answered whose head_l1_origin is at or above that block"};
  }
  return {};
}

}  // namespace preconf::replay
