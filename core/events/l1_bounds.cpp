#include "core/events/l1_bounds.hpp"

#include <algorithm>

#include "core/limits_l1.hpp"

namespace preconf::core::events {
namespace {

/// Counts of one fact alone; nothing when it does not even fit alone.
struct CountsOf {
  std::optional<L1FactCounts> operator()(const protocol::ProposedFacts& proposed) const {
    if (proposed.sources.size() > limits::kProposalSourcesMax) return std::nullopt;
    L1FactCounts out;
    out.sources = proposed.sources.size();
    for (const protocol::DerivationSource& source : proposed.sources) {
      const std::size_t hashes = source.blobs.blob_hashes.size();
      if (hashes > limits::kSourceBlobsMax) return std::nullopt;
      out.blob_hashes += hashes;
    }
    return out;
  }
  std::optional<L1FactCounts> operator()(const protocol::LookaheadFact& fact) const {
    const std::size_t slots = fact.posted.slots.size();
    if (slots > limits::kLookaheadSlotsMax) return std::nullopt;
    return L1FactCounts{0, 0, slots};
  }
  template <class Fact>
  std::optional<L1FactCounts> operator()(const Fact& /*fact*/) const {
    return L1FactCounts{};
  }
};

}  // namespace

bool add_if_fits(L1FactCounts& counts, const L1FactBody& fact) {
  const auto added = std::visit(CountsOf{}, fact);
  if (!added) return false;
  const L1FactCounts sum{counts.sources + added->sources, counts.blob_hashes + added->blob_hashes,
                         counts.slots + added->slots};
  if (sum.sources > limits::kL1BlockSourcesMax || sum.slots > limits::kL1BlockSlotsMax ||
      sum.blob_hashes > limits::kL1BlockBlobHashesMax) {
    return false;
  }
  counts = sum;
  return true;
}

bool fits_one_event(std::span<const L1Fact> facts) {
  if (facts.size() > limits::kFactsPerL1BlockMax) return false;
  L1FactCounts counts;
  return std::ranges::all_of(
      facts, [&counts](const L1Fact& fact) { return add_if_fits(counts, fact.body); });
}

bool fits_one_event(std::span<const SourceFacts> sources) {
  if (sources.size() > limits::kProposalSourcesMax) return false;
  std::size_t blobs = 0;
  std::size_t blocks = 0;
  for (const SourceFacts& source : sources) {
    blobs += source.blobs.size();
    blocks += source.blocks.size();
  }
  return blobs <= limits::kProposalBlobsMax && blocks <= limits::kProposalBlocksMax;
}

}  // namespace preconf::core::events
