#include "core/effects/proposal_settlement.hpp"

#include "core/base/assert.hpp"
#include "core/effects/derivation_retry.hpp"
#include "core/effects/engine_verdict.hpp"
#include "core/effects/finality_progression.hpp"
#include "core/effects/forkchoice.hpp"
#include "core/effects/head_moves.hpp"
#include "core/effects/l1_observation.hpp"
#include "core/effects/l1_verdicts.hpp"

namespace preconf::core::effects {
namespace {

SettlePlan& plan_of(State& state) {
  auto* plan = std::get_if<SettlePlan>(&state.lane);
  PRECONF_ASSERT(plan != nullptr);
  return *plan;
}

void go(Step& step, SettleStep next_step, CommandBody command) {
  SettlePlan& plan = plan_of(step.state);
  plan.step = next_step;
  plan.command = step.issue(std::move(command));
}

bool is_obsolete(const State& state, const SettlePlan& plan) {
  if (plan.step == SettleStep::kLabels) return false;
  if (plan.is_rewind) return state.l1_chain.rewind_to != plan.target;
  const auto& derivation = state.l1_chain.derivation;
  return !derivation || derivation->proposal.seen != plan.proposal_seen;
}

void finish_rewind(Step& step) {
  L1State& l1 = step.state.l1_chain;
  const SettlePlan plan = plan_of(step.state);
  step.decide(Decision{Verdict::kRewound, Reason::kNone, Hash32{}, plan.target.number,
                       plan.target.number.value, 0, plan.target.hash});
  l1.rewind_to.reset();
  l1.backoff = Backoff{};
  step.state.lane = LaneIdle{};
}

void finish_proposal(Step& step) {
  State& state = step.state;
  L1State& l1 = state.l1_chain;
  const Derivation derivation = std::move(*l1.derivation);
  l1.derivation.reset();
  const BlockRef last = derivation.parent->header.ref();
  const std::uint64_t id = derivation.proposal.facts.id.value;
  const std::uint64_t before = l1.safe_block ? l1.safe_block->number.value : 0;
  l1.tip = derivation.parent;
  l1.derived.push_back(DerivedProposal{derivation.proposal, derivation.first_parent, last});
  l1.safe_block = last;
  l1.labels_due = true;
  l1.backoff = Backoff{};
  state.resume_from.reset();
  state.lane = LaneIdle{};
  step.decide(Decision{Verdict::kProposalDerived, Reason::kNone,
                       derivation.proposal.landed.block_hash, last.number, id, derivation.kept,
                       last.hash});
  step.decide(
      Decision{Verdict::kSafeMoved, Reason::kNone, Hash32{}, last.number, id, before, last.hash});
  judge_what_did_not_land(step, derivation.proposal, last.number);
  progress_finality(step);
}

void on_read_back(Step& step, const events::CanonicalRead& read) {
  const SettlePlan plan = plan_of(step.state);
  // Where derivation begins there is no row for the pointer to name.
  const auto& checkpoint = step.state.checkpoint;
  const bool is_bottom =
      plan.target.number.value == 0 || (checkpoint && plan.target == checkpoint->block);
  const bool pointer_is_right =
      read.head_l1_origin == plan.target.number || (is_bottom && !read.head_l1_origin);
  // After a rewind the block itself may be another one by now; the pointer is what counts.
  const bool block_is_right =
      plan.is_rewind || (read.block && read.block->header.hash == plan.target.hash);
  if (!pointer_is_right || !block_is_right) {
    defer_derivation(step, Reason::kReadBackDiffers, plan.target.number.value, false);
    return;
  }
  move_boundary(step, read.head_l1_origin);
  if (plan.is_rewind) {
    finish_rewind(step);
  } else {
    go(step, SettleStep::kReadMapping,
       commands::LookupBatch{step.state.l1_chain.derivation->proposal.facts.id});
  }
}

/// The engine took the labels that `told` carried; they may have moved on since.
void on_labels(Step& step, const commands::ForkchoiceState& told) {
  State& state = step.state;
  L1State& l1 = state.l1_chain;
  if (l1.safe_block && l1.safe_block->hash == told.safe) state.heads.safe = l1.safe_block;
  if (l1.finalized_block && l1.finalized_block->hash == told.finalized) {
    state.heads.finalized = l1.finalized_block;
  }
  if (state.reducer_version >= kL1MemoryVersion) {
    const commands::ForkchoiceState now =
        forkchoice_state(state, {state.heads.unsafe->number, told.head});
    l1.labels_due = now.safe != told.safe || now.finalized != told.finalized;
  } else {
    l1.labels_due = (l1.safe_block && l1.safe_block->hash != told.safe) ||
                    (l1.finalized_block && l1.finalized_block->hash != told.finalized);
  }
  l1.backoff = Backoff{};
  state.lane = LaneIdle{};
}

void on_done(Step& step, const Command& asked, const events::EngineResult& result) {
  const SettlePlan plan = plan_of(step.state);
  const bool is_written = std::holds_alternative<events::TableWritten>(result);
  const auto* read = std::get_if<events::CanonicalRead>(&result);
  const auto* batch = std::get_if<events::BatchFound>(&result);
  if (plan.step == SettleStep::kPointer && is_written && plan.is_rewind) {
    go(step, SettleStep::kReadBack, commands::ReadCanonical{plan.target.number});
  } else if (plan.step == SettleStep::kPointer && is_written) {
    go(step, SettleStep::kMapping,
       commands::SetBatchLastBlock{step.state.l1_chain.derivation->proposal.facts.id,
                                   plan.target.number});
  } else if (plan.step == SettleStep::kMapping && is_written) {
    go(step, SettleStep::kReadBack, commands::ReadCanonical{plan.target.number});
  } else if (plan.step == SettleStep::kReadBack && read != nullptr &&
             read->number == plan.target.number) {
    on_read_back(step, *read);
  } else if (plan.step == SettleStep::kReadMapping && batch != nullptr) {
    if (batch->last_block == plan.target.number) {
      finish_proposal(step);
    } else {
      defer_derivation(step, Reason::kReadBackDiffers, plan.target.number.value, false);
    }
  } else if (plan.step == SettleStep::kLabels &&
             std::holds_alternative<events::ForkchoiceAnswered>(result)) {
    const auto* told = std::get_if<commands::UpdateForkchoice>(&asked.body);
    PRECONF_ASSERT(told != nullptr);
    on_labels(step, told->state);
  } else {
    defer_derivation(step, Reason::kEngineUnexpected, static_cast<std::uint64_t>(plan.step), false);
  }
}

}  // namespace

void settle_proposal(Step& step) {
  State& state = step.state;
  L1State& l1 = state.l1_chain;
  if (!derivation_may_start(state) || l1.rewind_to) return;
  SettlePlan plan;
  if (l1.derivation && l1.derivation->is_complete) {
    plan.target = l1.derivation->parent->header.ref();
    plan.proposal_seen = l1.derivation->proposal.seen;
    plan.command = step.issue(commands::SetHeadL1Origin{plan.target.number});
  } else if (l1.labels_due && !l1.derivation && l1.pending.empty() && !state.engine_is_ahead) {
    plan.step = SettleStep::kLabels;
    plan.command =
        step.issue(commands::UpdateForkchoice{forkchoice_state(state, state.heads.unsafe->ref())});
  } else {
    return;
  }
  state.lane = std::move(plan);
}

void on_settle_answer(Step& step, const Command& asked, const events::EngineAnswered& answer) {
  if (is_obsolete(step.state, plan_of(step.state))) {
    step.state.lane = LaneIdle{};
    step.state.consistency_due = true;
    return;
  }
  const EngineOutcomeClass outcome = outcome_class_of(answer.result);
  const EngineAction action = action_for(method_of(asked.body), outcome);
  if (action == EngineAction::kDone) {
    on_done(step, asked, answer.result);
    return;
  }
  defer_derivation(step, reason_of(outcome), static_cast<std::uint64_t>(outcome),
                   action == EngineAction::kWedged);
}

}  // namespace preconf::core::effects
