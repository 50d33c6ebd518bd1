#include "core/effects/derivation_retry.hpp"

#include "core/effects/l1_observation.hpp"
#include "core/limits.hpp"

namespace preconf::core::effects {
namespace {

/// What we think the parent is may be what is wrong: after so many failures in a row it is read
/// again, and the proposal compared from its first block.
constexpr std::uint32_t kFailuresUntilAnew = 4;

}  // namespace

void derive_anew(L1State& l1) {
  l1.tip.reset();
  if (!l1.derivation) return;
  Derivation& derivation = *l1.derivation;
  derivation.parent.reset();
  derivation.source = 0;
  derivation.block = 0;
  derivation.kept = 0;
  derivation.built = 0;
  derivation.segment = protocol::Segment{};
  derivation.is_complete = false;
}

void defer_derivation(Step& step, Reason reason, std::uint64_t detail, bool wedged) {
  L1State& l1 = step.state.l1_chain;
  const Millis delay = wedged ? Millis{limits::kRetryDelayMaxMs} : retry_delay(l1.backoff.failures);
  ++l1.backoff.failures;
  l1.backoff.waiting = true;
  if (l1.backoff.failures % kFailuresUntilAnew == 0) derive_anew(l1);
  const Hash32 subject = l1.derivation ? l1.derivation->proposal.landed.block_hash : Hash32{};
  step.decide(Decision{wedged ? Verdict::kDerivationHalted : Verdict::kDerivationDeferred, reason,
                       subject, BlockNumber{0}, detail, delay.value, Hash32{}});
  step.set_timer(TimerId::kDeriveRetry, delay);
  step.state.lane = LaneIdle{};
}

bool is_anew(const State& state) {
  return state.reducer_version >= kL1MemoryVersion &&
         state.l1_chain.backoff.failures >= kFailuresUntilAnew;
}

void on_derive_retry(Step& step) {
  step.state.l1_chain.backoff.waiting = false;
  step.state.consistency_due = true;
}

bool derivation_may_start(const State& state) {
  return follows_l1(state) && !state.stopping && !state.engine_fatal && !state.consistency_due &&
         state.heads.confirmed_this_epoch && state.heads.unsafe &&
         !state.l1_chain.backoff.waiting && std::holds_alternative<LaneIdle>(state.lane);
}

}  // namespace preconf::core::effects
