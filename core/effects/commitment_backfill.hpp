// Driver effect E3, in Taiko's form: commitment back-fill. Catch-up after a start and the repair of
// a gap while following are one plan.
//
// Condition   a peer's head lies above what links here, or a commitment waits for its parent
// Effect      the peer first delivers the commitment it calls its head; then what is missing is
//             asked for upwards from the highest linked number, in pages, of one peer after the
//             other; what arrives is admitted by T1 as if it had come by gossip
// Writes      its plan, the peers' claims; never the commitment book
// Failure     a peer that brings nothing is passed over; when all were asked, a timer begins anew
// Source      P2P specification 10; catch-up hazards C1..C9 of the reference's client
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Evaluates the condition; asks for the next page when something is missing.
void backfill_commitments(Step& step);

/// Asks a peer for its head, when it may be asked now. Keeps the poll timer armed.
void ask_head(Step& step, PeerNumber peer);

/// The poll interval is over: the peers that were not asked for longest are asked for their heads.
void on_peer_poll(Step& step);

/// A peer came that was not asked: what waits for a timer need not wait.
void backfill_from_new_peer(Step& step);

/// The retry delay is over.
void on_backfill_retry(Step& step);

void on_head_answer(Step& step, PeerNumber peer, const events::PeerResult& result);
void on_commitments_answer(Step& step, const CommandId& id,
                           const commands::RequestCommitments& asked,
                           const events::PeerResult& result);

/// Highest number that may be promised now.
[[nodiscard]] BlockNumber highest_accepted(const State& state);

/// What is missing, for the status and the plan alike.
struct Gap {
  BlockNumber first;
  std::uint32_t count = 1;
  Hash32 parent;  ///< asked for as the unknown parent of a held commitment; zero = as a number
};
/// The gap to work at; none = nothing is missing, or it waits for the retry timer.
/// Requires a known head and an up to date plan.linked.
[[nodiscard]] std::optional<Gap> find_gap(const State& state);

}  // namespace preconf::core::effects
