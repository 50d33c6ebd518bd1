#include "core/effects/txlist_fetch.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/assert.hpp"
#include "core/effects/peer_reputation.hpp"
#include "core/effects/peer_requests.hpp"
#include "core/limits.hpp"

namespace preconf::core::effects {
namespace {

constexpr std::uint64_t kNanosPerMilli = 1'000'000;
constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

WallNanos after(WallNanos time, std::uint64_t millis) {
  return WallNanos{time.value + millis * kNanosPerMilli};
}

Decision about_fetch(const Hash32& hash, const TxListFetch& fetch, Verdict verdict, Reason reason,
                     std::uint64_t a, std::uint64_t b) {
  return Decision{verdict, reason, hash, fetch.number, a, b, Hash32{}};
}

/// Nobody is left who could be asked beside the others, until somebody new comes.
constexpr WallNanos kNever{~std::uint64_t{0}};

bool may_race(const State& state) { return state.reducer_version >= kListRaceVersion; }

/// The list came, or nobody needs it any more. Exchanges under way end by their answers.
void drop_settled(State& state) {
  std::erase_if(state.p2p.fetches, [&state](const auto& entry) {
    const auto list = state.txlists.lists.find(entry.first);
    return list == state.txlists.lists.end() || list->second.facts.has_value();
  });
  std::erase_if(state.list_races,
                [&state](const auto& entry) { return !state.p2p.fetches.contains(entry.first); });
}

/// This very event brought the commitment, not as an answer: its list is likely on its way.
bool has_just_come(const Step& step, const Commitment& commitment) {
  return commitment.received == step.event.seq && step.event.source != SourceKind::kResponse;
}

/// Finds lists of the next promised blocks that are neither here nor looked for.
void discover(Step& step) {
  State& state = step.state;
  auto& fetches = state.p2p.fetches;
  const BlockNumber first = next(state.heads.unsafe->number);
  const auto& heights = state.book.by_height;
  for (auto it = heights.lower_bound(HeightKey{first, CommitmentKey{}});
       it != heights.end() && fetches.size() < limits::kListFetchesMax; ++it) {
    if (distance(first, it->number) >= limits::kListFetchAheadMax) return;
    const Commitment* commitment = state.book.find(it->key);
    PRECONF_ASSERT(commitment != nullptr);
    const Hash32& hash = commitment->facts.raw_tx_list_hash;
    const bool is_missing =
        commitment->phase == Phase::kAdmitted && state.txlists.facts_of(hash) == nullptr;
    if (!is_missing || fetches.contains(hash)) continue;
    TxListFetch fetch;
    fetch.number = it->number;
    fetch.window_end = commitment->facts.window_end;
    fetch.since = step.event.wall;
    fetch.not_before = has_just_come(step, *commitment)
                           ? after(step.event.wall, limits::kListGossipGraceMs)
                           : step.event.wall;
    fetches.emplace(hash, std::move(fetch));
  }
}

bool is_hopeless(const TxListFetch& fetch, WallNanos now) {
  const std::uint64_t latest = ~std::uint64_t{0} / kNanosPerSecond / 2;
  const WallNanos end{std::min(fetch.window_end.value, latest) * kNanosPerSecond};
  return now >= after(std::max(end, fetch.since), limits::kListGiveUpMs);
}

/// Every usable peer was asked.
void end_round(Step& step, const Hash32& hash, TxListFetch& fetch, std::uint32_t asked) {
  if (fetch.is_given_up) return;
  if (is_hopeless(fetch, step.event.wall)) {
    fetch.is_given_up = true;
    step.decide(about_fetch(hash, fetch, Verdict::kTxListGivenUp, Reason::kWindowOver,
                            fetch.window_end.value, asked));
    return;
  }
  const Millis delay = retry_delay(fetch.rounds);
  ++fetch.rounds;
  fetch.tried.clear();
  fetch.not_before = after(step.event.wall, delay.value);
  step.decide(
      about_fetch(hash, fetch, Verdict::kTxListDeferred, Reason::kNoPeerLeft, asked, delay.value));
}

CommandId send(Step& step, const Hash32& hash, TxListFetch& fetch, PeerNumber peer, Reason reason) {
  step.decide(
      about_fetch(hash, fetch, Verdict::kTxListRequested, reason, peer.value, fetch.attempts));
  ++fetch.attempts;
  return request(step, peer, PeerProtocol::kTxList, commands::RequestTxList{peer, hash});
}

std::size_t hedges_in_flight(const State& state) {
  std::size_t count = 0;
  for (const auto& [hash, race] : state.list_races) count += race.others.size();
  return count;
}

/// Those who were asked in this round, whether they have answered or not.
std::set<PeerNumber> asked_for(const State& state, const TxListFetch& fetch, const ListRace& race) {
  std::set<PeerNumber> asked = fetch.tried;
  const auto add = [&state, &asked](const CommandId& id) {
    const auto peer = peer_of(state.in_flight.at(id).body);
    PRECONF_ASSERT(peer.has_value());
    asked.insert(*peer);
  };
  add(*fetch.command);
  for (const CommandId& id : race.others) add(id);
  return asked;
}

/// Somebody is asked already: one more is when that takes too long. Returns as ask().
WallNanos hedge(Step& step, const Hash32& hash, TxListFetch& fetch, ListRace& race) {
  State& state = step.state;
  if (race.hedge_at == kNever || state.p2p.peers.size() <= 1 + race.others.size() ||
      1 + race.others.size() >= limits::kListRacersMax) {
    return WallNanos{0};
  }
  if (step.event.wall < race.hedge_at) return race.hedge_at;
  if (!may_request(step) || hedges_in_flight(state) >= limits::kListHedgesMax) return WallNanos{0};
  const PeerChoice choice =
      choose_peer(step, PeerProtocol::kTxList, asked_for(state, fetch, race), fetch.number);
  if (!choice.is_someone_left) {
    race.hedge_at = kNever;
    return WallNanos{0};
  }
  race.hedge_at = after(step.event.wall, limits::kListHedgeMs);
  if (choice.peer) {
    race.others.push_back(send(step, hash, fetch, *choice.peer, Reason::kListHedged));
  } else if (choice.ready_at != WallNanos{0}) {
    race.hedge_at = choice.ready_at;
  }
  return race.hedge_at;
}

/// Asks for one list. Returns when to try again; 0 = an event will come.
WallNanos ask(Step& step, const Hash32& hash, TxListFetch& fetch) {
  if (fetch.command) {
    const auto race = step.state.list_races.find(hash);
    const bool is_racing = race != step.state.list_races.end();
    return is_racing ? hedge(step, hash, fetch, race->second) : WallNanos{0};
  }
  if (fetch.not_before > step.event.wall) return fetch.not_before;
  if (!may_request(step)) return WallNanos{0};
  const PeerChoice choice = choose_peer(step, PeerProtocol::kTxList, fetch.tried, fetch.number);
  if (choice.peer) {
    fetch.command = send(step, hash, fetch, *choice.peer, Reason::kNone);
    if (!may_race(step.state)) return WallNanos{0};
    const WallNanos hedge_at = after(step.event.wall, limits::kListHedgeMs);
    step.state.list_races.emplace(hash, ListRace{hedge_at, {}});
    return step.state.p2p.peers.size() > 1 ? hedge_at : WallNanos{0};
  }
  if (choice.is_someone_left) {
    // Until the pacing of the first of them is over there is nothing to choose.
    if (choice.ready_at.value != 0) fetch.not_before = choice.ready_at;
    return choice.ready_at;
  }
  if (choice.asked == 0) return WallNanos{0};  // a peer has to come first
  end_round(step, hash, fetch, choice.asked);
  return fetch.is_given_up ? WallNanos{0} : fetch.not_before;
}

/// Takes an exchange that ended out of those for the list. False: it is none of them.
bool end_exchange(State& state, const Hash32& hash, TxListFetch& fetch, const CommandId& id) {
  const auto entry = state.list_races.find(hash);
  if (entry == state.list_races.end()) {
    if (fetch.command != id) return false;
    fetch.command.reset();
    return true;
  }
  std::vector<CommandId>& others = entry->second.others;
  if (fetch.command != id) return std::erase(others, id) != 0;
  if (others.empty()) {
    fetch.command.reset();
    state.list_races.erase(entry);
  } else {
    fetch.command = others.front();
    others.erase(others.begin());
  }
  return true;
}

}  // namespace

void fetch_txlists(Step& step) {
  State& state = step.state;
  auto& fetches = state.p2p.fetches;
  if (!fetches.empty()) drop_settled(state);
  if (state.p2p.peers.empty() || !state.heads.unsafe) return;
  if (state.txlists.awaited > fetches.size()) discover(step);
  if (fetches.empty()) return;
  WallNanos wake{0};
  // The lowest first: it is the one that can be executed, and requests are paced.
  std::vector<std::pair<BlockNumber, Hash32>> ascending;
  for (const auto& [hash, fetch] : fetches) ascending.emplace_back(fetch.number, hash);
  std::sort(ascending.begin(), ascending.end());
  for (const auto& [number, hash] : ascending) {
    const WallNanos again = ask(step, hash, fetches.at(hash));
    if (again.value != 0 && (wake.value == 0 || again < wake)) wake = again;
  }
  if (wake.value == 0) return;
  const TimerState& armed = timer_of(state, TimerId::kTxListRetry);
  if (armed.armed && armed.due <= wake) return;
  const std::uint64_t nanos = distance(step.event.wall, wake);
  step.set_timer(TimerId::kTxListRetry, Millis{(nanos + kNanosPerMilli - 1) / kNanosPerMilli});
}

void fetch_from_new_peer(Step& step) {
  for (auto& [hash, fetch] : step.state.p2p.fetches) {
    fetch.not_before = std::min(fetch.not_before, step.event.wall);
  }
  for (auto& [hash, race] : step.state.list_races) {
    if (race.hedge_at == kNever) race.hedge_at = step.event.wall;
  }
}

void on_txlist_answer(Step& step, const CommandId& id, const commands::RequestTxList& asked,
                      const events::PeerResult& result, Reason failure) {
  const auto* delivered = std::get_if<events::TxListDelivered>(&result);
  Reason reason = failure == Reason::kNone ? Reason::kListNotFound : failure;
  if (delivered != nullptr && delivered->hash != asked.hash) {
    reason = Reason::kListMismatch;
    penalise(step, asked.peer, reason);
  }
  const bool is_here = step.state.txlists.facts_of(asked.hash) != nullptr;
  const bool is_right = delivered != nullptr && delivered->hash == asked.hash;
  if (is_right) reward(step, asked.peer);
  const auto found = step.state.p2p.fetches.find(asked.hash);
  if (found == step.state.p2p.fetches.end()) return;
  TxListFetch& fetch = found->second;
  if (!end_exchange(step.state, asked.hash, fetch, id)) return;
  if (is_right && is_here) return;
  fetch.tried.insert(asked.peer);
  const auto race = step.state.list_races.find(asked.hash);
  if (race != step.state.list_races.end()) race->second.hedge_at = step.event.wall;
  step.decide(
      about_fetch(asked.hash, fetch, Verdict::kTxListUnavailable, reason, asked.peer.value, 0));
}

}  // namespace preconf::core::effects
