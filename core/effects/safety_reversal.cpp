#include "core/effects/safety_reversal.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "core/effects/derivation_retry.hpp"
#include "core/effects/l1_observation.hpp"
#include "core/effects/l1_verdicts.hpp"

namespace preconf::core::effects {
namespace {

void decide_undone(Step& step, const ObservedProposal& proposal) {
  step.decide(Decision{Verdict::kProposalUndone, Reason::kNone, Hash32{}, BlockNumber{0},
                       proposal.facts.id.value, proposal.landed.block_number.value,
                       proposal.landed.block_hash});
  if (step.state.reducer_version < kL1MemoryVersion) return;
  // It proves nothing any more, and would keep what L1 says next from being recorded.
  std::erase_if(step.state.evidence, [&proposal](const Evidence& evidence) {
    return evidence.kind == EvidenceKind::kL1Contradicted && evidence.second == proposal.seen;
  });
}

bool engine_has(const BlockRef& block, BlockNumber latest,
                const std::optional<BlockNumber>& head_l1_origin) {
  if (block.number.value == 0) return true;
  return block.number <= latest && head_l1_origin && block.number <= *head_l1_origin;
}

/// Height below which the engine has lost what the first proposal of the scan stands on, although
/// nothing was derived on it yet. Where derivation resumed it is not known, but not genesis.
BlockNumber height_of_start(const State& state) {
  const auto& start = state.l1_chain.start;
  const auto& checkpoint = state.checkpoint;
  if (start && start->first_proposal == ProposalId{1}) return BlockNumber{0};
  if (start && checkpoint && start->first_proposal == next(checkpoint->proposal)) {
    return checkpoint->block.number;
  }
  return BlockNumber{start || state.resume_from ? std::uint64_t{1} : 0};
}

/// The engine went back behind everything that is remembered: find where to begin.
void begin_anew(Step& step) {
  scan_anew(step.state);
  if (step.state.reducer_version >= kL1MemoryVersion) step.state.resume_from.reset();
}

}  // namespace

void take_back_safe_block(Step& step, const BlockRef& now) {
  L1State& l1 = step.state.l1_chain;
  const std::uint64_t before = l1.safe_block ? l1.safe_block->number.value : 0;
  const std::uint64_t proposal = l1.derived.empty() ? 0 : l1.derived.back().proposal.facts.id.value;
  l1.safe_block = now;
  l1.tip.reset();
  l1.labels_due = true;
  step.decide(Decision{Verdict::kSafeMoved, Reason::kNone, Hash32{}, now.number, proposal, before,
                       now.hash});
}

void restart_derivation(L1State& l1) {
  if (!l1.derivation) return;
  l1.pending.insert(l1.pending.begin(), std::move(l1.derivation->proposal));
  l1.derivation.reset();
}

void undo_proposals_above(Step& step, L1BlockNumber kept) {
  L1State& l1 = step.state.l1_chain;
  const auto is_gone = [kept](const ObservedProposal& proposal) {
    return proposal.landed.block_number > kept;
  };
  // The engine may have moved its pointer for blocks of whatever goes, also in an earlier attempt
  // that is forgotten: so it is set back whenever anything goes.
  std::optional<BlockRef> end;
  const auto& checkpoint = step.state.checkpoint;
  if (l1.start && l1.start->first_proposal == ProposalId{1}) end = BlockRef{};
  if (l1.start && checkpoint && l1.start->first_proposal == next(checkpoint->proposal)) {
    end = checkpoint->block;
  }
  bool is_any_gone = false;
  while (!l1.pending.empty() && is_gone(l1.pending.back())) {
    decide_undone(step, l1.pending.back());
    l1.pending.pop_back();
    is_any_gone = true;
  }
  if (l1.derivation && is_gone(l1.derivation->proposal)) {
    decide_undone(step, l1.derivation->proposal);
    if (l1.derivation->parent) end = l1.derivation->first_parent;
    l1.derivation.reset();
    l1.blocked.reset();
    is_any_gone = true;
  }
  bool is_safe_gone = false;
  while (!l1.derived.empty() && is_gone(l1.derived.back().proposal)) {
    decide_undone(step, l1.derived.back().proposal);
    end = l1.derived.back().parent;
    l1.derived.pop_back();
    is_safe_gone = true;
  }
  take_back_judgements(step, kept);
  if (!l1.derived.empty()) end = l1.derived.back().last_block;
  if ((!is_any_gone && !is_safe_gone) || !end) return;
  if (!l1.derivation) l1.rewind_to = end;
  if (is_safe_gone) take_back_safe_block(step, *end);
}

void reconcile_with_engine(Step& step, BlockNumber latest,
                           const std::optional<BlockNumber>& head_l1_origin) {
  L1State& l1 = step.state.l1_chain;
  if (!follows_l1(step.state)) return;
  const bool parent_is_lost =
      (l1.tip && l1.tip->header.number > latest) ||
      (l1.derivation && l1.derivation->parent && l1.derivation->parent->header.number > latest);
  if (parent_is_lost) derive_anew(l1);
  if (l1.rewind_to && l1.rewind_to->number <= latest) return;  // the pointer comes first
  const bool target_is_lost = l1.rewind_to.has_value();
  if (l1.derived.empty() && !target_is_lost) {
    const bool is_start_lost = step.state.reducer_version >= kL1MemoryVersion &&
                               latest < height_of_start(step.state);
    if (!is_start_lost) return;
    step.decide(Decision{Verdict::kOutOfStep, Reason::kL1EngineBehind, Hash32{},
                         height_of_start(step.state), 0,
                         head_l1_origin.value_or(BlockNumber{0}).value, Hash32{}});
    begin_anew(step);
    return;
  }
  if (!target_is_lost && engine_has(l1.derived.back().last_block, latest, head_l1_origin)) return;
  BlockRef back = l1.rewind_to.value_or(BlockRef{});
  l1.rewind_to.reset();
  restart_derivation(l1);
  std::size_t kept = l1.derived.size();
  while (kept > 0 && !engine_has(l1.derived[kept - 1].last_block, latest, head_l1_origin)) --kept;
  std::vector<ObservedProposal> lost;
  for (std::size_t i = kept; i < l1.derived.size(); ++i) {
    lost.push_back(std::move(l1.derived[i].proposal));
  }
  if (kept < l1.derived.size()) back = l1.derived[kept].parent;
  l1.derived.resize(kept);
  l1.pending.insert(l1.pending.begin(), std::make_move_iterator(lost.begin()),
                    std::make_move_iterator(lost.end()));
  const std::uint64_t first = l1.pending.empty() ? 0 : l1.pending.front().facts.id.value;
  const bool is_lost = l1.derived.empty() && !engine_has(back, latest, head_l1_origin);
  step.decide(Decision{Verdict::kOutOfStep, Reason::kL1EngineBehind, Hash32{}, back.number,
                       is_lost ? 0 : first, head_l1_origin.value_or(BlockNumber{0}).value,
                       back.hash});
  if (is_lost) {
    begin_anew(step);
    return;
  }
  take_back_safe_block(step, back);
}

void scan_anew(State& state) {
  L1State& l1 = state.l1_chain;
  l1.start.reset();
  l1.links.clear();
  l1.pending.clear();
  l1.tip.reset();
  l1.safe_block.reset();
  l1.is_live = false;
  protocol::undo_above(l1.schedule, L1BlockNumber{0});
  if (state.reducer_version < kL1MemoryVersion) return;
  l1.derivation.reset();
  l1.blocked.reset();
  judge_all_again(state);
}

void compare_labels(State& state) {
  if (state.reducer_version < kL1MemoryVersion || !follows_l1(state)) return;
  L1State& l1 = state.l1_chain;
  const auto is_untold = [](const std::optional<BlockRef>& ours,
                            const std::optional<BlockRef>& theirs) {
    return ours && (!theirs || theirs->hash != ours->hash);
  };
  if (is_untold(l1.safe_block, state.heads.safe) ||
      is_untold(l1.finalized_block, state.heads.finalized)) {
    l1.labels_due = true;
  }
}

void forget_l1_command(State& state, const CommandId& command) {
  if (state.l1_chain.resolving == command) {
    state.l1_chain.resolving.reset();
  } else {
    state.lane = LaneIdle{};
  }
}

void rewind_head_origin(Step& step) {
  State& state = step.state;
  L1State& l1 = state.l1_chain;
  if (!l1.rewind_to || !derivation_may_start(state)) return;
  SettlePlan plan;
  plan.is_rewind = true;
  plan.target = *l1.rewind_to;
  plan.command = step.issue(commands::SetHeadL1Origin{plan.target.number});
  step.decide(Decision{Verdict::kRewindStarted, Reason::kNone, Hash32{}, plan.target.number,
                       plan.target.number.value, confirmed_boundary(state).value,
                       plan.target.hash});
  state.lane = std::move(plan);
}

}  // namespace preconf::core::effects
