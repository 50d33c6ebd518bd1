// Driver effect T1: commitment admission (the driver spec's "unsafe block addition", for
// commitments).
//
// Condition   a commitment arrived; or something that pending ones wait for has changed
// Effect      it is admitted, buffered, recognised as duplicate or stale, or refused with a reason
// Writes      the commitment book, the handoffs, evidence; never a head
// Source      P2P specification 4-6; architecture rulings 7.2-7.5
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Judges the arrived commitment and everything that waited for it.
void admit_commitment(Step& step, const events::CommitmentReceived& received);

/// Judges all commitments that wait for a schedule again.
void readmit_pending_schedule(Step& step);

/// Judges those that may link to the (new) head: children of blocks whose commitment is not known.
void readmit_above_head(Step& step);

/// Marks `key` and everything built on it as invalid.
/// Requires that the key is held in a linkable phase.
void invalidate(Step& step, const CommitmentKey& key, Reason reason, std::uint64_t a,
                std::uint64_t b);

/// Drops what the confirmed boundary and the executed chain have left behind.
void prune_commitments(Step& step);

}  // namespace preconf::core::effects
