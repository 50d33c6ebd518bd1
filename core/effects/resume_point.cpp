#include "core/effects/resume_point.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/effects/derivation_retry.hpp"
#include "core/effects/engine_verdict.hpp"
#include "core/effects/head_moves.hpp"
#include "core/effects/l1_observation.hpp"
#include "core/effects/safety_reversal.hpp"
#include "core/protocol/derivation_rules.hpp"
#include "core/protocol/extra_data.hpp"

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

constexpr std::uint64_t kProposalIdsMax = std::uint64_t{1} << 48;

/// From this reducer version on; before it the scan waited at a pointer above the head.
constexpr std::uint32_t kLostBlocksVersion = 5;

void find_scan_start(Step& step) {
  const State& state = step.state;
  if (state.resume_from && state.resume_from->value != 0) {
    start(step, ResumeStep::kBatch, Seq{}, commands::LookupBatch{*state.resume_from});
    return;
  }
  if (state.resume_from) {
    begin_scan_at(step, L1BlockNumber{0}, ProposalId{1});
    return;
  }
  BlockNumber origin = confirmed_boundary(state);
  // A pointer above the head is left from an engine that lost blocks: what it still has below the
  // pointer comes from L1, too.
  if (state.reducer_version >= kLostBlocksVersion) {
    origin = std::min(origin, state.heads.unsafe->number);
  }
  if (origin.value != 0) {
    start(step, ResumeStep::kOrigin, Seq{}, commands::ReadCanonical{origin});
  } else if (state.checkpoint && !state.heads.head_l1_origin) {
    start(step, ResumeStep::kOrigin, Seq{},
          commands::ReadCanonical{state.checkpoint->block.number});
  } else if (state.heads.unsafe->number.value == 0 || state.heads.head_l1_origin) {
    begin_scan_at(step, L1BlockNumber{0}, ProposalId{1});
  } else {
    defer_derivation(step, Reason::kResumeUnknown, state.heads.unsafe->number.value, true);
  }
}

/// The proposal in derivation is the first one above the checkpoint. The engine's batch mapping
/// does not know the one before: it came by the engine's own sync.
bool is_above_checkpoint(const State& state) {
  return state.checkpoint && state.l1_chain.derived.empty() &&
         state.l1_chain.derivation->proposal.facts.id == next(state.checkpoint->proposal);
}

void find_parent(Step& step) {
  const L1State& l1 = step.state.l1_chain;
  const ObservedProposal& proposal = l1.derivation->proposal;
  if (!l1.derived.empty()) {
    start(step, ResumeStep::kParent, proposal.seen,
          commands::ReadCanonical{l1.derived.back().last_block.number});
  } else if (is_above_checkpoint(step.state)) {
    start(step, ResumeStep::kParent, proposal.seen,
          commands::ReadCanonical{step.state.checkpoint->block.number});
  } else if (proposal.facts.id == ProposalId{1}) {
    start(step, ResumeStep::kParent, proposal.seen, commands::ReadCanonical{BlockNumber{0}});
  } else {
    start(step, ResumeStep::kBatch, proposal.seen,
          commands::LookupBatch{ProposalId{proposal.facts.id.value - 1}});
  }
}

/// The engine was asked for the checkpoint, because it has no pointer.
void begin_at_checkpoint(Step& step, const events::CanonicalRead& read) {
  const events::CheckpointReached& checkpoint = *step.state.checkpoint;
  if (!read.block || read.block->header.hash != checkpoint.block.hash) {
    defer_derivation(step, Reason::kCheckpointLost, read.number.value, true);
    return;
  }
  begin_scan_at(step, checkpoint.anchor, next(checkpoint.proposal));
}

void on_origin(Step& step, const events::CanonicalRead& read) {
  move_boundary(step, read.head_l1_origin);
  const auto& checkpoint = step.state.checkpoint;
  if (checkpoint && !read.head_l1_origin && read.number == checkpoint->block.number) {
    begin_at_checkpoint(step, read);
    return;
  }
  const auto id = read.block ? protocol::proposal_in(read.block->header.extra_data) : std::nullopt;
  if (!id || id->value == 0) {
    defer_derivation(step, Reason::kResumeUnknown, read.number.value, true);
    return;
  }
  const auto& row = read.block->origin;
  const bool row_is_its = row && row->l2_block_hash == read.block->header.hash;
  const std::uint64_t landed = row_is_its ? row->l1_block_height.value : 0;
  begin_scan_at(step, L1BlockNumber{landed > kScanMargin ? landed - kScanMargin : 0}, *id);
}

/// What the node begins above counts as confirmed only because the engine says so, and L1 may have
/// taken it back while nobody looked. Yes, no, or nothing yet.
enum class Confirmed { kYes, kNo, kUnknown };

Confirmed is_confirmed(const L1State& l1, const protocol::CanonicalBlockFacts& parent) {
  const auto& row = parent.origin;
  const bool is_its_row =
      row && row->l2_block_hash == parent.header.hash && row->l1_block_height.value != 0;
  if (!is_its_row) {
    // Blocks that came by the engine's own sync have no rows. Then L1's finality has to do.
    const bool is_final =
        l1.finalized && l1.derivation->proposal.landed.block_number <= l1.finalized->number;
    return is_final ? Confirmed::kYes : Confirmed::kUnknown;
  }
  if (row->l1_block_height < l1.links.front().number) return Confirmed::kYes;  // deep: kScanMargin
  if (row->l1_block_height > l1.links.back().number) return Confirmed::kUnknown;
  const L1Link* link = link_at(l1, row->l1_block_height);
  // A block with a proposal is never skipped, so none there is another one there.
  return link != nullptr && link->hash == row->l1_block_hash ? Confirmed::kYes : Confirmed::kNo;
}

/// The proposal before the first one is not what L1 has: so that one comes first.
void resume_one_lower(Step& step, BlockNumber at) {
  State& state = step.state;
  const ProposalId before{state.l1_chain.start->first_proposal.value - 1};
  step.decide(Decision{Verdict::kOutOfStep, Reason::kResumeStale, Hash32{}, at, before.value,
                       confirmed_boundary(state).value, Hash32{}});
  state.lane = LaneIdle{};
  state.resume_from = before;
  scan_anew(state);
}

/// False: the parent is not what L1 confirmed, or that is not known yet.
bool check_first_parent(Step& step, const protocol::CanonicalBlockFacts& parent) {
  const State& state = step.state;
  const bool is_known_to_be = state.reducer_version < kL1MemoryVersion ||
                              !state.l1_chain.derived.empty() || parent.header.number.value == 0 ||
                              is_above_checkpoint(state);
  if (is_known_to_be) return true;
  const Confirmed confirmed = is_confirmed(state.l1_chain, parent);
  if (confirmed == Confirmed::kNo) resume_one_lower(step, parent.header.number);
  if (confirmed == Confirmed::kUnknown) {
    defer_derivation(step, Reason::kResumeStale, parent.header.number.value, false);
  }
  return confirmed == Confirmed::kYes;
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
  if (is_above_checkpoint(state) && plan.parent.hash != state.checkpoint->block.hash) {
    defer_derivation(step, Reason::kCheckpointLost, read.number.value, true);
    return;
  }
  if (!check_first_parent(step, *read.block)) return;
  if (!l1.derived.empty() && l1.derived.back().last_block.hash != plan.parent.hash) {
    // Another block stands where ours ended: its proposal is derived again.
    l1.pending.insert(l1.pending.begin(), std::move(l1.derivation->proposal));
    l1.pending.insert(l1.pending.begin(), std::move(l1.derived.back().proposal));
    l1.derivation.reset();
    const BlockRef below = l1.derived.back().parent;
    l1.derived.pop_back();
    if (state.reducer_version >= kL1MemoryVersion) take_back_safe_block(step, below);
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
  if (!is_anew(step.state)) l1.backoff = Backoff{};
  step.state.lane = LaneIdle{};
}

/// The last block of the proposal that the scan is to begin at, or that a parent is sought in.
void on_batch(Step& step, const events::BatchFound& found) {
  const State& state = step.state;
  ResumePlan& plan = plan_of(step.state);
  const bool is_for_scan = plan.proposal_seen == Seq{};
  if (!found.last_block) {
    const std::uint64_t id = is_for_scan ? state.resume_from->value
                                         : state.l1_chain.derivation->proposal.facts.id.value - 1;
    defer_derivation(step, Reason::kBatchUnknown, id, false);
    return;
  }
  plan.step = is_for_scan ? ResumeStep::kOrigin : ResumeStep::kParent;
  plan.command = step.issue(commands::ReadCanonical{*found.last_block});
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
    on_batch(step, *batch);
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

bool first_proposal_is_missing(const State& state) {
  const L1State& l1 = state.l1_chain;
  if (state.reducer_version < kL1MemoryVersion || !l1.start) return false;
  const bool is_any_there = !l1.pending.empty() || l1.derivation || !l1.derived.empty();
  const ProposalId first = l1.start->first_proposal;
  const bool is_above_checkpoint = state.checkpoint && first == next(state.checkpoint->proposal);
  return !is_any_there && first.value > 1 && !is_above_checkpoint;
}

void take_checkpoint(Step& step, const events::CheckpointReached& reached) {
  State& state = step.state;
  const bool is_of_use = state.reducer_version >= kL1MemoryVersion && follows_l1(state) &&
                         !state.l1_chain.start && reached.block.number.value != 0 &&
                         reached.proposal.value < kProposalIdsMax;
  if (!is_of_use) {
    step.decide(Decision{Verdict::kIgnored, Reason::kCheckpointLate, Hash32{}, reached.block.number,
                         reached.proposal.value, 0, reached.block.hash});
    return;
  }
  state.checkpoint = reached;
  step.decide(Decision{Verdict::kCheckpointTaken, Reason::kNone, Hash32{}, reached.block.number,
                       reached.proposal.value, reached.proven.number.value, reached.block.hash});
}

void find_resume_point(Step& step) {
  const State& state = step.state;
  if (!derivation_may_start(state) || state.l1_chain.rewind_to) return;
  if (state.l1_chain.is_live && first_proposal_is_missing(state)) {
    resume_one_lower(step, confirmed_boundary(state));
  }
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
