#include "core/effects/safety_progression.hpp"

#include "core/base/assert.hpp"
#include "core/effects/apply_matching.hpp"
#include "core/effects/attributes_generation.hpp"
#include "core/effects/derivation_retry.hpp"
#include "core/effects/engine_verdict.hpp"
#include "core/effects/forkchoice.hpp"
#include "core/effects/head_moves.hpp"
#include "core/effects/l1_observation.hpp"
#include "core/effects/l1_verdicts.hpp"
#include "core/effects/safety_reversal.hpp"

namespace preconf::core::effects {
namespace {

using protocol::CanonicalMismatch;

constexpr std::uint32_t kRebuildsMax = 2;  ///< lost jobs before the plan backs off

DerivePlan& plan_of(State& state) {
  auto* plan = std::get_if<DerivePlan>(&state.lane);
  PRECONF_ASSERT(plan != nullptr);
  return *plan;
}

Derivation& derivation_of(State& state) {
  PRECONF_ASSERT(state.l1_chain.derivation.has_value());
  return *state.l1_chain.derivation;
}

void go(Step& step, DeriveStep next_step, CommandBody command) {
  DerivePlan& plan = plan_of(step.state);
  plan.step = next_step;
  plan.command = step.issue(std::move(command));
}

void defer_unexpected(Step& step) {
  const auto at = static_cast<std::uint64_t>(plan_of(step.state).step);
  defer_derivation(step, Reason::kEngineUnexpected, at, false);
}

void read_nonce(Step& step) {
  go(step, DeriveStep::kNonce,
     commands::ReadGoldenNonce{plan_of(step.state).attributes.parent_hash});
}

void assemble(Step& step, std::uint64_t nonce) {
  State& state = step.state;
  const Derivation& derivation = derivation_of(state);
  const DerivePlan& plan = plan_of(state);
  const codec::BlockManifest& block = next_block(derivation);
  commands::AssembleTxList command;
  const events::SourceFacts& source = derivation.sources[derivation.source];
  command.source.is_forced_inclusion = source.is_forced_inclusion;
  command.source.defect = source.defect;
  command.source.blob_defect = source.blob_defect;
  command.source.manifest_hash = source.manifest_hash;
  command.source.blobs = source.blobs;
  command.source.offset = source.offset;
  command.blocks_per_source_max = static_cast<std::uint32_t>(
      protocol::blocks_per_source_max(state.chain, derivation.proposal.landed.timestamp));
  command.transactions_offset = block.transactions_offset;
  command.transactions_bytes = block.transactions_bytes;
  command.anchor_nonce = nonce;
  command.base_fee_wei = plan.attributes.base_fee_wei;
  command.anchor_number = plan.anchor.block_number;
  command.anchor_hash = plan.anchor.block_hash;
  command.anchor_state_root = plan.anchor.state_root;
  go(step, DeriveStep::kAssemble, std::move(command));
}

void prepare(Step& step) {
  State& state = step.state;
  const DerivePlan& plan = plan_of(state);
  const Derivation& derivation = derivation_of(state);
  go(step, DeriveStep::kPrepare,
     commands::StartDerivedPayload{forkchoice_state(state, parent_of(plan.attributes)),
                                   plan.attributes, derivation.proposal.landed.block_number,
                                   derivation.proposal.landed.block_hash,
                                   derivation.sources[derivation.source].is_forced_inclusion});
}

void write_row(Step& step) {
  State& state = step.state;
  const DerivePlan& plan = plan_of(state);
  const Derivation& derivation = derivation_of(state);
  commands::WriteOrigin command;
  command.row.block_number = plan.block.number;
  command.row.l2_block_hash = plan.block.hash;
  command.row.l1_block_height = derivation.proposal.landed.block_number;
  command.row.l1_block_hash = derivation.proposal.landed.block_hash;
  command.row.build_payload_args_id = plan.attributes.payload_id;
  command.row.is_forced_inclusion = derivation.sources[derivation.source].is_forced_inclusion;
  command.signature = plan.signature;
  go(step, DeriveStep::kRow, std::move(command));
}

void on_compared(Step& step, const events::CanonicalRead& read) {
  State& state = step.state;
  DerivePlan& plan = plan_of(state);
  plan.mismatch = protocol::compare_with_canonical(plan.attributes, plan.anchor_tx_hash, read.block,
                                                   state.chain);
  judge_promises(step, plan.attributes);
  if (plan.mismatch != CanonicalMismatch::kNone) {
    prepare(step);
    return;
  }
  plan.block = read.block->header;
  plan.signature = read.signature.value_or(Signature65{});
  // The engine got further than we know, before a crash; or it serves what it has fetched and not
  // executed: then its answer to this head says so.
  const bool is_above = read.number > state.heads.unsafe->number;
  if (is_above && state.reducer_version >= kL1MemoryVersion) {
    go(step, DeriveStep::kAdopt,
       commands::UpdateForkchoice{forkchoice_state(state, plan.block.ref())});
    return;
  }
  write_row(step);
}

void on_taken(Step& step, const events::PayloadTaken& taken) {
  DerivePlan& plan = plan_of(step.state);
  if (!is_built_from(plan.attributes, taken.header)) {
    defer_unexpected(step);
    return;
  }
  plan.block = taken.header;
  plan.payload = taken.payload;
  go(step, DeriveStep::kInsert, commands::NewPayload{plan.payload, plan.block.hash});
}

void on_confirmed(Step& step, const events::CanonicalRead& read) {
  const DerivePlan& plan = plan_of(step.state);
  if (!read.block || read.block->header.hash != plan.block.hash) {
    defer_unexpected(step);
    return;
  }
  const UnixSeconds parent_time = derivation_of(step.state).parent->header.timestamp;
  adopt_head(step, read.block->header, parent_time, Reason::kDerivedFromL1);
  move_boundary(step, read.head_l1_origin);
  write_row(step);
}

void on_row_written(Step& step) {
  State& state = step.state;
  const DerivePlan plan = plan_of(state);
  Derivation& derivation = derivation_of(state);
  const bool is_kept = plan.mismatch == CanonicalMismatch::kNone;
  step.decide(Decision{is_kept ? Verdict::kDerivedKept : Verdict::kDerivedBuilt, Reason::kNone,
                       derivation.proposal.landed.block_hash, plan.block.number,
                       derivation.proposal.facts.id.value,
                       static_cast<std::uint64_t>(plan.mismatch), plan.block.hash});
  ++(is_kept ? derivation.kept : derivation.built);
  advance_derivation(derivation, plan.block);
  if (!is_kept || !is_anew(state)) state.l1_chain.backoff = Backoff{};
  state.lane = LaneIdle{};
}

/// A reorg took the proposal away while the command was under way.
bool is_obsolete(const State& state, const DerivePlan& plan) {
  const auto& derivation = state.l1_chain.derivation;
  return !derivation || derivation->proposal.seen != plan.proposal_seen || !derivation->parent ||
         derivation->parent->header.hash != plan.attributes.parent_hash;
}

void on_done(Step& step, const events::EngineResult& result) {
  DerivePlan& plan = plan_of(step.state);
  const auto* nonce = std::get_if<events::NonceRead>(&result);
  const auto* read = std::get_if<events::CanonicalRead>(&result);
  const bool right_block = read != nullptr && read->number == plan.attributes.block_number;
  const auto* forkchoice = std::get_if<events::ForkchoiceAnswered>(&result);
  const auto* taken = std::get_if<events::PayloadTaken>(&result);
  if (plan.step == DeriveStep::kNonce && nonce != nullptr) {
    assemble(step, nonce->nonce);
  } else if (plan.step == DeriveStep::kCompare && right_block) {
    on_compared(step, *read);
  } else if (plan.step == DeriveStep::kPrepare && forkchoice != nullptr && forkchoice->payload_id) {
    plan.job = *forkchoice->payload_id;
    go(step, DeriveStep::kTake, commands::GetPayload{plan.job, plan.attributes.timestamp});
  } else if (plan.step == DeriveStep::kTake && taken != nullptr) {
    on_taken(step, *taken);
  } else if (plan.step == DeriveStep::kInsert &&
             std::holds_alternative<events::PayloadJudged>(result)) {
    go(step, DeriveStep::kAdopt,
       commands::UpdateForkchoice{forkchoice_state(step.state, plan.block.ref())});
  } else if (plan.step == DeriveStep::kAdopt && forkchoice != nullptr) {
    go(step, DeriveStep::kConfirm, commands::ReadCanonical{plan.attributes.block_number});
  } else if (plan.step == DeriveStep::kConfirm && right_block) {
    on_confirmed(step, *read);
  } else if (plan.step == DeriveStep::kRow &&
             std::holds_alternative<events::TableWritten>(result)) {
    on_row_written(step);
  } else {
    defer_unexpected(step);
  }
}

void on_lost_job(Step& step) {
  DerivePlan& plan = plan_of(step.state);
  if (plan.rebuilds >= kRebuildsMax) {
    defer_derivation(step, Reason::kEngineLostJob, plan.rebuilds, false);
    return;
  }
  ++plan.rebuilds;
  prepare(step);
}

}  // namespace

void progress_safety(Step& step) {
  State& state = step.state;
  L1State& l1 = state.l1_chain;
  if (!derivation_may_start(state) || l1.rewind_to || !l1.derivation) return;
  const Derivation& derivation = *l1.derivation;
  if (!derivation.parent || derivation.sources.empty() || derivation.is_complete) return;
  const auto attributes = next_attributes(step);
  if (!attributes) return;
  DerivePlan plan;
  plan.started = step.event.seq;
  plan.proposal_seen = derivation.proposal.seen;
  plan.attributes = *attributes;
  plan.anchor.block_number = next_block(derivation).anchor_block_number;
  const L1Link* anchor = link_at(l1, plan.anchor.block_number);
  if (anchor != nullptr) {
    plan.anchor.block_hash = anchor->hash;
    plan.anchor.state_root = anchor->state_root;
  }
  state.lane = plan;
  if (anchor != nullptr) {
    read_nonce(step);
  } else {
    go(step, DeriveStep::kAnchor, commands::ReadL1Block{plan.anchor.block_number});
  }
}

void on_derive_answer(Step& step, const Command& asked, const events::EngineAnswered& answer) {
  if (is_obsolete(step.state, plan_of(step.state))) {
    step.state.lane = LaneIdle{};
    step.state.consistency_due = true;
    return;
  }
  const EngineOutcomeClass outcome = outcome_class_of(answer.result);
  const auto detail = static_cast<std::uint64_t>(outcome);
  switch (action_for(method_of(asked.body), outcome)) {
    case EngineAction::kDone:
      on_done(step, answer.result);
      return;
    case EngineAction::kRebuild:
      on_lost_job(step);
      return;
    case EngineAction::kReject:
      defer_derivation(step, Reason::kDerivedInvalid,
                       plan_of(step.state).attributes.block_number.value, true);
      return;
    case EngineAction::kRetry:
    case EngineAction::kProbe:
    case EngineAction::kReset:
      defer_derivation(step, reason_of(outcome), detail, false);
      return;
    case EngineAction::kWedged:
      defer_derivation(step, reason_of(outcome), detail, true);
      return;
  }
}

void on_derive_answer(Step& step, const events::L1Answered& answer) {
  State& state = step.state;
  if (is_obsolete(state, plan_of(state))) {
    state.lane = LaneIdle{};
    return;
  }
  DerivePlan& plan = plan_of(state);
  const auto* read = std::get_if<events::L1BlockRead>(&answer.result);
  const auto* assembled = std::get_if<events::TxListAssembled>(&answer.result);
  const auto* failed = std::get_if<events::L1Failed>(&answer.result);
  if (plan.step == DeriveStep::kAnchor && read != nullptr && read->hash &&
      read->number == plan.anchor.block_number) {
    plan.anchor.block_hash = *read->hash;
    plan.anchor.state_root = read->state_root;
    read_nonce(step);
  } else if (plan.step == DeriveStep::kAssemble && assembled != nullptr) {
    plan.attributes.tx_list_rlp_hash = assembled->rlp_hash;
    plan.attributes.tx_list_hash = assembled->rlp_hash;
    plan.attributes.payload_id = protocol::payload_id_of(plan.attributes);
    plan.anchor_tx_hash = assembled->anchor_tx_hash;
    go(step, DeriveStep::kCompare, commands::ReadCanonical{plan.attributes.block_number});
  } else if (failed != nullptr) {
    const bool is_lost = failed->kind == events::L1FailureKind::kContentMissing ||
                         failed->kind == events::L1FailureKind::kBlobMismatch;
    // The bytes are fetched with the sources: those have to be resolved again.
    if (is_lost && state.reducer_version >= kL1MemoryVersion) restart_derivation(state.l1_chain);
    defer_derivation(step, Reason::kL1Unavailable, static_cast<std::uint64_t>(failed->kind), false);
  } else if (read != nullptr) {
    defer_derivation(step, Reason::kAnchorUnknown, plan.anchor.block_number.value, false);
  } else {
    defer_derivation(step, Reason::kL1Malformed, static_cast<std::uint64_t>(plan.step), false);
  }
}

}  // namespace preconf::core::effects
