#include "core/effects/commitment_backfill.hpp"

#include <algorithm>
#include <vector>

#include "core/base/assert.hpp"
#include "core/effects/peer_reputation.hpp"
#include "core/effects/peer_requests.hpp"
#include "core/limits.hpp"

namespace preconf::core::effects {
namespace {

constexpr std::uint64_t kNanosPerMilli = 1'000'000;
/// A sibling's number, the EOP-only ones above it, and their child.
constexpr std::uint32_t kOrphanCount = 4;
/// Peers asked for a sibling. Anybody who is scheduled can make such gaps.
constexpr std::size_t kOrphanPeersMax = 8;

/// Blocks come from the engine up to here, whatever is promised.
BlockNumber base_of(const State& state) {
  return std::max(state.heads.unsafe->number, confirmed_boundary(state));
}

bool is_promised_at(const State& state, BlockNumber number) {
  const auto& heights = state.book.by_height;
  for (auto it = heights.lower_bound(HeightKey{number, CommitmentKey{}});
       it != heights.end() && it->number == number; ++it) {
    const Phase phase = state.book.find(it->key)->phase;
    if (phase == Phase::kAdmitted || phase == Phase::kExecuted) return true;
  }
  return false;
}

/// Goes on from what was known: a step is one look-up, however long the chain is.
void refresh_linked(State& state) {
  BlockNumber& linked = state.p2p.backfill.linked;
  const BlockNumber base = base_of(state);
  if (linked > base && !is_promised_at(state, linked)) {
    // What was proven is not worth having any more; peers may prove something else.
    state.p2p.backfill.target = BlockNumber{0};
    linked = base;
  }
  linked = std::max(linked, base);
  while (is_promised_at(state, next(linked))) linked = next(linked);
}

/// Any commitment that T1 holds as possible for this number, EOP-only ones included.
bool is_held_at(const State& state, BlockNumber number) {
  const auto holds = [&state, number](const std::set<HeightKey>& keys) {
    for (auto it = keys.lower_bound(HeightKey{number, CommitmentKey{}});
         it != keys.end() && it->number == number; ++it) {
      const Commitment* commitment = state.book.find(it->key);
      PRECONF_ASSERT(commitment != nullptr);
      if (commitment->phase != Phase::kInvalid) return true;
    }
    return false;
  };
  return number <= state.p2p.backfill.linked || holds(state.book.by_height) ||
         holds(state.book.eop_only);
}

/// Numbers above the linked chain that somebody must have: up to the next one that waits here for
/// its parent, or up to the highest one that a peer has proven.
std::optional<Gap> find_hole(const State& state) {
  const Backfill& plan = state.p2p.backfill;
  const BlockNumber first = next(plan.linked);
  const auto& pending = state.book.pending_parent;
  const auto above = pending.lower_bound(HeightKey{next(first), CommitmentKey{}});
  const BlockNumber end = above != pending.end() ? above->number : next(plan.target);
  if (end <= first) return std::nullopt;
  const std::uint64_t count =
      std::min<std::uint64_t>(distance(first, end), limits::kPageCommitmentsMax);
  return Gap{first, static_cast<std::uint32_t>(count), Hash32{}};
}

/// The unknown parent of the lowest commitment that waits, when it stands beside what links here:
/// the chain went on over a sibling, or over an EOP-only, which has the number of its child.
std::optional<Gap> find_orphan(const State& state) {
  const auto& pending = state.book.pending_parent;
  if (pending.empty() || pending.begin()->number.value == 0) return std::nullopt;
  const BlockNumber parent{pending.begin()->number.value - 1};
  const bool is_beside = parent <= state.p2p.backfill.linked && parent > confirmed_boundary(state);
  if (!is_beside) return std::nullopt;
  const Commitment* child = state.book.find(pending.begin()->key);
  PRECONF_ASSERT(child != nullptr);
  const Hash32& hash = child->facts.parent_preconf_hash;
  if (hash == state.p2p.backfill.orphan) return std::nullopt;
  return Gap{parent, kOrphanCount, hash};
}

void arm_no_later(Step& step, TimerId timer, WallNanos due) {
  const TimerState& armed = timer_of(step.state, timer);
  if (armed.armed && armed.due <= due) return;
  const std::uint64_t nanos = distance(step.event.wall, due);
  step.set_timer(timer, Millis{(nanos + kNanosPerMilli - 1) / kNanosPerMilli});
}

void decide(Step& step, Verdict verdict, Reason reason, BlockNumber number, std::uint64_t a,
            std::uint64_t b) {
  step.decide(Decision{verdict, reason, Hash32{}, number, a, b, Hash32{}});
}

/// What the retry timer stood for is over. A firing that is on its way changes nothing.
void end_backoff(State& state) {
  state.p2p.backfill.backoff = Backoff{};
  timer_of(state, TimerId::kBackfillRetry).armed = false;
}

/// Every usable peer was asked for the first missing number.
void defer(Step& step, const Gap& gap, std::uint32_t asked) {
  Backfill& plan = step.state.p2p.backfill;
  const Millis delay = retry_delay(plan.backoff.failures);
  ++plan.backoff.failures;
  plan.backoff.waiting = true;
  decide(step, Verdict::kBackfillDeferred, Reason::kNoPeerLeft, gap.first, asked, delay.value);
  step.set_timer(TimerId::kBackfillRetry, delay);
}

/// Asks one peer for the gap. Returns whether another gap should be looked for.
bool ask(Step& step, const Gap& gap) {
  Backfill& plan = step.state.p2p.backfill;
  if (plan.missing != gap.first || plan.missing_parent != gap.parent) {
    plan.missing = gap.first;
    plan.missing_parent = gap.parent;
    plan.tried.clear();
  }
  if (!may_request(step)) return false;  // an answer will come
  const PeerChoice choice = choose_peer(step, PeerProtocol::kCommitments, plan.tried, gap.first);
  const bool is_orphan = !gap.parent.is_zero();
  const bool is_enough = is_orphan && plan.tried.size() >= kOrphanPeersMax;
  if (choice.peer && !is_enough) {
    plan.page = request(step, *choice.peer, PeerProtocol::kCommitments,
                        commands::RequestCommitments{*choice.peer, gap.first, gap.count});
    if (!plan.is_running) {
      decide(step, Verdict::kBackfillStarted, Reason::kNone, gap.first, choice.peer->value,
             plan.target.value);
    }
    plan.is_running = true;
    return false;
  }
  if (choice.is_someone_left && !is_enough) {
    if (choice.ready_at.value != 0) arm_no_later(step, TimerId::kBackfillRetry, choice.ready_at);
    return false;
  }
  if (is_orphan) {
    plan.orphan = gap.parent;
    return true;
  }
  if (choice.asked > 0) defer(step, gap, choice.asked);
  return choice.asked > 0;
}

/// Everybody who is left was asked too often lately; the timer ends it.
bool is_paced(const Step& step) {
  const TimerState& retry = timer_of(step.state, TimerId::kBackfillRetry);
  return retry.armed && step.event.wall < retry.due && !step.state.p2p.backfill.backoff.waiting;
}

bool has_arrived(const State& state) {
  const Backfill& plan = state.p2p.backfill;
  if (plan.missing_parent.is_zero()) return plan.linked >= plan.missing;
  return state.book.find_linkable(plan.missing_parent) != nullptr;
}

bool is_as_asked(const commands::RequestCommitments& asked,
                 const events::CommitmentsDelivered& delivered) {
  if (delivered.count == 0) return true;
  return delivered.count <= asked.count && delivered.first >= asked.start &&
         delivered.last >= delivered.first;
}

void on_page(Step& step, const commands::RequestCommitments& asked,
             const events::PeerResult& result) {
  Backfill& plan = step.state.p2p.backfill;
  plan.page.reset();
  const auto* delivered = std::get_if<events::CommitmentsDelivered>(&result);
  const bool is_wrong = delivered != nullptr && !is_as_asked(asked, *delivered);
  if (is_wrong) penalise(step, asked.peer, Reason::kPageOutOfRange);
  if (step.state.heads.unsafe) refresh_linked(step.state);
  if (delivered == nullptr || is_wrong || !has_arrived(step.state)) {
    plan.tried.insert(asked.peer);
    decide(step, Verdict::kBackfillPassedOver,
           is_wrong ? Reason::kPageOutOfRange : Reason::kPageUseless, asked.start, asked.peer.value,
           delivered != nullptr ? delivered->count : 0);
    return;
  }
  reward(step, asked.peer);
  end_backoff(step.state);
  decide(step, Verdict::kBackfillAdvanced, Reason::kNone, plan.linked, asked.peer.value,
         plan.target.value);
  plan.missing = next(plan.linked);
  plan.missing_parent = Hash32{};
  plan.tried.clear();
  // Who hands out less than there is goes behind the others.
  if (delivered->count < asked.count) plan.tried.insert(asked.peer);
}

void on_tip(Step& step, Peer& peer, const commands::RequestCommitments& asked,
            const events::PeerResult& result) {
  peer.claim = HeadClaim::kUnknown;
  const auto* delivered = std::get_if<events::CommitmentsDelivered>(&result);
  if (delivered == nullptr) return;
  const std::uint64_t highest = highest_accepted(step.state).value;
  if (delivered->count != 1 || delivered->first != asked.start) {
    peer.claim = HeadClaim::kRefused;
    decide(step, Verdict::kHeadRefused, Reason::kHeadNotServed, asked.start, asked.peer.value,
           highest);
    penalise(step, asked.peer, Reason::kHeadNotServed);
    return;
  }
  if (!is_held_at(step.state, asked.start)) {
    // Our rules or our schedule refuse it: T1 has said why. The peer may see it otherwise.
    peer.claim = HeadClaim::kRefused;
    decide(step, Verdict::kHeadRefused, Reason::kPageUseless, asked.start, asked.peer.value,
           highest);
    return;
  }
  peer.claim = HeadClaim::kSettled;
  Backfill& plan = step.state.p2p.backfill;
  plan.target = std::max(plan.target, asked.start);
  reward(step, asked.peer);
}

/// Whether a head above ours is worth asking for. While following, gossip is on its way: only what
/// is still missing one poll later is asked for.
bool is_worth_asking(const State& state, const Peer& peer, BlockNumber head_before) {
  const Backfill& plan = state.p2p.backfill;
  if (peer.head <= plan.linked || peer.head <= plan.target) return false;
  return peer.heads_reported == 1 || head_before > plan.linked;
}

}  // namespace

BlockNumber highest_accepted(const State& state) {
  const BlockNumber base = state.heads.unsafe ? base_of(state) : confirmed_boundary(state);
  const std::uint64_t room = ~std::uint64_t{0} - base.value;
  return BlockNumber{base.value + std::min(room, limits::kHeightsAheadMax)};
}

std::optional<Gap> find_gap(const State& state) {
  if (!state.p2p.backfill.backoff.waiting) {
    if (auto hole = find_hole(state)) return hole;
  }
  return find_orphan(state);
}

void backfill_commitments(Step& step) {
  State& state = step.state;
  Backfill& plan = state.p2p.backfill;
  if (!state.heads.unsafe || !state.heads.confirmed_this_epoch) return;
  refresh_linked(state);
  if (plan.page || state.p2p.peers.empty()) return;
  if (plan.backoff.waiting && !find_hole(state)) end_backoff(state);
  constexpr int kGapsMax = 3;  // a hole, an orphan, and the hole's deferral in between
  for (int i = 0; i < kGapsMax && !is_paced(step); ++i) {
    const auto gap = find_gap(state);
    if (!gap || !ask(step, *gap)) break;
  }
  const bool is_over = plan.is_running && !plan.page && !find_hole(state) && !find_orphan(state);
  if (!is_over) return;
  decide(step, Verdict::kBackfillDone, Reason::kNone, plan.linked, 0, 0);
  plan.is_running = false;
  plan.target = BlockNumber{0};
}

void ask_head(Step& step, PeerNumber number) {
  const TimerState& poll = timer_of(step.state, TimerId::kPeerPoll);
  if (!poll.armed) step.set_timer(TimerId::kPeerPoll, Millis{limits::kPeerPollMs});
  Peer& peer = step.state.p2p.peers.at(number);
  const bool is_busy = peer.claim == HeadClaim::kAsked || peer.claim == HeadClaim::kTipAsked;
  if (is_busy || !may_request(step) || !is_ready(step, number, PeerProtocol::kHead)) return;
  peer.claim = HeadClaim::kAsked;
  request(step, number, PeerProtocol::kHead, commands::RequestHead{number});
}

void on_peer_poll(Step& step) {
  P2p& p2p = step.state.p2p;
  if (p2p.peers.empty()) return;  // the next one to connect is asked at once
  std::vector<std::pair<WallNanos, PeerNumber>> longest;
  for (const auto& [number, peer] : p2p.peers) {
    const auto& sent =
        p2p.records.at(peer.peer_id).sent[static_cast<std::size_t>(PeerProtocol::kHead)];
    longest.emplace_back(sent.empty() ? WallNanos{0} : sent.back(), number);
  }
  std::sort(longest.begin(), longest.end());
  longest.resize(std::min(longest.size(), limits::kHeadPollsPerEventMax));
  for (const auto& [time, number] : longest) ask_head(step, number);
}

void backfill_from_new_peer(Step& step) {
  Backfill& plan = step.state.p2p.backfill;
  timer_of(step.state, TimerId::kBackfillRetry).armed = false;
  plan.backoff.waiting = false;
  plan.orphan = Hash32{};
}

void on_backfill_retry(Step& step) {
  Backfill& plan = step.state.p2p.backfill;
  if (!plan.backoff.waiting) return;  // pacing is over
  plan.backoff.waiting = false;
  plan.tried.clear();
  plan.orphan = Hash32{};
}

void on_head_answer(Step& step, PeerNumber number, const events::PeerResult& result) {
  State& state = step.state;
  const auto found = state.p2p.peers.find(number);
  if (found == state.p2p.peers.end()) return;
  Peer& peer = found->second;
  peer.claim = HeadClaim::kUnknown;
  const auto* reported = std::get_if<events::HeadReported>(&result);
  if (reported == nullptr) return;
  reward(step, number);
  const BlockNumber head_before = peer.head;
  peer.head = reported->number;
  peer.head_window_end = reported->window_end;
  ++peer.heads_reported;
  if (!state.heads.unsafe) {
    peer.heads_reported = 0;  // nothing to compare it with yet: the next one counts as the first
    return;
  }
  refresh_linked(state);
  peer.claim = HeadClaim::kSettled;
  if (peer.head > highest_accepted(state)) {
    peer.claim = HeadClaim::kRefused;
    decide(step, Verdict::kHeadRefused, Reason::kHeadTooFarAhead, peer.head, number.value,
           highest_accepted(state).value);
    return;
  }
  if (!is_worth_asking(state, peer, head_before)) return;
  decide(step, Verdict::kHeadClaimed, Reason::kNone, peer.head, number.value,
         state.p2p.backfill.linked.value);
  peer.claim = HeadClaim::kUnknown;
  if (!may_request(step) || !is_ready(step, number, PeerProtocol::kCommitments)) return;
  peer.claim = HeadClaim::kTipAsked;
  request(step, number, PeerProtocol::kCommitments,
          commands::RequestCommitments{number, peer.head, 1});
}

void on_commitments_answer(Step& step, const CommandId& id,
                           const commands::RequestCommitments& asked,
                           const events::PeerResult& result) {
  if (step.state.p2p.backfill.page == id) {
    on_page(step, asked, result);
    return;
  }
  const auto peer = step.state.p2p.peers.find(asked.peer);
  if (peer == step.state.p2p.peers.end() || !step.state.heads.unsafe) return;
  refresh_linked(step.state);
  if (peer->second.claim == HeadClaim::kTipAsked) on_tip(step, peer->second, asked, result);
}

}  // namespace preconf::core::effects
