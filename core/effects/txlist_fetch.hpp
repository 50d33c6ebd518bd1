// Driver effect T2, second half: asking peers for transaction lists.
//
// Condition   one of the next commitments to execute is promised and its list has not arrived
// Effect      the list is asked for by its hash, of one peer after the other; who does not answer
//             within limits::kListHedgeMs is not waited for alone: one more is asked, and so on, at
//             most limits::kListRacersMax at a time; gossip that brings it meanwhile ends the plan
// Writes      its plans; never the txlist book
// Failure     a peer without it is passed over; when all were asked, a timer begins anew; after the
//             window's end and a grace only peers that come new are asked
// Source      P2P specification 11; catch-up hazards C3 (pacing) and C8 (asked for again)
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Evaluates the condition; asks for what is due.
void fetch_txlists(Step& step);

/// A peer came that was not asked: what waits for a timer need not wait.
void fetch_from_new_peer(Step& step);

/// `failure` is the reason when the result is none.
void on_txlist_answer(Step& step, const CommandId& id, const commands::RequestTxList& asked,
                      const events::PeerResult& result, Reason failure);

}  // namespace preconf::core::effects
