#include "core/effects/l1_verdicts.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/base/assert.hpp"
#include "core/limits_l1.hpp"

namespace preconf::core::effects {
namespace {

enum class Landing { kHonoured, kContradicted, kUnknown };

std::optional<Hash32> list_rlp_hash(const State& state, const Hash32& list) {
  const auto* facts = state.txlists.facts_of(list);
  return facts != nullptr ? std::optional(facts->rlp_hash) : std::nullopt;
}

/// Both sides pay for the comparison in the same terms: what the commitment states, and the list it
/// names by hash.
Landing landing_of(const State& state, const JudgedPromise& promise,
                   const protocol::PayloadAttributes& derived) {
  const protocol::CommitmentFacts& promised = promise.facts;
  const protocol::ExtraData7 extra_data =
      protocol::extra_data_of(state.chain.base_fee_sharing_pctg, promised.proposal_id);
  const bool header_is_equal =
      promised.timestamp == derived.timestamp && promised.coinbase == derived.fee_recipient &&
      promised.gas_limit == derived.gas_limit && extra_data == derived.extra_data;
  if (!header_is_equal) return Landing::kContradicted;
  if (!promise.list_rlp_hash) return Landing::kUnknown;
  return *promise.list_rlp_hash == derived.tx_list_rlp_hash ? Landing::kHonoured
                                                            : Landing::kContradicted;
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

bool remembers_promises(const State& state) { return state.reducer_version >= kL1MemoryVersion; }

JudgedPromise promise_of(const State& state, const Commitment& commitment) {
  return {commitment.facts, commitment.received,
          list_rlp_hash(state, commitment.facts.raw_tx_list_hash), std::nullopt, std::nullopt};
}

JudgedPromise& remembered(State& state, const Commitment& commitment) {
  auto& promises = state.judged_promises;
  const HeightKey key{commitment.facts.block_number, commitment.key()};
  const auto found = promises.find(key);
  if (found != promises.end()) return found->second;
  // The lowest is the nearest to being final. Never the new one: it may be lower still.
  if (promises.size() == limits::kJudgedPromisesMax) promises.erase(promises.begin());
  return promises.emplace(key, promise_of(state, commitment)).first->second;
}

/// Calls `visit` with every promise that is held from `first` to `last`.
template <class Visit>
void each_held_promise(const State& state, BlockNumber first, BlockNumber last, Visit&& visit) {
  const auto& heights = state.book.by_height;
  for (auto it = heights.lower_bound(HeightKey{first, CommitmentKey{}});
       it != heights.end() && it->number <= last; ++it) {
    const Commitment* commitment = state.book.find(it->key);
    PRECONF_ASSERT(commitment != nullptr);
    if (is_promise(*commitment)) visit(*commitment);
  }
}

/// Compares one promise with the derived block and says what came of it.
void judge(Step& step, const JudgedPromise& promise, const protocol::PayloadAttributes& derived) {
  L1State& l1 = step.state.l1_chain;
  const ObservedProposal& proposal = l1.derivation->proposal;
  const Landing landing = landing_of(step.state, promise, derived);
  if (landing == Landing::kUnknown) return;
  const bool is_honoured = landing == Landing::kHonoured;
  step.decide(about(promise.facts, is_honoured ? Verdict::kHonoured : Verdict::kContradicted,
                    Reason::kNone, promise.received.value, proposal.facts.id.value,
                    proposal.landed.block_hash));
  if (is_honoured) return;
  remember_contradicted(l1, promise.facts.preconf_hash);
  step.add_evidence(Evidence{EvidenceKind::kL1Contradicted, promise.facts.signer,
                             promise.facts.window_end, derived.block_number, promise.received,
                             proposal.seen});
}

void decide_missed(Step& step, const JudgedPromise& promise, ProposalId id) {
  step.decide(
      about(promise.facts, Verdict::kNotLanded, Reason::kNone, promise.received.value, id.value));
}

}  // namespace

bool is_contradicted(const State& state, const Hash32& preconf_hash) {
  return std::ranges::find(state.l1_chain.contradicted, preconf_hash,
                           &ContradictedPromise::preconf_hash) != state.l1_chain.contradicted.end();
}

void judge_promises(Step& step, const protocol::PayloadAttributes& derived) {
  State& state = step.state;
  Derivation& derivation = *state.l1_chain.derivation;
  const BlockNumber number = derived.block_number;
  if (number <= derivation.judged) return;
  derivation.judged = number;
  each_held_promise(state, number, number, [&](const Commitment& commitment) {
    if (remembers_promises(state)) {
      remembered(state, commitment);
    } else {
      judge(step, promise_of(state, commitment), derived);
    }
  });
  // Also those whose commitments are gone since L1 was asked first: nobody offers them again.
  auto& promises = state.judged_promises;
  for (auto it = promises.lower_bound(HeightKey{number, CommitmentKey{}});
       it != promises.end() && it->first.number == number; ++it) {
    JudgedPromise& promise = it->second;
    if (promise.landed) continue;
    if (!promise.list_rlp_hash) {
      promise.list_rlp_hash = list_rlp_hash(state, promise.facts.raw_tx_list_hash);
    }
    promise.landed = derivation.proposal.landed.block_number;
    judge(step, promise, derived);
  }
}

void judge_what_did_not_land(Step& step, const ObservedProposal& proposal, BlockNumber last) {
  State& state = step.state;
  const ProposalId id = proposal.facts.id;
  constexpr BlockNumber kHighest{std::numeric_limits<std::uint64_t>::max()};
  each_held_promise(state, next(last), kHighest, [&](const Commitment& commitment) {
    if (commitment.facts.proposal_id > id) return;
    if (remembers_promises(state)) {
      remembered(state, commitment);
    } else {
      decide_missed(step, promise_of(state, commitment), id);
    }
  });
  auto& promises = state.judged_promises;
  for (auto it = promises.lower_bound(HeightKey{next(last), CommitmentKey{}}); it != promises.end();
       ++it) {
    JudgedPromise& promise = it->second;
    if (promise.landed || promise.missed || promise.facts.proposal_id > id) continue;
    promise.missed = MissedBy{id, proposal.landed.block_number};
    decide_missed(step, promise, id);
  }
}

void take_back_judgements(Step& step, L1BlockNumber kept) {
  State& state = step.state;
  std::erase_if(state.l1_chain.contradicted,
                [kept](const ContradictedPromise& promise) { return promise.landed > kept; });
  for (auto& [key, promise] : state.judged_promises) {
    if (promise.missed && promise.missed->block > kept) promise.missed.reset();
    if (!promise.landed || *promise.landed <= kept) continue;
    promise.landed.reset();
    if (promise.missed) decide_missed(step, promise, promise.missed->proposal);
  }
}

void judge_all_again(State& state) {
  for (auto& [key, promise] : state.judged_promises) {
    promise.landed.reset();
    promise.missed.reset();
  }
}

void forget_judged_promises(State& state, BlockNumber height) {
  auto& promises = state.judged_promises;
  while (!promises.empty() && promises.begin()->first.number <= height) {
    promises.erase(promises.begin());
  }
}

}  // namespace preconf::core::effects
