// Driver effect T6: publication of own commitments.
//
// Condition   a commitment that came over RPC is admitted, and the network runs
// Effect      its transaction list is gossiped, then the commitment itself
// Writes      the publications
// Failure     reaching no peer is not publishing: tried again by timer with the same bytes, until
//             the commitment is stale
// Source      P2P specification 6.1; architecture ruling 7.9
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// A commitment arrived over RPC and T1 has judged it in this step.
void note_own_commitment(Step& step, const events::CommitmentReceived& received);

/// Evaluates the condition; publishes what is ready.
void publish_commitments(Step& step);

/// The outcome of a publication. Requires that `asked` was in flight and is taken out.
void on_published(Step& step, const Command& asked, const events::Published& published);

/// The retry delay is over.
void on_publish_retry(Step& step);

}  // namespace preconf::core::effects
