// Driver effect T11: peer reputation (our addition).
//
// Condition   a peer helped, failed, or did what is definitively wrong
// Effect      its score moves; at the bounds of the specification it is banned for a time
// Writes      the peer's record
// Source      P2P specification 7; architecture ruling 7.11: only definitive invalidity costs
#pragma once

#include "core/effects/step.hpp"
#include "core/protocol/reputation.hpp"

namespace preconf::core::effects {

/// Adds kRewardPoints, `times` times. Unknown peers are nobody's business.
void reward(Step& step, PeerNumber peer, std::uint64_t times = 1);

/// Takes points, at most kPenaltyCapPoints in kPenaltyCapSeconds, and bans when a bound is reached.
void penalise(Step& step, PeerNumber peer, Reason reason,
              std::int64_t points = protocol::kPenaltyPoints, std::uint64_t times = 1);

/// The record's score at `now`, in millionths.
[[nodiscard]] std::int64_t score_at(const PeerRecord& record, WallNanos now);

[[nodiscard]] bool is_banned(const PeerRecord& record, WallNanos now);

/// The connected peer's record; none = not connected.
[[nodiscard]] PeerRecord* record_of(State& state, PeerNumber peer);
[[nodiscard]] const PeerRecord* record_of(const State& state, PeerNumber peer);

}  // namespace preconf::core::effects
