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

/// Proposal `id` ends at `last`: promises of it, or of an earlier one, above that height can not
/// land any more as they were promised.
void judge_what_did_not_land(Step& step, ProposalId id, BlockNumber last);

/// L1 has another block where this commitment promised one.
[[nodiscard]] bool is_contradicted(const State& state, const Hash32& preconf_hash);

}  // namespace preconf::core::effects
