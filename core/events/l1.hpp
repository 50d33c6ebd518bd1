// Facts from L1.
#pragma once

#include <optional>

#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::core::events {

/// What the ingress gate needs to know about event sync.
struct L1SyncObserved {
  bool scanner_live = false;                ///< the log scanner follows the L1 head
  ProposalId target_proposal;               ///< nextProposalId - 1; 0 = no proposal yet
  std::optional<BlockNumber> target_block;  ///< last L2 block of that proposal, none = unknown
  PRECONF_FIELDS(L1SyncObserved, scanner_live, target_proposal, target_block);
};

}  // namespace preconf::core::events
