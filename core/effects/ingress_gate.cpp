#include "core/effects/ingress_gate.hpp"

#include "core/effects/l1_observation.hpp"
#include "core/effects/resume_point.hpp"

namespace preconf::core::effects {
namespace {

/// Confirmed sync, when L1 is followed: everything on it is derived, and the engine knows.
Reason reason_of_l1(const State& state) {
  const L1State& l1 = state.l1_chain;
  if (!l1.is_live) return Reason::kGateScannerNotLive;
  if (l1.rewind_to) return Reason::kGateRewinding;
  const bool is_blob_missing =
      l1.blocked && l1.blocked->kind == events::L1FailureKind::kBlobMissing;
  if (is_blob_missing && state.reducer_version >= kL1MemoryVersion) return Reason::kGateBlobMissing;
  if (!l1.start || l1.derivation || !l1.pending.empty()) return Reason::kGateDeriving;
  if (first_proposal_is_missing(state)) return Reason::kGateDeriving;
  return Reason::kNone;
}

Reason reason_to_close(const State& state) {
  if (state.stopping || state.engine_fatal) return Reason::kGateStopped;
  if (!state.heads.confirmed_this_epoch || !state.heads.unsafe) return Reason::kGateRecovering;
  if (follows_l1(state)) return reason_of_l1(state);
  if (!state.l1.scanner_live) return Reason::kGateScannerNotLive;
  if (!confirmed_sync_ready(state)) return Reason::kGateNotConfirmed;
  return Reason::kNone;
}

}  // namespace

void observe_l1_sync(Step& step, const events::L1SyncObserved& observed) {
  if (!follows_l1(step.state)) step.state.l1 = observed;
}

bool confirmed_sync_ready(const State& state) {
  if (follows_l1(state)) return reason_of_l1(state) == Reason::kNone;
  if (state.l1.target_proposal == ProposalId{0}) return true;
  const auto& boundary = state.heads.head_l1_origin;
  return boundary && state.l1.target_block && *boundary >= *state.l1.target_block;
}

void update_gate(Step& step) {
  Gate& gate = step.state.gate;
  const Reason reason = reason_to_close(step.state);
  if (reason == gate.reason && gate.open == (reason == Reason::kNone)) return;
  const bool was_open = gate.open;
  gate.open = reason == Reason::kNone;
  gate.reason = reason;
  if (gate.open == was_open) return;
  const std::uint64_t target = step.state.l1.target_block.value_or(BlockNumber{0}).value;
  step.decide(Decision{gate.open ? Verdict::kGateOpened : Verdict::kGateClosed, reason, Hash32{},
                       confirmed_boundary(step.state), target, confirmed_boundary(step.state).value,
                       Hash32{}});
}

}  // namespace preconf::core::effects
