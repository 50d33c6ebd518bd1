#include "core/effects/finality_progression.hpp"

#include "core/effects/l1_verdicts.hpp"
#include "core/limits_l1.hpp"

namespace preconf::core::effects {
namespace {

/// Final proposals that stay: the engine may come back with an older state.
constexpr std::size_t kFinalKept = 128;

}  // namespace

void progress_finality(Step& step) {
  L1State& l1 = step.state.l1_chain;
  if (!l1.finalized) return;
  std::size_t final_count = 0;
  while (final_count < l1.derived.size() &&
         l1.derived[final_count].proposal.landed.block_number <= l1.finalized->number) {
    ++final_count;
  }
  if (final_count == 0) return;
  const DerivedProposal& newest = l1.derived[final_count - 1];
  const BlockNumber before = l1.finalized_block ? l1.finalized_block->number : BlockNumber{0};
  if (!l1.finalized_block || newest.last_block.number > before) {
    l1.finalized_block = newest.last_block;
    l1.labels_due = true;
    step.decide(Decision{Verdict::kFinalizedMoved, Reason::kNone, Hash32{},
                         newest.last_block.number, newest.proposal.facts.id.value, before.value,
                         newest.last_block.hash});
    forget_judged_promises(step.state, newest.last_block.number);
  }
  std::size_t excess = final_count > kFinalKept ? final_count - kFinalKept : 0;
  if (l1.derived.size() - excess > limits::kProposalsDerivedMax) {
    excess = l1.derived.size() - limits::kProposalsDerivedMax;
  }
  l1.derived.erase(l1.derived.begin(), l1.derived.begin() + static_cast<std::ptrdiff_t>(excess));
}

}  // namespace preconf::core::effects
