#include "core/effects/l1_observation.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/effects/finality_progression.hpp"
#include "core/effects/safety_reversal.hpp"
#include "core/effects/schedule_tracking.hpp"
#include "core/limits_l1.hpp"

namespace preconf::core::effects {
namespace {

using events::L1BlockObserved;

void decide(Step& step, Verdict verdict, Reason reason, std::uint64_t a, std::uint64_t b,
            const Hash32& hash = {}) {
  step.decide(Decision{verdict, reason, Hash32{}, BlockNumber{0}, a, b, hash});
}

protocol::LandedAt landed_at(const L1BlockObserved& block) {
  return {block.timestamp, block.number, block.hash, block.parent_hash};
}

std::optional<std::size_t> index_of(const L1State& l1, const Hash32& hash) {
  for (std::size_t i = l1.links.size(); i > 0; --i) {
    if (l1.links[i - 1].hash == hash) return i - 1;
  }
  return std::nullopt;
}

/// Where the block goes: behind the link with this index, or first of all.
struct Place {
  std::optional<std::size_t> behind;
};

/// The block has other proposals than those that we know to have landed in it.
bool has_other_proposals(const L1State& l1, const L1BlockObserved& block) {
  std::vector<const protocol::ProposedFacts*> known;
  const auto note = [&](const ObservedProposal& proposal) {
    if (proposal.landed.block_hash == block.hash) known.push_back(&proposal.facts);
  };
  for (const DerivedProposal& derived : l1.derived) note(derived.proposal);
  if (l1.derivation) note(l1.derivation->proposal);
  for (const ObservedProposal& pending : l1.pending) note(pending);
  const ProposalId oldest =
      l1.derived.empty() ? l1.start->first_proposal : l1.derived.front().proposal.facts.id;
  std::size_t index = 0;
  for (const events::L1Fact& fact : block.facts) {
    const auto* proposed = std::get_if<protocol::ProposedFacts>(&fact.body);
    if (proposed == nullptr || proposed->id < oldest || proposed->id == ProposalId{0}) continue;
    if (index == known.size() || *known[index] != *proposed) return true;
    ++index;
  }
  return index != known.size();
}

Result<Place, Reason> place_of(const State& state, const L1BlockObserved& block) {
  const L1State& l1 = state.l1_chain;
  if (!l1.start) return Unexpected{Reason::kL1Unlinked};
  if (l1.links.empty()) {
    const bool is_first = block.previous.is_zero() && block.number >= l1.start->block;
    if (!is_first) return Unexpected{Reason::kL1Unlinked};
    return Place{};
  }
  const auto found = index_of(l1, block.previous);
  if (!found) return Unexpected{Reason::kL1Unlinked};
  const L1Link& link = l1.links[*found];
  if (block.number <= link.number) return Unexpected{Reason::kL1Unlinked};
  if (block.number == next(link.number)) {
    if (block.parent_hash != link.hash) return Unexpected{Reason::kL1Unlinked};
  } else if (!l1.finalized || next(l1.finalized->number) < block.number) {
    return Unexpected{Reason::kL1SkipNotFinal};
  }
  const bool is_reorg = *found + 1 < l1.links.size();
  // The same block again is no other branch: an endpoint hid a log of it, or forged one, and it was
  // read anew. From version 6 on.
  const bool is_read_again = is_reorg && state.reducer_version >= kL1MemoryVersion &&
                             l1.links[*found + 1].hash == block.hash &&
                             has_other_proposals(l1, block);
  if (is_reorg && !is_read_again && l1.finalized && link.number < l1.finalized->number) {
    return Unexpected{Reason::kL1BelowFinalized};
  }
  return Place{found};
}

/// The newest of the remembered proposals that a reorg down to `kept` leaves, or null.
const ObservedProposal* newest_staying(const L1State& l1,
                                       const std::optional<L1BlockNumber>& kept) {
  const auto stays = [&kept](const ObservedProposal& proposal) {
    return !kept || proposal.landed.block_number <= *kept;
  };
  for (auto it = l1.pending.rbegin(); it != l1.pending.rend(); ++it) {
    if (stays(*it)) return &*it;
  }
  if (l1.derivation && stays(l1.derivation->proposal)) return &l1.derivation->proposal;
  for (auto it = l1.derived.rbegin(); it != l1.derived.rend(); ++it) {
    if (stays(it->proposal)) return &it->proposal;
  }
  return nullptr;
}

/// The id after those that a reorg down to `kept` leaves.
ProposalId next_id_above(const L1State& l1, const std::optional<L1BlockNumber>& kept) {
  if (const ObservedProposal* newest = newest_staying(l1, kept)) return next(newest->facts.id);
  return l1.derived.empty() ? l1.start->first_proposal : l1.derived.front().proposal.facts.id;
}

/// The hash under which the inbox knows the newest proposal that a reorg down to `kept` leaves;
/// none when it is not remembered, or when the rules do not compare yet.
std::optional<Hash32> hash_before(const State& state, const std::optional<L1BlockNumber>& kept) {
  if (state.reducer_version < kL1MemoryVersion) return std::nullopt;
  const ObservedProposal* newest = newest_staying(state.l1_chain, kept);
  if (newest == nullptr) return std::nullopt;
  return protocol::proposal_hash(newest->facts, newest->landed);
}

/// Why the facts can not be taken in, before anything is changed.
std::optional<Decision> refuse_facts(const State& state, const L1BlockObserved& block,
                                     const std::optional<L1BlockNumber>& kept) {
  const L1State& l1 = state.l1_chain;
  ProposalId expected = next_id_above(l1, kept);
  std::optional<Hash32> before = hash_before(state, kept);
  std::size_t proposals = 0;
  std::size_t schedule_facts = 0;
  for (const events::L1Fact& fact : block.facts) {
    const auto* proposed = std::get_if<protocol::ProposedFacts>(&fact.body);
    if (proposed == nullptr) {
      ++schedule_facts;
      continue;
    }
    if (proposed->id < l1.start->first_proposal || proposed->id == ProposalId{0}) continue;
    if (proposed->id != expected) {
      return Decision{Verdict::kL1BlockRefused, Reason::kProposalGap, Hash32{},  BlockNumber{0},
                      proposed->id.value,       expected.value,       block.hash};
    }
    if (before && proposed->parent_proposal_hash != *before) {
      return Decision{
          Verdict::kL1BlockRefused, Reason::kProposalUnlinked, Hash32{},  BlockNumber{0},
          proposed->id.value,       block.number.value,        block.hash};
    }
    if (before) before = protocol::proposal_hash(*proposed, landed_at(block));
    expected = next(expected);
    ++proposals;
  }
  const bool is_full = l1.pending.size() + proposals > limits::kProposalsPendingMax ||
                       l1.schedule.facts.size() + schedule_facts > limits::kLookaheadFactsMax;
  if (!is_full) return std::nullopt;
  return Decision{Verdict::kL1BlockRefused, Reason::kL1BacklogFull, Hash32{},  BlockNumber{0},
                  block.number.value,       l1.pending.size(),      block.hash};
}

/// Takes one fact in; a proposal's id was checked.
struct TakeFact {
  Step& step;
  const L1BlockObserved& block;

  void operator()(const protocol::ProposedFacts& proposed) const {
    L1State& l1 = step.state.l1_chain;
    if (proposed.id < l1.start->first_proposal || proposed.id == ProposalId{0}) return;
    l1.pending.push_back(ObservedProposal{proposed, landed_at(block), step.event.seq});
    decide(step, Verdict::kProposalObserved, Reason::kNone, proposed.id.value, block.number.value,
           block.hash);
  }
  void operator()(const protocol::ProvedFacts& proved) const {
    step.state.l1_chain.proved = proved;
  }
  void operator()(const protocol::StateRecoveredFacts& recovered) const {
    // Proofs beyond it do not count any more. What L1 included stays included.
    auto& proved = step.state.l1_chain.proved;
    if (proved && proved->last > recovered.last_finalized) proved.reset();
  }
  void operator()(const events::LogRefused& refused) const {
    decide(step, Verdict::kIgnored, Reason::kL1LogRefused,
           static_cast<std::uint64_t>(refused.defect), block.number.value, refused.topic);
  }
  template <class ScheduleFactOf>
  void operator()(const ScheduleFactOf& said) const {
    const bool is_taken = protocol::append_fact(
        step.state.l1_chain.schedule,
        protocol::ScheduleFact{block.number, block.hash, block.timestamp, said});
    PRECONF_ASSERT(is_taken);
  }
};

/// Links that no reorg can reach and no anchor needs are dropped, some at a time.
void trim_links(L1State& l1) {
  constexpr std::size_t kAtATime = 64;
  auto& links = l1.links;
  if (links.size() >= limits::kL1LinksMax) {
    links.erase(links.begin(), links.begin() + kAtATime);
    return;
  }
  if (links.size() < limits::kL1LinksKept + kAtATime || !l1.finalized) return;
  if (links[kAtATime].number >= l1.finalized->number) return;
  links.erase(links.begin(), links.begin() + kAtATime);
}

void undo_above_link(Step& step, std::size_t kept) {
  L1State& l1 = step.state.l1_chain;
  const L1Link link = l1.links[kept];
  const std::size_t undone = l1.links.size() - kept - 1;
  l1.links.resize(kept + 1);
  ++l1.reorgs;
  l1.proved.reset();
  decide(step, Verdict::kL1Reorged, Reason::kNone, link.number.value, undone, link.hash);
  undo_proposals_above(step, link.number);
  protocol::undo_above(l1.schedule, link.number);
}

/// A tag that goes back or contradicts the links is the answer of an endpoint that lags: the newer
/// one stays.
bool is_newer(const L1State& l1, const std::optional<events::L1Ref>& before,
              const std::optional<events::L1Ref>& now) {
  if (!now || (before && now->number < before->number)) return false;
  const L1Link* link = link_at(l1, now->number);
  return link == nullptr || link->hash == now->hash;
}

}  // namespace

bool follows_l1(const State& state) {
  return state.reducer_version >= kL1Version && state.l1_chain.is_followed;
}

const L1Link* link_at(const L1State& l1, L1BlockNumber number) {
  const auto found = std::ranges::lower_bound(l1.links, number, {}, &L1Link::number);
  return found != l1.links.end() && found->number == number ? &*found : nullptr;
}

const ObservedProposal* newest_proposal(const L1State& l1) {
  return newest_staying(l1, std::nullopt);
}

ProposalId next_proposal_id(const L1State& l1) {
  PRECONF_ASSERT(l1.start.has_value());
  return next_id_above(l1, std::nullopt);
}

void follow_l1(Step& step, const events::L1DeploymentRecorded& recorded) {
  L1State& l1 = step.state.l1_chain;
  if (!protocol::is_usable(recorded.deployment.clock)) {
    decide(step, Verdict::kIgnored, Reason::kL1Malformed, recorded.deployment.l1_chain_id, 0);
    return;
  }
  if (l1.is_followed) {
    const bool same =
        l1.deployment == recorded.deployment && l1.fallback_signer == recorded.fallback_signer;
    if (!same) {
      decide(step, Verdict::kIgnored, Reason::kL1OtherDeployment, recorded.deployment.l1_chain_id,
             l1.deployment.l1_chain_id);
    }
    return;
  }
  l1.is_followed = true;
  l1.deployment = recorded.deployment;
  l1.fallback_signer = recorded.fallback_signer;
  decide(step, Verdict::kL1Followed, Reason::kNone, recorded.deployment.l1_chain_id, 0);
}

void observe_l1_block(Step& step, const L1BlockObserved& observed) {
  L1State& l1 = step.state.l1_chain;
  const std::uint64_t newest = l1.links.empty() ? 0 : l1.links.back().number.value;
  if (!l1.is_followed) {
    decide(step, Verdict::kL1BlockRefused, Reason::kL1NotFollowed, observed.number.value, newest,
           observed.hash);
    return;
  }
  const auto place = place_of(step.state, observed);
  if (!place) {
    decide(step, Verdict::kL1BlockRefused, place.error(), observed.number.value, newest,
           observed.hash);
    return;
  }
  std::optional<L1BlockNumber> kept;
  if (place->behind) kept = l1.links[*place->behind].number;
  if (const auto refusal = refuse_facts(step.state, observed, kept)) {
    step.decide(*refusal);
    return;
  }
  const bool is_reorg = place->behind && *place->behind + 1 < l1.links.size();
  if (is_reorg) undo_above_link(step, *place->behind);
  l1.links.push_back(
      L1Link{observed.number, observed.hash, observed.state_root, observed.timestamp});
  for (const events::L1Fact& fact : observed.facts) {
    std::visit(TakeFact{step, observed}, fact.body);
  }
  if (!observed.facts.empty()) {
    decide(step, Verdict::kL1BlockLinked, Reason::kNone, observed.number.value,
           observed.facts.size(), observed.hash);
  }
  trim_links(l1);
  derive_schedule(step, is_reorg);
}

void observe_l1_tags(Step& step, const events::L1TagsObserved& observed) {
  L1State& l1 = step.state.l1_chain;
  if (!l1.is_followed) {
    decide(step, Verdict::kIgnored, Reason::kL1NotFollowed, 0, 0);
    return;
  }
  l1.is_live = observed.is_live;
  bool moved = false;
  if (is_newer(l1, l1.safe, observed.safe) && l1.safe != observed.safe) {
    l1.safe = observed.safe;
    moved = true;
  }
  if (is_newer(l1, l1.finalized, observed.finalized) && l1.finalized != observed.finalized) {
    l1.finalized = observed.finalized;
    moved = true;
  }
  if (!moved) return;
  decide(step, Verdict::kL1TagsMoved, Reason::kNone, l1.finalized ? l1.finalized->number.value : 0,
         l1.safe ? l1.safe->number.value : 0);
  progress_finality(step);
}

}  // namespace preconf::core::effects
