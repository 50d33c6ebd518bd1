// Driver effect T2: transaction list acquisition.
//
// Condition   a transaction list arrived
// Effect      its facts are kept; commitments that can never execute with it become invalid
// Writes      the txlist book, phases of its referrers, evidence
// Source      P2P specification 3.4; architecture ruling 7.6
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

void accept_txlist(Step& step, const events::TxListReceived& received);

/// Judges the list of an admitted commitment when it is there; invalidates the commitment when the
/// list can not be executed under it. Requires that the key is held.
void judge_list_of(Step& step, const CommitmentKey& key);

}  // namespace preconf::core::effects
