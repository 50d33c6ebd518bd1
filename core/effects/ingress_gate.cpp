#include "core/effects/ingress_gate.hpp"

namespace preconf::core::effects {
namespace {

Reason reason_to_close(const State& state) {
  if (state.stopping || state.engine_fatal) return Reason::kGateStopped;
  if (!state.heads.confirmed_this_epoch || !state.heads.unsafe) return Reason::kGateRecovering;
  if (!state.l1.scanner_live) return Reason::kGateScannerNotLive;
  if (!confirmed_sync_ready(state)) return Reason::kGateNotConfirmed;
  return Reason::kNone;
}

}  // namespace

void observe_l1_sync(Step& step, const events::L1SyncObserved& observed) {
  step.state.l1 = observed;
}

bool confirmed_sync_ready(const State& state) {
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
