#include "core/effects/unsafe_block_processing.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/effects/apply_matching.hpp"
#include "core/effects/commitment_admission.hpp"
#include "core/effects/commitment_rules.hpp"
#include "core/effects/engine_verdict.hpp"
#include "core/effects/forkchoice.hpp"
#include "core/effects/head_moves.hpp"
#include "core/effects/l1_verdicts.hpp"
#include "core/limits.hpp"

namespace preconf::core::effects {
namespace {

constexpr std::uint32_t kRebuildsMax = 2;  ///< lost jobs before the plan backs off

ApplyPlan& plan_of(State& state) {
  auto* plan = std::get_if<ApplyPlan>(&state.lane);
  PRECONF_ASSERT(plan != nullptr);
  return *plan;
}

/// The commitment's parent is the head: by link, through an EOP-only, or by the rule for a head
/// whose commitment is not known.
bool links_to_head(const State& state, const protocol::CommitmentFacts& facts) {
  const auto head = state.heads.executed.find(state.heads.unsafe->number);
  if (head == state.heads.executed.end()) return false;
  const Hash32& head_preconf = head->second.preconf_hash;
  const auto end = state.book.follow_eop_only(facts.parent_preconf_hash);
  if (end.over_invalid || is_contradicted(state, end.preconf_hash)) return false;
  if (head_preconf.is_zero()) return end.block == nullptr;
  return end.preconf_hash == head_preconf;
}

void go(Step& step, ApplyPlan& plan, ApplyStep next_step, CommandBody command) {
  plan.step = next_step;
  plan.command = step.issue(std::move(command));
}

void prepare(Step& step, ApplyPlan& plan) {
  go(step, plan, ApplyStep::kPrepare,
     commands::StartPayload{forkchoice_state(step.state, parent_of(plan.attributes)),
                            plan.attributes});
}

/// Ends the plan; the next attempt comes after a delay and begins by reading the heads.
void defer(Step& step, Reason reason, std::uint64_t detail, bool wedged) {
  const ApplyPlan plan = plan_of(step.state);
  Backoff& backoff = step.state.apply_backoff;
  const Millis delay = wedged ? Millis{limits::kRetryDelayMaxMs} : retry_delay(backoff.failures);
  ++backoff.failures;
  backoff.waiting = true;
  step.decide(Decision{Verdict::kApplyDeferred, reason, plan.key.preconf_hash,
                       plan.attributes.block_number, detail, delay.value, Hash32{}});
  step.set_timer(TimerId::kApplyRetry, delay);
  step.state.lane = LaneIdle{};
}

void defer_unexpected(Step& step) {
  const auto at = static_cast<std::uint64_t>(plan_of(step.state).step);
  defer(step, Reason::kEngineUnexpected, at, false);
}

/// The head becomes `header`, which the engine has just reported as canonical.
void finish(Step& step, const protocol::HeaderFacts& header, Verdict verdict) {
  const ApplyPlan plan = plan_of(step.state);
  step.state.lane = LaneIdle{};
  step.decide(Decision{verdict, Reason::kNone, plan.key.preconf_hash, header.number,
                       plan.started.value, step.state.apply_backoff.failures, header.hash});
  advance_head(step, header, plan.key);
}

/// The boundary passed the plan's height, or its commitment went away: nothing to apply any more.
bool obsolete(Step& step) {
  const ApplyPlan& plan = plan_of(step.state);
  const Commitment* commitment = step.state.book.find(plan.key);
  const BlockNumber boundary = confirmed_boundary(step.state);
  const bool is_stale = plan.attributes.block_number <= boundary;
  if (commitment != nullptr && commitment->phase == Phase::kAdmitted && !is_stale) return false;
  if (commitment != nullptr && is_stale) {
    step.decide(about(commitment->facts, Verdict::kStale, Reason::kStaleCommitment,
                      commitment->facts.block_number.value, boundary.value));
  }
  step.state.lane = LaneIdle{};
  step.state.consistency_due = true;
  return true;
}

void on_probe(Step& step, const events::BlockRead& read) {
  move_boundary(step, read.head_l1_origin);
  if (obsolete(step)) return;
  ApplyPlan& plan = plan_of(step.state);
  if (!read.block) {
    prepare(step, plan);
    return;
  }
  if (is_materialised(plan.attributes, read)) {
    finish(step, *read.block, Verdict::kAlreadyMaterialized);
    return;
  }
  // Another block stands at this height: our view of the chain is wrong, not the engine's. After a
  // delay: an engine that contradicts itself must not keep us busy.
  step.state.adopt_engine_head = true;
  defer(step, Reason::kEngineOtherHead, read.block->number.value, false);
}

void on_prepared(Step& step, const events::ForkchoiceAnswered& answer) {
  if (!answer.payload_id) {
    defer_unexpected(step);
    return;
  }
  ApplyPlan& plan = plan_of(step.state);
  plan.job = *answer.payload_id;
  go(step, plan, ApplyStep::kTake, commands::GetPayload{plan.job, plan.attributes.timestamp});
}

void on_taken(Step& step, const events::PayloadTaken& taken) {
  ApplyPlan& plan = plan_of(step.state);
  if (!is_built_from(plan.attributes, taken.header)) {
    defer_unexpected(step);
    return;
  }
  plan.built = taken.header;
  plan.payload = taken.payload;
  go(step, plan, ApplyStep::kInsert, commands::NewPayload{plan.payload, plan.built.hash});
}

void on_inserted(Step& step) {
  ApplyPlan& plan = plan_of(step.state);
  go(step, plan, ApplyStep::kAdopt,
     commands::UpdateForkchoice{forkchoice_state(step.state, plan.built.ref())});
}

void on_confirmed(Step& step, const events::BlockRead& read) {
  move_boundary(step, read.head_l1_origin);
  if (obsolete(step)) return;
  const ApplyPlan& plan = plan_of(step.state);
  if (read.block && read.block->hash == plan.built.hash &&
      is_built_from(plan.attributes, *read.block)) {
    finish(step, *read.block, Verdict::kApplied);
  } else {
    defer_unexpected(step);
  }
}

void on_done(Step& step, const events::EngineResult& result) {
  ApplyPlan& plan = plan_of(step.state);
  const auto* read = std::get_if<events::BlockRead>(&result);
  const bool right_block = read != nullptr && read->number == plan.attributes.block_number;
  const auto* forkchoice_answer = std::get_if<events::ForkchoiceAnswered>(&result);
  const auto* taken = std::get_if<events::PayloadTaken>(&result);
  const auto* judged = std::get_if<events::PayloadJudged>(&result);
  if (plan.step == ApplyStep::kProbe && right_block) {
    on_probe(step, *read);
  } else if (plan.step == ApplyStep::kPrepare && forkchoice_answer != nullptr) {
    on_prepared(step, *forkchoice_answer);
  } else if (plan.step == ApplyStep::kTake && taken != nullptr) {
    on_taken(step, *taken);
  } else if (plan.step == ApplyStep::kInsert && judged != nullptr) {
    on_inserted(step);
  } else if (plan.step == ApplyStep::kAdopt && forkchoice_answer != nullptr) {
    go(step, plan, ApplyStep::kConfirm, commands::ReadBlock{plan.attributes.block_number});
  } else if (plan.step == ApplyStep::kConfirm && right_block) {
    on_confirmed(step, *read);
  } else {
    defer_unexpected(step);
  }
}

void on_lost_job(Step& step) {
  ApplyPlan& plan = plan_of(step.state);
  if (plan.rebuilds >= kRebuildsMax) {
    defer(step, Reason::kEngineLostJob, plan.rebuilds, false);
    return;
  }
  ++plan.rebuilds;
  prepare(step, plan);
}

void on_invalid(Step& step) {
  const ApplyPlan plan = plan_of(step.state);
  step.state.lane = LaneIdle{};
  const Commitment* commitment = step.state.book.find(plan.key);
  if (commitment == nullptr || commitment->phase != Phase::kAdmitted) return;
  step.add_evidence(Evidence{EvidenceKind::kEngineInvalid, plan.key.signer,
                             commitment->facts.window_end, plan.attributes.block_number,
                             commitment->received, step.event.seq});
  invalidate(step, plan.key, Reason::kEngineInvalid, plan.started.value, step.event.seq.value);
}

}  // namespace

const Commitment* executable_commitment(const State& state) {
  if (!state.heads.unsafe) return nullptr;
  const BlockNumber number = next(state.heads.unsafe->number);
  if (number <= confirmed_boundary(state)) return nullptr;
  const Commitment* first = nullptr;
  const auto& heights = state.book.by_height;
  for (auto it = heights.lower_bound(HeightKey{number, CommitmentKey{}});
       it != heights.end() && it->number == number; ++it) {
    const Commitment* commitment = state.book.find(it->key);
    PRECONF_ASSERT(commitment != nullptr);
    if (commitment->phase != Phase::kAdmitted) continue;
    if (state.txlists.facts_of(commitment->facts.raw_tx_list_hash) == nullptr) continue;
    if (!links_to_head(state, commitment->facts)) continue;
    // What was executed before its signer's EOP appeared stays executable after a rewind.
    const bool was_executed = !commitment->block_hash.is_zero();
    if (!was_executed && closed_by_handoff(state, commitment->facts)) continue;
    if (first == nullptr || commitment->received < first->received) first = commitment;
  }
  return first;
}

void process_unsafe_blocks(Step& step) {
  State& state = step.state;
  const bool may_start = state.gate.open && std::holds_alternative<LaneIdle>(state.lane) &&
                         !state.consistency_due && !state.apply_backoff.waiting;
  if (!may_start) return;
  while (const Commitment* commitment = executable_commitment(state)) {
    const auto* list = state.txlists.facts_of(commitment->facts.raw_tx_list_hash);
    const auto attributes = attributes_for(state, commitment->facts, *list);
    if (!attributes) return;
    if (list->anchor.max_fee_per_gas != U256::from_u64(attributes->base_fee_wei)) {
      const std::uint64_t fee =
          list->anchor.max_fee_per_gas.fits_u64() ? list->anchor.max_fee_per_gas.low_u64() : 0;
      step.add_evidence(Evidence{EvidenceKind::kAnchorInvalid, commitment->facts.signer,
                                 commitment->facts.window_end, commitment->facts.block_number,
                                 commitment->received, step.event.seq});
      invalidate(step, commitment->key(), Reason::kAnchorWrongBaseFee, fee,
                 attributes->base_fee_wei);
      continue;
    }
    ApplyPlan plan;
    plan.key = commitment->key();
    plan.attributes = *attributes;
    plan.started = step.event.seq;
    plan.command = step.issue(commands::ReadBlock{attributes->block_number});
    step.decide(about(commitment->facts, Verdict::kApplyStarted, Reason::kNone,
                      commitment->received.value, state.apply_backoff.failures,
                      attributes->parent_hash));
    state.lane = std::move(plan);
    return;
  }
}

void on_apply_answer(Step& step, const Command& asked, const events::EngineAnswered& answer) {
  const EngineOutcomeClass outcome = outcome_class_of(answer.result);
  switch (action_for(method_of(asked.body), outcome)) {
    case EngineAction::kDone:
      on_done(step, answer.result);
      return;
    case EngineAction::kReject:
      on_invalid(step);
      return;
    case EngineAction::kRebuild:
      on_lost_job(step);
      return;
    case EngineAction::kRetry:
    case EngineAction::kProbe:
    case EngineAction::kReset:
      defer(step, reason_of(outcome), static_cast<std::uint64_t>(outcome), false);
      return;
    case EngineAction::kWedged:
      defer(step, reason_of(outcome), static_cast<std::uint64_t>(outcome), true);
      return;
  }
}

void on_apply_retry(Step& step) {
  step.state.apply_backoff.waiting = false;
  step.state.consistency_due = true;
}

}  // namespace preconf::core::effects
