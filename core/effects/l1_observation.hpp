// L1 as observed: blocks link to blocks, and what they say is kept until a reorg undoes it.
//
// Condition   a deployment, a block or new tags of L1 were observed
// Effect      link the block and take in its facts; undo what a reorg took away first
// Writes      the L1 links, the proposals that wait, the facts of the schedule, the L1 tags
// Failure     a block that links to nothing is refused by name; the follower scans again from the
//             links, so that nothing is ever skipped
// Source      driver spec (L1 view of attributes generation and safety reversal)
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

void follow_l1(Step& step, const events::L1DeploymentRecorded& recorded);
void observe_l1_block(Step& step, const events::L1BlockObserved& observed);
void observe_l1_tags(Step& step, const events::L1TagsObserved& observed);

/// The block at `number` of the chain that the newest link ends; nothing when it is not remembered.
[[nodiscard]] const L1Link* link_at(const L1State& l1, L1BlockNumber number);
/// The newest of the remembered proposals, or null: what the next one names as its parent.
[[nodiscard]] const ObservedProposal* newest_proposal(const L1State& l1);

/// The id that the next observed proposal must have. Requires a scan start.
[[nodiscard]] ProposalId next_proposal_id(const L1State& l1);

/// Does this state follow L1, by its version and by what was recorded?
[[nodiscard]] bool follows_l1(const State& state);

}  // namespace preconf::core::effects
