#include "core/effects/resume_point.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/effects/derivation_retry.hpp"
#include "core/effects/engine_verdict.hpp"
#include "core/effects/head_moves.hpp"
#include "core/protocol/derivation_rules.hpp"

namespace preconf::core::effects {
namespace {

/// How far below the proposal's L1 block the scan begins: L1 may have reorged it while we did not
/// look. Two epochs, after which L1 is final.
constexpr std::uint64_t kScanMargin = 96;

ResumePlan& plan_of(State& state) {
  auto* plan = std::get_if<ResumePlan>(&state.lane);
  PRECONF_ASSERT(plan != nullptr);
  return *plan;
}

void begin_scan_at(Step& step, L1BlockNumber block, ProposalId first) {
  L1State& l1 = step.state.l1_chain;
  l1.start = ScanStart{block, first};
  l1.backoff = Backoff{};
  step.state.lane = LaneIdle{};
  step.decide(Decision{Verdict::kScanStartFound, Reason::kNone, Hash32{},
                       confirmed_boundary(step.state), block.value, first.value, Hash32{}});
}

void start(Step& step, ResumeStep first, Seq proposal_seen, CommandBody command) {
  ResumePlan plan;
  plan.step = first;
  plan.proposal_seen = proposal_seen;
  plan.command = step.issue(std::move(command));
  step.state.lane = std::move(plan);
}

/// From this reducer version on; before it the scan waited at a pointer above the head.
constexpr std::uint32_t kLostBlocksVersion = 5;

void find_scan_start(Step& step) {
  const State& state = step.state;
  BlockNumber origin = confirmed_boundary(state);
  // A pointer above the head is left from an engine that lost blocks: what it still has below the
  // pointer comes from L1, too.
  if (state.reducer_version >= kLostBlocksVersion) {
    origin = std::min(origin, state.heads.unsafe->number);
  }
  if (origin.value != 0) {
    start(step, ResumeStep::kOrigin, Seq{}, commands::ReadCanonical{origin});
  } else if (state.heads.unsafe->number.value == 0 || state.heads.head_l1_origin) {
    begin_scan_at(step, L1BlockNumber{0}, ProposalId{1});
  } else {
    defer_derivation(step, Reason::kResumeUnknown, state.heads.unsafe->number.value, true);
  }
}

void find_parent(Step& step) {
  const L1State& l1 = step.state.l1_chain;
  const ObservedProposal& proposal = l1.derivation->proposal;
  if (!l1.derived.empty()) {
    start(step, ResumeStep::kParent, proposal.seen,
          commands::ReadCanonical{l1.derived.back().last_block.number});
  } else if (proposal.facts.id == ProposalId{1}) {
    start(step, ResumeStep::kParent, proposal.seen, commands::ReadCanonical{BlockNumber{0}});
  } else {
    start(step, ResumeStep::kBatch, proposal.seen,
          commands::LookupBatch{ProposalId{proposal.facts.id.value - 1}});
  }
}

void on_origin(Step& step, const events::CanonicalRead& read) {
  constexpr std::size_t kIdBegin = 1;
  constexpr std::size_t kIdEnd = 7;
  move_boundary(step, read.head_l1_origin);
  const bool has_id = read.block && read.block->header.extra_data.size() >= kIdEnd;
  if (!has_id) {
    defer_derivation(step, Reason::kResumeUnknown, read.number.value, true);
    return;
  }
  std::uint64_t id = 0;
  for (std::size_t i = kIdBegin; i < kIdEnd; ++i) {
    id = (id << 8) | read.block->header.extra_data[i];
  }
  const auto& row = read.block->origin;
  const bool row_is_its = row && row->l2_block_hash == read.block->header.hash;
  const std::uint64_t landed = row_is_its ? row->l1_block_height.value : 0;
  if (id == 0) {
    defer_derivation(step, Reason::kResumeUnknown, read.number.value, true);
    return;
  }
  begin_scan_at(step, L1BlockNumber{landed > kScanMargin ? landed - kScanMargin : 0},
                ProposalId{id});
}

void on_parent(Step& step, const events::CanonicalRead& read) {
  State& state = step.state;
  L1State& l1 = state.l1_chain;
  if (!read.block || read.block->header.number != read.number) {
    defer_derivation(step, Reason::kBatchUnknown, read.number.value, false);
    return;
  }
  ResumePlan& plan = plan_of(state);
  plan.parent = read.block->header;
  if (!l1.derived.empty() && l1.derived.back().last_block.hash != plan.parent.hash) {
    // Another block stands where ours ended: its proposal is derived again.
    l1.pending.insert(l1.pending.begin(), std::move(l1.derivation->proposal));
    l1.pending.insert(l1.pending.begin(), std::move(l1.derived.back().proposal));
    l1.derivation.reset();
    l1.derived.pop_back();
    defer_derivation(step, Reason::kReadBackDiffers, read.number.value, false);
    return;
  }
  if (plan.parent.number.value == 0) {
    plan.before = plan.parent.timestamp;
    plan.step = ResumeStep::kAnchor;
    plan.command = step.issue(commands::ReadAnchorState{plan.parent.hash, false});
    return;
  }
  plan.step = ResumeStep::kBefore;
  plan.command = step.issue(commands::ReadBlock{BlockNumber{plan.parent.number.value - 1}});
}

void on_before(Step& step, const events::BlockRead& read) {
  ResumePlan& plan = plan_of(step.state);
  if (!read.block || read.block->hash != plan.parent.parent_hash) {
    defer_derivation(step, Reason::kEngineUnexpected, read.number.value, false);
    return;
  }
  plan.before = read.block->timestamp;
  plan.step = ResumeStep::kAnchor;
  plan.command = step.issue(commands::ReadAnchorState{
      plan.parent.hash, protocol::anchor_in_parent_transaction(
                            step.state.chain, step.state.l1_chain.derivation->proposal.facts.id)});
}

void on_anchor(Step& step, const events::AnchorStateRead& read) {
  L1State& l1 = step.state.l1_chain;
  const ResumePlan plan = plan_of(step.state);
  if (!read.anchor) {
    defer_derivation(step, Reason::kAnchorUnknown, plan.parent.number.value, false);
    return;
  }
  l1.derivation->parent = protocol::DerivationParent{
      plan.parent, distance(plan.before, plan.parent.timestamp), *read.anchor};
  l1.derivation->first_parent = plan.parent.ref();
  l1.backoff = Backoff{};
  step.state.lane = LaneIdle{};
}

/// A reorg took the proposal away whose parent was sought.
bool is_obsolete(const State& state, const ResumePlan& plan) {
  if (plan.proposal_seen == Seq{}) return state.l1_chain.start.has_value();
  const auto& derivation = state.l1_chain.derivation;
  return !derivation || derivation->proposal.seen != plan.proposal_seen ||
         derivation->parent.has_value();
}

void on_result(Step& step, const events::EngineResult& result) {
  const ResumeStep at = plan_of(step.state).step;
  const auto* canonical = std::get_if<events::CanonicalRead>(&result);
  const auto* block = std::get_if<events::BlockRead>(&result);
  const auto* batch = std::get_if<events::BatchFound>(&result);
  const auto* anchor = std::get_if<events::AnchorStateRead>(&result);
  if (at == ResumeStep::kOrigin && canonical != nullptr) {
    on_origin(step, *canonical);
  } else if (at == ResumeStep::kBatch && batch != nullptr) {
    if (!batch->last_block) {
      defer_derivation(step, Reason::kBatchUnknown,
                       step.state.l1_chain.derivation->proposal.facts.id.value - 1, false);
      return;
    }
    ResumePlan& plan = plan_of(step.state);
    plan.step = ResumeStep::kParent;
    plan.command = step.issue(commands::ReadCanonical{*batch->last_block});
  } else if (at == ResumeStep::kParent && canonical != nullptr) {
    on_parent(step, *canonical);
  } else if (at == ResumeStep::kBefore && block != nullptr) {
    on_before(step, *block);
  } else if (at == ResumeStep::kAnchor && anchor != nullptr) {
    on_anchor(step, *anchor);
  } else {
    defer_derivation(step, Reason::kEngineUnexpected, static_cast<std::uint64_t>(at), false);
  }
}

}  // namespace

void find_resume_point(Step& step) {
  const State& state = step.state;
  if (!derivation_may_start(state) || state.l1_chain.rewind_to) return;
  if (!state.l1_chain.start) {
    find_scan_start(step);
  } else if (state.l1_chain.derivation && !state.l1_chain.derivation->parent) {
    find_parent(step);
  }
}

void on_resume_answer(Step& step, const Command& asked, const events::EngineAnswered& answer) {
  if (is_obsolete(step.state, plan_of(step.state))) {
    step.state.lane = LaneIdle{};
    return;
  }
  const EngineOutcomeClass outcome = outcome_class_of(answer.result);
  const EngineAction action = action_for(method_of(asked.body), outcome);
  if (action == EngineAction::kDone) {
    on_result(step, answer.result);
    return;
  }
  defer_derivation(step, reason_of(outcome), static_cast<std::uint64_t>(outcome),
                   action == EngineAction::kWedged);
}

}  // namespace preconf::core::effects
