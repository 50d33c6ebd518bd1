#include "core/effects/l1_verdicts.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/limits_l1.hpp"

namespace preconf::core::effects {
namespace {

enum class Landing { kHonoured, kContradicted, kUnknown };

/// Both sides pay for the comparison in the same terms: what the commitment states, and the list it
/// names by hash.
Landing landing_of(const State& state, const protocol::CommitmentFacts& promised,
                   const protocol::PayloadAttributes& derived) {
  const protocol::ExtraData7 extra_data =
      protocol::extra_data_of(state.chain.base_fee_sharing_pctg, promised.proposal_id);
  const bool header_is_equal =
      promised.timestamp == derived.timestamp && promised.coinbase == derived.fee_recipient &&
      promised.gas_limit == derived.gas_limit && extra_data == derived.extra_data;
  if (!header_is_equal) return Landing::kContradicted;
  const auto* list = state.txlists.facts_of(promised.raw_tx_list_hash);
  if (list == nullptr) return Landing::kUnknown;
  return list->rlp_hash == derived.tx_list_rlp_hash ? Landing::kHonoured : Landing::kContradicted;
}

void remember_contradicted(L1State& l1, const Hash32& preconf_hash) {
  if (l1.contradicted.size() == limits::kContradictedMax) {
    l1.contradicted.erase(l1.contradicted.begin());
  }
  l1.contradicted.push_back({preconf_hash, l1.derivation->proposal.landed.block_number});
}

bool is_promise(const Commitment& commitment) {
  return commitment.phase == Phase::kAdmitted || commitment.phase == Phase::kExecuted;
}

}  // namespace

bool is_contradicted(const State& state, const Hash32& preconf_hash) {
  return std::ranges::find(state.l1_chain.contradicted, preconf_hash,
                           &ContradictedPromise::preconf_hash) != state.l1_chain.contradicted.end();
}

void judge_promises(Step& step, const protocol::PayloadAttributes& derived) {
  State& state = step.state;
  Derivation& derivation = *state.l1_chain.derivation;
  if (derived.block_number <= derivation.judged) return;
  derivation.judged = derived.block_number;
  const auto& heights = state.book.by_height;
  for (auto it = heights.lower_bound(HeightKey{derived.block_number, CommitmentKey{}});
       it != heights.end() && it->number == derived.block_number; ++it) {
    const Commitment* commitment = state.book.find(it->key);
    PRECONF_ASSERT(commitment != nullptr);
    if (!is_promise(*commitment)) continue;
    const Landing landing = landing_of(state, commitment->facts, derived);
    if (landing == Landing::kUnknown) continue;
    const bool is_honoured = landing == Landing::kHonoured;
    step.decide(about(commitment->facts, is_honoured ? Verdict::kHonoured : Verdict::kContradicted,
                      Reason::kNone, commitment->received.value, derivation.proposal.facts.id.value,
                      derivation.proposal.landed.block_hash));
    if (is_honoured) continue;
    remember_contradicted(state.l1_chain, commitment->facts.preconf_hash);
    step.add_evidence(Evidence{EvidenceKind::kL1Contradicted, commitment->facts.signer,
                               commitment->facts.window_end, derived.block_number,
                               commitment->received, derivation.proposal.seen});
  }
}

void judge_what_did_not_land(Step& step, ProposalId id, BlockNumber last) {
  const State& state = step.state;
  const auto& heights = state.book.by_height;
  for (auto it = heights.lower_bound(HeightKey{next(last), CommitmentKey{}}); it != heights.end();
       ++it) {
    const Commitment* commitment = state.book.find(it->key);
    PRECONF_ASSERT(commitment != nullptr);
    if (!is_promise(*commitment) || commitment->facts.proposal_id > id) continue;
    step.decide(about(commitment->facts, Verdict::kNotLanded, Reason::kNone,
                      commitment->received.value, id.value, Hash32{}));
  }
}

}  // namespace preconf::core::effects
