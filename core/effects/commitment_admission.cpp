#include "core/effects/commitment_admission.hpp"

#include <algorithm>
#include <deque>
#include <vector>

#include "core/base/assert.hpp"
#include "core/effects/commitment_rules.hpp"
#include "core/effects/txlist_acquisition.hpp"
#include "core/limits.hpp"

namespace preconf::core::effects {
namespace {

using protocol::CommitmentFacts;
using Kind = Judgement::Kind;

void drop(Step& step, const CommitmentKey& key) {
  const Commitment* commitment = step.state.book.find(key);
  PRECONF_ASSERT(commitment != nullptr);
  step.state.txlists.drop_referrer(commitment->facts.raw_tx_list_hash, key);
  step.state.book.erase(key);
}

/// Drops the last (farthest) of `ordered`, or reports that the newcomer itself would be the last.
/// Returns whether there is room for the newcomer.
bool make_room(Step& step, const std::set<HeightKey>& ordered, std::size_t bound,
               const Commitment& newcomer) {
  if (ordered.size() < bound) return true;
  const HeightKey farthest = *ordered.rbegin();
  if (newcomer.facts.block_number >= farthest.number) return false;
  const Commitment* victim = step.state.book.find(farthest.key);
  PRECONF_ASSERT(victim != nullptr);
  if (victim->phase == Phase::kExecuted) return false;
  step.decide(about(victim->facts, Verdict::kEvicted, Reason::kBufferFull, bound));
  drop(step, farthest.key);
  return true;
}

bool room_for(Step& step, const Commitment& newcomer) {
  const CommitmentBook& book = step.state.book;
  if (newcomer.facts.eop_only() &&
      !make_room(step, book.eop_only, limits::kHandoffsMax, newcomer)) {
    return false;
  }
  if (newcomer.phase == Phase::kPendingParent &&
      !make_room(step, book.pending_parent, limits::kPendingParentMax, newcomer)) {
    return false;
  }
  if (newcomer.phase == Phase::kPendingSchedule &&
      !make_room(step, book.pending_schedule, limits::kPendingScheduleMax, newcomer)) {
    return false;
  }
  return newcomer.facts.eop_only() ||
         make_room(step, book.by_height, limits::kCommitmentsMax, newcomer);
}

void hold(Step& step, Commitment commitment) {
  const CommitmentFacts& facts = commitment.facts;
  if (!facts.eop_only()) {
    step.state.txlists.add_referrer(facts.raw_tx_list_hash, commitment.key());
  }
  step.state.book.insert(std::move(commitment));
}

/// Other linkable commitments for the same height.
std::vector<CommitmentKey> rivals_of(const State& state, const CommitmentFacts& facts) {
  std::vector<CommitmentKey> rivals;
  const HeightKey first{facts.block_number, CommitmentKey{}};
  for (auto it = state.book.by_height.lower_bound(first);
       it != state.book.by_height.end() && it->number == facts.block_number; ++it) {
    const Commitment* other = state.book.find(it->key);
    PRECONF_ASSERT(other != nullptr);
    const bool pending =
        other->phase == Phase::kPendingParent || other->phase == Phase::kPendingSchedule;
    if (!pending && it->key.preconf_hash != facts.preconf_hash) rivals.push_back(it->key);
  }
  return rivals;
}

/// Ruling 7.4: both stay, the height is contested, the first executed one is not replaced.
void note_rivals(Step& step, Commitment& commitment, const std::vector<CommitmentKey>& rivals) {
  // Before version 6 every pair was said: their number grows with the square of the candidates.
  std::size_t others_left =
      step.state.reducer_version >= kL1MemoryVersion ? limits::kRivalsToldMax : rivals.size();
  for (const CommitmentKey& key : rivals) {
    Commitment* rival = step.state.book.find(key);
    PRECONF_ASSERT(rival != nullptr);
    rival->contested = true;
    commitment.contested = true;
    const bool equivocation = rival->facts.signer == commitment.facts.signer &&
                              rival->facts.window_end == commitment.facts.window_end;
    if (!equivocation && others_left == 0) continue;
    if (!equivocation) --others_left;
    const Reason reason = equivocation ? Reason::kEquivocation : Reason::kCompetingSigner;
    step.decide(about(commitment.facts, Verdict::kContested, reason, rival->received.value,
                      commitment.received.value, rival->facts.preconf_hash));
    if (equivocation) {
      step.add_evidence(Evidence{EvidenceKind::kEquivocation, commitment.facts.signer,
                                 commitment.facts.window_end, commitment.facts.block_number,
                                 rival->received, commitment.received});
    }
  }
}

/// An EOP that comes after the same signer's later blocks of that window contradicts them.
void note_blocks_beyond(Step& step, const Commitment& eop) {
  const CommitmentFacts& facts = eop.facts;
  const BlockNumber first = facts.eop_only() ? facts.block_number : next(facts.block_number);
  const auto& heights = step.state.book.by_height;
  for (auto it = heights.lower_bound(HeightKey{first, CommitmentKey{}}); it != heights.end();
       ++it) {
    const Commitment* later = step.state.book.find(it->key);
    PRECONF_ASSERT(later != nullptr);
    if (it->key.signer != facts.signer || later->facts.window_end != facts.window_end) continue;
    step.add_evidence(Evidence{EvidenceKind::kAfterEop, facts.signer, facts.window_end,
                               later->facts.block_number, later->received, eop.received});
    return;
  }
}

/// Remembers that the signer has ended its window; the lowest height counts, so that the order of
/// arrival does not matter.
void note_handoff(Step& step, const Commitment& commitment) {
  const CommitmentFacts& facts = commitment.facts;
  if (!facts.eop) return;
  auto& handoffs = step.state.book.handoffs;
  const Handoff handoff{facts.signer, facts.block_number, facts.preconf_hash, facts.eop_only()};
  note_blocks_beyond(step, commitment);
  const auto [position, inserted] = handoffs.emplace(facts.window_end, handoff);
  if (!inserted && facts.block_number < position->second.number) position->second = handoff;
  if (handoffs.size() > limits::kHandoffsMax) handoffs.erase(handoffs.begin());
}

void reject(Step& step, const Commitment& commitment, const Judgement& judgement) {
  if (judgement.reason == Reason::kAfterEop) {
    Seq eop_seen;
    const auto handoff = step.state.book.handoffs.find(commitment.facts.window_end);
    if (handoff != step.state.book.handoffs.end()) {
      const Commitment* eop = step.state.book.find_linkable(handoff->second.preconf_hash);
      if (eop != nullptr) eop_seen = eop->received;
    }
    step.add_evidence(Evidence{EvidenceKind::kAfterEop, commitment.facts.signer,
                               commitment.facts.window_end, commitment.facts.block_number, eop_seen,
                               commitment.received});
  }
  step.decide(about(commitment.facts, Verdict::kRejected, judgement.reason, judgement.a,
                    judgement.b, judgement.hash));
}

/// Takes a commitment that passed every rule into the promised chain. Returns whether it was held.
bool admit(Step& step, Commitment commitment) {
  const CommitmentFacts facts = commitment.facts;
  commitment.phase = Phase::kAdmitted;
  if (step.state.book.find_linkable(facts.preconf_hash) != nullptr) return false;
  std::vector<CommitmentKey> rivals;
  if (!facts.eop_only()) rivals = rivals_of(step.state, facts);
  // Per signer and window: one key must not fill a height against its successor.
  const auto own_rivals = std::ranges::count_if(rivals, [&](const CommitmentKey& key) {
    const Commitment* rival = step.state.book.find(key);
    return key.signer == facts.signer && rival->facts.window_end == facts.window_end;
  });
  if (static_cast<std::size_t>(own_rivals) >= limits::kCandidatesPerHeightMax) {
    step.decide(about(facts, Verdict::kEvicted, Reason::kHeightFull, facts.block_number.value,
                      limits::kCandidatesPerHeightMax));
    return false;
  }
  note_rivals(step, commitment, rivals);
  if (!room_for(step, commitment)) {
    step.decide(about(facts, Verdict::kEvicted, Reason::kBufferFull, limits::kCommitmentsMax));
    return false;
  }
  const CommitmentKey key = commitment.key();
  note_handoff(step, commitment);
  const Seq received = commitment.received;
  hold(step, std::move(commitment));
  step.decide(about(facts, facts.eop_only() ? Verdict::kHandoff : Verdict::kAdmitted, Reason::kNone,
                    received.value, step.state.schedule.version));
  judge_list_of(step, key);
  return true;
}

void buffer(Step& step, Commitment commitment, Phase phase, const Judgement& judgement) {
  commitment.phase = phase;
  if (!room_for(step, commitment)) {
    step.decide(about(
        commitment.facts, Verdict::kEvicted, Reason::kBufferFull,
        phase == Phase::kPendingParent ? limits::kPendingParentMax : limits::kPendingScheduleMax));
    return;
  }
  step.decide(
      about(commitment.facts,
            phase == Phase::kPendingParent ? Verdict::kPendingParent : Verdict::kPendingSchedule,
            judgement.reason, judgement.a, judgement.b, judgement.hash));
  hold(step, std::move(commitment));
}

/// Acts on the judgement of a commitment that is not held. Returns whether children may now link.
bool settle(Step& step, Commitment commitment) {
  commitment.schedule_version = step.state.schedule.version;
  const Judgement judgement = judge(step.state, commitment.facts);
  switch (judgement.kind) {
    case Kind::kAdmit:
      return admit(step, std::move(commitment));
    case Kind::kPendingParent:
      buffer(step, std::move(commitment), Phase::kPendingParent, judgement);
      return false;
    case Kind::kPendingSchedule:
      buffer(step, std::move(commitment), Phase::kPendingSchedule, judgement);
      return false;
    case Kind::kStale:
      step.decide(
          about(commitment.facts, Verdict::kStale, judgement.reason, judgement.a, judgement.b));
      return false;
    case Kind::kEvict:
      step.decide(
          about(commitment.facts, Verdict::kEvicted, judgement.reason, judgement.a, judgement.b));
      return false;
    case Kind::kReject:
      reject(step, commitment, judgement);
      return false;
  }
  return false;
}

/// Judges a held, pending commitment again; leaves it alone when nothing changed for it.
bool resettle(Step& step, const CommitmentKey& key) {
  const Commitment* pending = step.state.book.find(key);
  if (pending == nullptr) return false;
  const Judgement judgement = judge(step.state, pending->facts);
  const bool still_waits =
      (pending->phase == Phase::kPendingParent && judgement.kind == Kind::kPendingParent) ||
      (pending->phase == Phase::kPendingSchedule && judgement.kind == Kind::kPendingSchedule);
  if (still_waits) return false;
  Commitment commitment = *pending;
  drop(step, key);
  return settle(step, std::move(commitment));
}

/// Judges everything that waits for the given parents, and in turn what waits for those.
void readmit_children(Step& step, std::deque<Hash32> parents) {
  while (!parents.empty()) {
    const Hash32 parent = parents.front();
    parents.pop_front();
    const auto position = step.state.book.children.find(parent);
    if (position == step.state.book.children.end()) continue;
    const std::vector<CommitmentKey> children(position->second.begin(), position->second.end());
    for (const CommitmentKey& child : children) {
      const Commitment* held = step.state.book.find(child);
      if (held == nullptr || held->phase != Phase::kPendingParent) continue;
      if (resettle(step, child)) parents.push_back(child.preconf_hash);
    }
  }
}

void readmit(Step& step, const std::vector<CommitmentKey>& keys) {
  for (const CommitmentKey& key : keys) {
    if (resettle(step, key)) readmit_children(step, {key.preconf_hash});
  }
}

}  // namespace

void admit_commitment(Step& step, const events::CommitmentReceived& received) {
  const CommitmentFacts& facts = received.facts;
  if (facts.defect != protocol::CommitmentDefect::kNone) {
    const auto reason = static_cast<Reason>(1 + static_cast<std::uint16_t>(facts.defect));
    step.decide(about(facts, Verdict::kRejected, reason));
    return;
  }
  Commitment commitment;
  commitment.facts = facts;
  commitment.received = step.event.seq;
  if (const Commitment* known = step.state.book.find(commitment.key())) {
    step.decide(about(facts, Verdict::kDuplicate, known->invalid_reason, known->received.value,
                      static_cast<std::uint64_t>(known->phase)));
    return;
  }
  if (settle(step, std::move(commitment))) readmit_children(step, {facts.preconf_hash});
}

void readmit_pending_schedule(Step& step) {
  std::vector<CommitmentKey> keys;
  for (const HeightKey& entry : step.state.book.pending_schedule) keys.push_back(entry.key);
  for (const HeightKey& entry : step.state.book.pending_parent) keys.push_back(entry.key);
  readmit(step, keys);
}

void readmit_above_head(Step& step) {
  if (!step.state.heads.unsafe) return;
  const BlockNumber above = next(step.state.heads.unsafe->number);
  std::vector<CommitmentKey> keys;
  const auto& pending = step.state.book.pending_parent;
  for (auto it = pending.lower_bound(HeightKey{above, CommitmentKey{}});
       it != pending.end() && it->number == above; ++it) {
    keys.push_back(it->key);
  }
  readmit(step, keys);
}

void invalidate(Step& step, const CommitmentKey& key, Reason reason, std::uint64_t a,
                std::uint64_t b) {
  std::deque<CommitmentKey> doomed{key};
  for (bool first = true; !doomed.empty(); first = false) {
    const CommitmentKey current = doomed.front();
    doomed.pop_front();
    Commitment* commitment = step.state.book.find(current);
    PRECONF_ASSERT(commitment != nullptr);
    if (commitment->phase == Phase::kPendingParent) {
      step.decide(about(commitment->facts, Verdict::kRejected, Reason::kParentInvalid, 0, 0,
                        commitment->facts.parent_preconf_hash));
      drop(step, current);
      continue;
    }
    if (commitment->phase != Phase::kAdmitted) continue;
    commitment->invalid_reason = first ? reason : Reason::kParentInvalid;
    step.state.book.set_phase(*commitment, Phase::kInvalid);
    step.decide(about(commitment->facts, Verdict::kInvalidated, commitment->invalid_reason,
                      first ? a : 0, first ? b : 0,
                      first ? Hash32{} : commitment->facts.parent_preconf_hash));
    const auto children = step.state.book.children.find(current.preconf_hash);
    if (children == step.state.book.children.end()) continue;
    doomed.insert(doomed.end(), children->second.begin(), children->second.end());
  }
}

void prune_commitments(Step& step) {
  State& state = step.state;
  if (!state.heads.unsafe) return;
  // A boundary above the engine's own head is passing or absurd: what lies between is refused while
  // it lasts, not forgotten.
  const BlockNumber boundary = std::min(confirmed_boundary(state), state.heads.unsafe->number);
  const std::uint64_t head = state.heads.unsafe->number.value;
  const std::uint64_t remembered =
      head >= limits::kExecutedBlocksMax ? head - limits::kExecutedBlocksMax + 1 : 0;
  const BlockNumber lowest{remembered};
  const auto is_left_behind = [boundary, lowest](BlockNumber number) {
    return number <= boundary || number < lowest;
  };
  while (!state.book.by_height.empty() && is_left_behind(state.book.by_height.begin()->number)) {
    const CommitmentKey key = state.book.by_height.begin()->key;
    const Commitment* commitment = state.book.find(key);
    PRECONF_ASSERT(commitment != nullptr);
    if (commitment->phase != Phase::kExecuted && commitment->facts.block_number <= boundary) {
      step.decide(about(commitment->facts, Verdict::kStale, Reason::kStaleCommitment,
                        commitment->facts.block_number.value, boundary.value));
    }
    drop(step, key);
  }
  auto& executed = state.heads.executed;
  // The block right below stays: it is the parent that the lowest commitment links to. So does the
  // head, even when the engine's boundary lies above it (a crash between its own writes).
  while (executed.size() > 1 && is_left_behind(next(executed.begin()->first))) {
    executed.erase(executed.begin());
  }
  auto& eop_only = state.book.eop_only;
  while (!eop_only.empty() && is_left_behind(eop_only.begin()->number)) {
    drop(step, CommitmentKey{eop_only.begin()->key});
  }
}

}  // namespace preconf::core::effects
