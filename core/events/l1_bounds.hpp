// What fits into one event from L1: bounds of its parts, and of their sums, which keep the event
// below the largest payload of the log.
#pragma once

#include <span>

#include "core/events/l1.hpp"

namespace preconf::core::events {

/// What the facts of one L1 block have in common, counted together.
struct L1FactCounts {
  std::size_t sources = 0;
  std::size_t blob_hashes = 0;
  std::size_t slots = 0;
};

/// Does `fact` fit beside what `counts` holds already (core/limits_l1.hpp)? Then it is counted. Who
/// reads L1 puts LogRefused (kTooMany) in the place of one that does not.
[[nodiscard]] bool add_if_fits(L1FactCounts& counts, const L1FactBody& fact);

/// Every fact fits beside those before it, and there are at most limits::kFactsPerL1BlockMax.
[[nodiscard]] bool fits_one_event(std::span<const L1Fact> facts);

/// At most limits::kProposalSourcesMax sources, kProposalBlobsMax blobs of all of them, and
/// kProposalBlocksMax blocks of all of them.
[[nodiscard]] bool fits_one_event(std::span<const SourceFacts> sources);

}  // namespace preconf::core::events
