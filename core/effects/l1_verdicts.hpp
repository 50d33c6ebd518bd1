// What L1 made of a promise: honoured, contradicted, or not landed. Unknown is said by saying
// nothing: a list that nobody delivered can not be compared.
#pragma once

#include "core/effects/step.hpp"
#include "core/protocol/payload_attributes.hpp"

namespace preconf::core::effects {

/// Compares the promises for the height of `derived`, whose transaction hashes are known, with it;
/// once per height of a derivation. Before the block is written: afterwards they are stale and
/// gone.
void judge_promises(Step& step, const protocol::PayloadAttributes& derived);

/// `proposal` ends at `last`: promises of it, or of an earlier one, above that height can not land
/// any more as they were promised.
void judge_what_did_not_land(Step& step, const ObservedProposal& proposal, BlockNumber last);

/// L1 undid its blocks above `kept`; which proposals went was said. What rests on them is
/// forgotten; from reducer version 6 on, promises that were judged by them are judged again when
/// something lands at their height, and those that an older proposal had left out are so again.
void take_back_judgements(Step& step, L1BlockNumber kept);

/// All of L1 is read and derived anew: every remembered promise is judged again, and what rests on
/// the old reading is forgotten.
void judge_all_again(State& state);

/// What L1 says up to `height` is final: nothing there is judged again.
void forget_judged_promises(State& state, BlockNumber height);

/// L1 has another block where this commitment promised one.
[[nodiscard]] bool is_contradicted(const State& state, const Hash32& preconf_hash);

}  // namespace preconf::core::effects
