// What could be asked or done on chain about a finding (contracts.md, section 5.2).
#pragma once

#include <optional>

#include "core/protocol/chain_profile.hpp"
#include "core/protocol/commitment.hpp"
#include "replay/evidence/claim.hpp"

namespace preconf::replay::evidence {

/// Calls that answer what the log does not hold, by name in `missing`, too; and why there is no
/// calldata for slashing.
void fill_on_chain(Claim& claim, const core::protocol::ChainProfile& chain,
                   const core::protocol::CommitmentFacts* accused,
                   const core::protocol::CommitmentFacts* parent);

}  // namespace preconf::replay::evidence
