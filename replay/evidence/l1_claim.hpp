// What of a bundle's claim rests on L1: which records say who could sign, and what landed.
#pragma once

#include <optional>
#include <vector>

#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::replay::evidence {

/// The block that L1 has in the place of a promised one.
struct L1Landing {
  core::ProposalId proposal;
  std::uint32_t source = 0;          ///< index in the proposal
  std::uint32_t block = 0;           ///< index in the source
  core::Seq l1_block;                ///< event: the L1 block with the Proposed log
  std::optional<core::Seq> sources;  ///< event: what the node read in the blobs
  std::vector<core::Seq> blobs;      ///< events: the source's blobs, in its order; none is cut out
  std::optional<core::Seq> list;     ///< event: the node's hash of the derived list
  core::Seq verdict;                 ///< event at which the node compared
  PRECONF_FIELDS(L1Landing, proposal, source, block, l1_block, sources, blobs, list, verdict);
};

struct L1Claim {
  std::optional<core::Seq> deployment;    ///< event: clock of L1, and who signs as the fallback
  std::vector<core::Seq> schedule_facts;  ///< events, in L1's order; none: not a table from L1
  std::optional<L1Landing> landing;
  PRECONF_FIELDS(L1Claim, deployment, schedule_facts, landing);
};

}  // namespace preconf::replay::evidence
