#include "core/protocol/derivation_rules.hpp"

#include <algorithm>

namespace preconf::core::protocol {
namespace {

constexpr std::uint64_t kMainnetChainId = 167'000;
constexpr std::uint64_t kLastProposalWithAnchorInTransaction = 7;

}  // namespace

std::size_t blocks_per_source_max(const ChainProfile& chain, UnixSeconds landed) {
  return unzen_active(chain, landed) ? kBlocksPerSourceMaxUnzen : kBlocksPerSourceMax;
}

bool anchor_in_parent_transaction(const ChainProfile& chain, ProposalId id) {
  return chain.chain_id == kMainnetChainId && id.value <= kLastProposalWithAnchorInTransaction;
}

UnixSeconds timestamp_lower_bound(const ChainProfile& chain, UnixSeconds parent,
                                  UnixSeconds landed) {
  constexpr std::uint64_t kMax = ~std::uint64_t{0};
  const UnixSeconds after_parent{parent.value + (parent.value < kMax ? 1 : 0)};
  const UnixSeconds not_too_old{landed.value - std::min(landed.value, chain.timestamp_lag_max)};
  return std::max({after_parent, not_too_old, chain.shasta_time});
}

ProposalFacts proposal_of(const ProposedFacts& proposed, const LandedAt& landed) {
  return ProposalFacts{proposed.id, proposed.proposer, proposed.base_fee_sharing_pctg, landed};
}

}  // namespace preconf::core::protocol
