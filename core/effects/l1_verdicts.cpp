#include "core/effects/l1_verdicts.hpp"

#include <algorithm>
#include <iterator>
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
          list_rlp_hash(state, commitment.facts.raw_tx_list_hash), std::nullopt};
}

HeightKey key_of(const JudgedPromise& promise) {
  return {promise.facts.block_number,
          CommitmentKey{promise.facts.preconf_hash, promise.facts.signer}};
}

/// After it was judged, so that the bound never costs a verdict. Of a full memory the lowest goes:
/// it is the nearest to being final.
void remember(State& state, JudgedPromise promise) {
  auto& promises = state.judged_promises;
  const HeightKey key = key_of(promise);
  if (promises.size() >= limits::kJudgedPromisesMax) {
    if (key < promises.begin()->first) return;
    promises.erase(promises.begin());
  }
  promises.emplace(key, std::move(promise));
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

/// Says it once, and remembers that, as long as there is room.
void miss(Step& step, const JudgedPromise& promise, const MissedBy& by) {
  auto& missed = step.state.missed_promises;
  const HeightKey key = key_of(promise);
  if (missed.contains(key)) return;
  decide_missed(step, promise, by.proposal);
  if (missed.size() >= limits::kMissedPromisesMax) {
    if (missed.rbegin()->first < key) return;
    missed.erase(std::prev(missed.end()));
  }
  missed.emplace(key, by);
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
  auto& promises = state.judged_promises;
  // First those whose commitments may be gone since L1 was asked before: nobody offers them again.
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
  each_held_promise(state, number, number, [&](const Commitment& commitment) {
    if (promises.contains(HeightKey{number, commitment.key()})) return;
    JudgedPromise promise = promise_of(state, commitment);
    judge(step, promise, derived);
    if (!remembers_promises(state)) return;
    promise.landed = derivation.proposal.landed.block_number;
    remember(state, std::move(promise));
  });
}

void judge_what_did_not_land(Step& step, const ObservedProposal& proposal, BlockNumber last) {
  State& state = step.state;
  const ProposalId id = proposal.facts.id;
  const MissedBy by{id, proposal.landed.block_number};
  constexpr BlockNumber kHighest{std::numeric_limits<std::uint64_t>::max()};
  each_held_promise(state, next(last), kHighest, [&](const Commitment& commitment) {
    if (commitment.facts.proposal_id > id) return;
    const JudgedPromise promise = promise_of(state, commitment);
    if (remembers_promises(state)) {
      miss(step, promise, by);
    } else {
      decide_missed(step, promise, id);
    }
  });
  const auto& promises = state.judged_promises;
  for (auto it = promises.lower_bound(HeightKey{next(last), CommitmentKey{}}); it != promises.end();
       ++it) {
    const JudgedPromise& promise = it->second;
    if (!promise.landed && promise.facts.proposal_id <= id) miss(step, promise, by);
  }
}

void take_back_judgements(Step& step, L1BlockNumber kept) {
  State& state = step.state;
  std::erase_if(state.l1_chain.contradicted,
                [kept](const ContradictedPromise& promise) { return promise.landed > kept; });
  auto& missed = state.missed_promises;
  std::erase_if(missed, [kept](const auto& entry) { return entry.second.block > kept; });
  for (auto& [key, promise] : state.judged_promises) {
    if (!promise.landed || *promise.landed <= kept) continue;
    promise.landed.reset();
    const auto before = missed.find(key);
    if (before != missed.end()) decide_missed(step, promise, before->second.proposal);
  }
}

void judge_all_again(State& state) {
  if (!remembers_promises(state)) return;
  for (auto& [key, promise] : state.judged_promises) promise.landed.reset();
  state.missed_promises.clear();
  state.l1_chain.contradicted.clear();
  const auto& final_block = state.l1_chain.finalized_block;
  std::erase_if(state.evidence, [&final_block](const Evidence& evidence) {
    return evidence.kind == EvidenceKind::kL1Contradicted &&
           (!final_block || evidence.number > final_block->number);
  });
}

void forget_judged_promises(State& state, BlockNumber height) {
  const auto is_final = [height](const auto& entry) { return entry.first.number <= height; };
  std::erase_if(state.judged_promises, is_final);
  std::erase_if(state.missed_promises, is_final);
}

}  // namespace preconf::core::effects
