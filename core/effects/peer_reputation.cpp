#include "core/effects/peer_reputation.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace preconf::core::effects {
namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
constexpr std::uint64_t kTimesMax = 1'000;  // beyond every cap

/// Whole seconds between; 0 when the clock went back.
std::uint64_t seconds_between(WallNanos from, WallNanos to) {
  return distance(from, to) / kNanosPerSecond;
}

/// Lets the score fade until `now`. Parts of a second are kept for the next time.
void fade(PeerRecord& record, WallNanos now) {
  if (now < record.scored_at) record.scored_at = now;
  const std::uint64_t seconds = seconds_between(record.scored_at, now);
  if (seconds == 0) return;
  record.score_micro = protocol::decayed(record.score_micro, seconds);
  record.scored_at.value += seconds * kNanosPerSecond;
}

void note_low(PeerRecord& record, WallNanos now) {
  if (record.score_micro > protocol::kGreylistScore) {
    record.low_since.reset();
  } else if (!record.low_since || now < *record.low_since) {
    record.low_since = now;
  }
}

bool must_be_banned(const PeerRecord& record, WallNanos now) {
  if (record.score_micro <= protocol::kBanScore) return true;
  return record.low_since &&
         seconds_between(*record.low_since, now) > protocol::kGreylistBanSeconds;
}

/// What may still be taken in this interval.
std::int64_t room_for_penalty(PeerRecord& record, WallNanos now) {
  const bool is_over = now < record.penalised_since ||
                       seconds_between(record.penalised_since, now) >= protocol::kPenaltyCapSeconds;
  if (is_over) {
    record.penalised_since = now;
    record.penalised_micro = 0;
  }
  return protocol::kPenaltyCapPoints - record.penalised_micro;
}

void ban(Step& step, PeerNumber number, PeerRecord& record) {
  const Peer& peer = step.state.p2p.peers.at(number);
  const UnixSeconds until{step.event.wall.value / kNanosPerSecond + protocol::kBanSeconds};
  record.banned_until = until;
  step.decide(Decision{Verdict::kPeerBanned, Reason::kPeerScore, Hash32{}, BlockNumber{0},
                       number.value, until.value, Hash32{}});
  if (!step.state.stopping)
    step.order(commands::BanPeer{number, peer.peer_id, until, Reason::kPeerScore});
}

template <class AnyState>
auto find_record(AnyState& state, PeerNumber peer) -> decltype(&state.p2p.records.begin()->second) {
  const auto connected = state.p2p.peers.find(peer);
  if (connected == state.p2p.peers.end()) return nullptr;
  const auto record = state.p2p.records.find(connected->second.peer_id);
  PRECONF_ASSERT(record != state.p2p.records.end());
  return &record->second;
}

}  // namespace

PeerRecord* record_of(State& state, PeerNumber peer) { return find_record(state, peer); }
const PeerRecord* record_of(const State& state, PeerNumber peer) {
  return find_record(state, peer);
}

std::int64_t score_at(const PeerRecord& record, WallNanos now) {
  return protocol::decayed(record.score_micro, seconds_between(record.scored_at, now));
}

bool is_banned(const PeerRecord& record, WallNanos now) {
  return record.banned_until && now.value / kNanosPerSecond < record.banned_until->value;
}

void reward(Step& step, PeerNumber peer, std::uint64_t times) {
  PeerRecord* record = record_of(step.state, peer);
  if (record == nullptr) return;
  const WallNanos now = step.event.wall;
  fade(*record, now);
  const auto count = static_cast<std::int64_t>(std::min(times, kTimesMax));
  record->score_micro =
      std::min(record->score_micro + count * protocol::kRewardPoints, protocol::kScoreMax);
  note_low(*record, now);
}

void penalise(Step& step, PeerNumber peer, Reason reason, std::int64_t points,
              std::uint64_t times) {
  PeerRecord* record = record_of(step.state, peer);
  if (record == nullptr || times == 0) return;
  const WallNanos now = step.event.wall;
  fade(*record, now);
  const auto count = static_cast<std::int64_t>(std::min(times, kTimesMax));
  const std::int64_t taken = std::min(points * count, room_for_penalty(*record, now));
  record->penalised_micro += taken;
  record->score_micro = std::max(record->score_micro - taken, protocol::kScoreMin);
  note_low(*record, now);
  step.decide(Decision{Verdict::kPeerPenalised, reason, Hash32{}, BlockNumber{0}, peer.value,
                       static_cast<std::uint64_t>(taken / 1'000), Hash32{}});
  const bool is_protected = step.state.p2p.peers.at(peer).is_static;
  if (!is_protected && !is_banned(*record, now) && must_be_banned(*record, now)) {
    ban(step, peer, *record);
  }
}

}  // namespace preconf::core::effects
