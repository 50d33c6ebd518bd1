#include "core/invariants.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/effects/peer_requests.hpp"
#include "core/effects/step.hpp"
#include "core/limits.hpp"
#include "core/limits_l1.hpp"

namespace preconf::core {
namespace {

bool book_indexes_agree(const State& state) {
  const CommitmentBook& book = state.book;
  std::size_t children = 0;
  for (const auto& [parent, keys] : book.children) children += keys.size();
  if (children != book.held.size()) return false;
  if (book.by_height.size() + book.eop_only.size() != book.held.size()) return false;
  return std::ranges::all_of(book.held, [&book](const auto& entry) {
    const auto& [key, commitment] = entry;
    const HeightKey height{commitment.facts.block_number, key};
    const auto& heights = commitment.facts.eop_only() ? book.eop_only : book.by_height;
    const bool linkable = book.linkable.contains(key.preconf_hash);
    return key == commitment.key() && heights.contains(height) &&
           book.pending_parent.contains(height) == (commitment.phase == Phase::kPendingParent) &&
           book.pending_schedule.contains(height) ==
               (commitment.phase == Phase::kPendingSchedule) &&
           (linkable || commitment.phase == Phase::kPendingParent ||
            commitment.phase == Phase::kPendingSchedule);
  });
}

bool books_are_bounded(const State& state) {
  const CommitmentBook& book = state.book;
  return book.by_height.size() <= limits::kCommitmentsMax &&
         book.eop_only.size() <= limits::kHandoffsMax &&
         book.handoffs.size() <= limits::kHandoffsMax &&
         book.pending_parent.size() <= limits::kPendingParentMax &&
         book.pending_schedule.size() <= limits::kPendingScheduleMax &&
         state.txlists.unreferenced.size() <= limits::kUnreferencedTxListsMax &&
         state.heads.executed.size() <= limits::kExecutedBlocksMax + 1 &&
         state.evidence.size() <= limits::kEvidenceMax &&
         state.ingress_rejected.size() <= limits::kIngressReasonsMax;
}

bool commands_are_bounded(const State& state) {
  return state.in_flight.size() <= limits::kInFlightMax;
}

bool peers_are_bounded(const State& state) {
  const P2p& p2p = state.p2p;
  const auto is_paced = [](const auto& entry) {
    return std::ranges::all_of(entry.second.sent, [](const std::vector<WallNanos>& sent) {
      return sent.size() <= limits::kRequestsPerIntervalMax;
    });
  };
  return p2p.peers.size() <= limits::kPeersMax && p2p.records.size() <= limits::kPeerRecordsMax &&
         p2p.fetches.size() <= limits::kListFetchesMax &&
         p2p.publications.size() <= limits::kPublicationsMax &&
         p2p.lists_sent.size() <= limits::kPublicationsMax &&
         std::ranges::all_of(p2p.records, is_paced);
}

bool peers_have_records(const State& state) {
  std::size_t connected = 0;
  for (const auto& [id, record] : state.p2p.records) {
    if (!record.connected_as) continue;
    ++connected;
    const auto peer = state.p2p.peers.find(*record.connected_as);
    if (peer == state.p2p.peers.end() || peer->second.peer_id != id) return false;
  }
  return connected == state.p2p.peers.size();
}

/// Requests are counted where they are made and where they end.
bool requests_are_counted(const State& state) {
  if (state.stopping) return true;
  std::map<PeerNumber, std::uint32_t> open;
  std::uint32_t all = 0;
  std::uint32_t published = 0;
  for (const auto& [id, command] : state.in_flight) {
    if (const auto peer = effects::peer_of(command.body)) {
      ++open[*peer];
      ++all;
    } else if (is_for_peers(command.body)) {
      ++published;
    }
  }
  const P2p& p2p = state.p2p;
  return all == p2p.requests_in_flight && published == p2p.publishes_in_flight &&
         std::ranges::all_of(p2p.peers, [&open](const auto& entry) {
           const auto found = open.find(entry.first);
           return entry.second.in_flight == (found == open.end() ? 0 : found->second);
         });
}

/// A plan that asks peers waits for a command in flight or for none.
bool peer_plans_have_their_commands(const State& state) {
  if (state.stopping) return true;
  const auto& in_flight = state.in_flight;
  const auto& page = state.p2p.backfill.page;
  if (page && !in_flight.contains(*page)) return false;
  const auto is_sound = [&in_flight](const auto& entry) {
    return !entry.second.command || in_flight.contains(*entry.second.command);
  };
  return std::ranges::all_of(state.p2p.fetches, is_sound) &&
         std::ranges::all_of(state.p2p.publications, is_sound);
}

/// Several are asked for a list only while one is, and no more than may be.
bool list_races_are_bounded(const State& state) {
  std::size_t hedges = 0;
  for (const auto& [hash, race] : state.list_races) {
    const auto fetch = state.p2p.fetches.find(hash);
    if (fetch == state.p2p.fetches.end()) return false;
    if (!fetch->second.command || race.others.size() >= limits::kListRacersMax) return false;
    hedges += race.others.size();
    for (const CommandId& id : race.others) {
      if (!state.stopping && !state.in_flight.contains(id)) return false;
    }
  }
  return hedges <= limits::kListHedgesMax;
}

/// Whoever waits for a retry has a timer that ends it.
bool retries_have_timers(const State& state) {
  const P2p& p2p = state.p2p;
  if (state.stopping) return true;
  return (!p2p.backfill.backoff.waiting || timer_of(state, TimerId::kBackfillRetry).armed) &&
         (!p2p.publish_backoff.waiting || timer_of(state, TimerId::kPublishRetry).armed);
}

/// The head is the last executed block, and the executed chain has no hole.
bool executed_chain_ends_at_head(const State& state) {
  const auto& executed = state.heads.executed;
  if (!state.heads.unsafe) return executed.empty();
  if (executed.empty()) return false;
  const auto last = executed.rbegin();
  return last->first == state.heads.unsafe->number &&
         last->second.hash == state.heads.unsafe->hash &&
         last->first.value - executed.begin()->first.value + 1 == executed.size();
}

bool executed_commitments_are_on_the_chain(const State& state) {
  return std::ranges::all_of(state.book.held, [&state](const auto& entry) {
    const auto& [key, commitment] = entry;
    const auto linked = state.book.linkable.find(key.preconf_hash);
    if (linked == state.book.linkable.end() || linked->second != key) {
      return commitment.phase != Phase::kExecuted;
    }
    const auto block = state.heads.executed.find(commitment.facts.block_number);
    const bool on_chain = block != state.heads.executed.end() &&
                          block->second.preconf_hash == key.preconf_hash &&
                          !commitment.facts.eop_only();
    return on_chain == (commitment.phase == Phase::kExecuted);
  });
}

bool nothing_stale_is_held(const State& state) {
  if (!state.heads.unsafe) return true;
  const BlockNumber boundary =
      std::min(effects::confirmed_boundary(state), state.heads.unsafe->number);
  return state.book.by_height.empty() || state.book.by_height.begin()->number > boundary;
}

bool referrers_are_held(const State& state) {
  return std::ranges::all_of(state.txlists.lists, [&state](const auto& entry) {
    const TxListEntry& list = entry.second;
    const bool spare = list.facts && state.txlists.unreferenced.contains(list.received);
    const bool alive = !list.referrers.empty() || spare;
    return alive && std::ranges::all_of(list.referrers, [&state](const CommitmentKey& key) {
             return state.book.find(key) != nullptr;
           });
  });
}

/// Every held block's list is known to the txlist book, so that its arrival finds the commitment.
bool lists_are_awaited(const State& state) {
  return std::ranges::all_of(state.book.held, [&state](const auto& entry) {
    const Commitment& commitment = entry.second;
    if (commitment.facts.eop_only()) return true;
    const auto list = state.txlists.lists.find(commitment.facts.raw_tx_list_hash);
    return list != state.txlists.lists.end() && list->second.referrers.contains(entry.first);
  });
}

/// Links stand in L1 order, proposals in the order of their ids and of L1, without a hole.
bool l1_is_in_order(const State& state) {
  const L1State& l1 = state.l1_chain;
  const bool links_ascend =
      std::ranges::adjacent_find(l1.links, [](const L1Link& below, const L1Link& above) {
        return below.number >= above.number;
      }) == l1.links.end();
  std::vector<const ObservedProposal*> proposals;
  for (const DerivedProposal& derived : l1.derived) proposals.push_back(&derived.proposal);
  if (l1.derivation) proposals.push_back(&l1.derivation->proposal);
  for (const ObservedProposal& pending : l1.pending) proposals.push_back(&pending);
  for (std::size_t i = 1; i < proposals.size(); ++i) {
    if (proposals[i]->facts.id != next(proposals[i - 1]->facts.id) ||
        proposals[i]->landed.block_number < proposals[i - 1]->landed.block_number) {
      return false;
    }
  }
  const bool newest_is_on_chain = l1.links.empty() || proposals.empty() ||
                                  proposals.back()->landed.block_number <= l1.links.back().number;
  return links_ascend && newest_is_on_chain;
}

bool l1_is_bounded(const State& state) {
  const L1State& l1 = state.l1_chain;
  return l1.links.size() <= limits::kL1LinksMax &&
         l1.pending.size() <= limits::kProposalsPendingMax + limits::kProposalsDerivedMax + 1 &&
         l1.derived.size() <= limits::kProposalsDerivedMax + 1 &&
         l1.contradicted.size() <= limits::kContradictedMax &&
         state.judged_promises.size() <= limits::kJudgedPromisesMax &&
         state.missed_promises.size() <= limits::kMissedPromisesMax &&
         l1.schedule.facts.size() <= limits::kLookaheadFactsMax;
}

/// Derivation waits for something that ends: its own command, or a timer.
bool derivation_is_awaited(const State& state) {
  const L1State& l1 = state.l1_chain;
  if (l1.resolving && !state.in_flight.contains(*l1.resolving)) return false;
  if (state.stopping) return true;
  return (!l1.backoff.waiting || timer_of(state, TimerId::kDeriveRetry).armed) &&
         (!l1.resolve_backoff.waiting || timer_of(state, TimerId::kResolveRetry).armed);
}

/// A plan waits for exactly one command, which is in flight.
bool plan_has_its_command(const State& state) {
  const CommandId* waits_for = lane_command(state.lane);
  return waits_for == nullptr || state.in_flight.contains(*waits_for);
}

/// A boot has happened and the node is not stopping: then something will happen next, or a named
/// thing is waited for (no silent wedge).
bool never_wedged(const State& state) {
  if (state.boots == 0 || state.stopping || state.engine_fatal) return true;
  const auto runs = [](const TimerState& timer) { return timer.armed; };
  const bool timer_runs =
      std::ranges::any_of(state.timers, runs) || std::ranges::any_of(state.p2p.timers, runs);
  return !state.in_flight.empty() || timer_runs;
}

bool gate_tells_why(const State& state) {
  return state.gate.open == (state.gate.reason == Reason::kNone);
}

struct Check {
  const char* name;
  bool (*holds)(const State&);
};
constexpr std::array<Check, 20> kChecks{{
    {"book_indexes_agree", book_indexes_agree},
    {"books_are_bounded", books_are_bounded},
    {"commands_are_bounded", commands_are_bounded},
    {"peers_are_bounded", peers_are_bounded},
    {"peers_have_records", peers_have_records},
    {"requests_are_counted", requests_are_counted},
    {"peer_plans_have_their_commands", peer_plans_have_their_commands},
    {"list_races_are_bounded", list_races_are_bounded},
    {"retries_have_timers", retries_have_timers},
    {"executed_chain_ends_at_head", executed_chain_ends_at_head},
    {"executed_commitments_are_on_the_chain", executed_commitments_are_on_the_chain},
    {"nothing_stale_is_held", nothing_stale_is_held},
    {"referrers_are_held", referrers_are_held},
    {"lists_are_awaited", lists_are_awaited},
    {"plan_has_its_command", plan_has_its_command},
    {"never_wedged", never_wedged},
    {"gate_tells_why", gate_tells_why},
    {"l1_is_in_order", l1_is_in_order},
    {"l1_is_bounded", l1_is_bounded},
    {"derivation_is_awaited", derivation_is_awaited},
}};

}  // namespace

const char* broken_invariant(const State& state) {
  for (const Check& check : kChecks) {
    if (!check.holds(state)) return check.name;
  }
  return nullptr;
}

}  // namespace preconf::core
