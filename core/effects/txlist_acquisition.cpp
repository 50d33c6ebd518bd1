#include "core/effects/txlist_acquisition.hpp"

#include <vector>

#include "core/base/assert.hpp"
#include "core/effects/commitment_admission.hpp"
#include "core/effects/commitment_rules.hpp"

namespace preconf::core::effects {
namespace {

Decision about_list(const protocol::TxListFacts& facts, Verdict verdict, Reason reason,
                    std::uint64_t a = 0) {
  return Decision{verdict, reason, facts.hash, BlockNumber{0}, a, 0, facts.rlp_hash};
}

}  // namespace

void accept_txlist(Step& step, const events::TxListReceived& received) {
  const protocol::TxListFacts& facts = received.facts;
  if (facts.defect == protocol::TxListDefect::kCompressedTooLarge) {
    step.decide(about_list(facts, Verdict::kTxListRejected, Reason::kTxListUndecodable,
                           static_cast<std::uint64_t>(facts.defect)));
    return;
  }
  const bool is_new = step.state.txlists.arrive(facts, step.event.seq);
  if (facts.defect != protocol::TxListDefect::kNone) {
    // Also when it is offered again: a list that can never be used is no success for its sender.
    step.decide(about_list(facts, Verdict::kTxListRejected, Reason::kTxListUndecodable,
                           static_cast<std::uint64_t>(facts.defect)));
  } else if (is_new) {
    step.decide(about_list(facts, Verdict::kTxListAccepted, Reason::kNone, facts.transactions));
  } else {
    step.decide(about_list(facts, Verdict::kDuplicate, Reason::kTxListDuplicate));
  }
  if (!is_new) return;
  const auto entry = step.state.txlists.lists.find(facts.hash);
  if (entry == step.state.txlists.lists.end()) return;
  const std::vector<CommitmentKey> referrers(entry->second.referrers.begin(),
                                             entry->second.referrers.end());
  for (const CommitmentKey& key : referrers) {
    if (step.state.book.find(key) != nullptr) judge_list_of(step, key);
  }
}

void judge_list_of(Step& step, const CommitmentKey& key) {
  const Commitment* commitment = step.state.book.find(key);
  PRECONF_ASSERT(commitment != nullptr);
  if (commitment->phase != Phase::kAdmitted || commitment->facts.eop_only()) return;
  const auto* list = step.state.txlists.facts_of(commitment->facts.raw_tx_list_hash);
  if (list == nullptr) return;
  const TxListJudgement judgement = judge_txlist(step.state.chain, commitment->facts, *list);
  if (judgement.reason == Reason::kNone) return;
  const bool undecodable = judgement.reason == Reason::kTxListUndecodable;
  step.add_evidence(Evidence{
      undecodable ? EvidenceKind::kTxListUndecodable : EvidenceKind::kAnchorInvalid,
      commitment->facts.signer, commitment->facts.window_end, commitment->facts.block_number,
      commitment->received, step.state.txlists.lists.at(list->hash).received});
  invalidate(step, key, judgement.reason, judgement.a, judgement.b);
}

}  // namespace preconf::core::effects
