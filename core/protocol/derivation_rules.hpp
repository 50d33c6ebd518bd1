// Limits and constants of Taiko Shasta derivation, the same for every chain unless a function asks
// for the chain. What differs per chain and per fork is looked up here from the recorded profile
// (docs/decisions/0011).
#pragma once

#include <cstddef>

#include "core/protocol/chain_profile.hpp"
#include "core/protocol/inbox.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

/// A source whose offset leaves no room for two words in the first blob has no manifest.
inline constexpr std::uint32_t kSourceOffsetMax = 131'072 - 64;
inline constexpr std::size_t kBlocksPerSourceMax = 192;
inline constexpr std::size_t kBlocksPerSourceMaxUnzen = 768;

/// Blocks that one source may describe. What counts is the time at which the proposal landed on L1,
/// not the time of its blocks.
[[nodiscard]] std::size_t blocks_per_source_max(const ChainProfile& chain, UnixSeconds landed);

/// Where the anchor number of a proposal's parent block is read: from its first transaction for the
/// first proposals of mainnet (the state is that of an older anchor contract), else from the
/// anchor contract's state.
[[nodiscard]] bool anchor_in_parent_transaction(const ChainProfile& chain, ProposalId id);

/// First timestamp a block may have above a block at `parent`, in a proposal that landed at
/// `landed`: after its parent, not too far behind the proposal, not before the fork.
[[nodiscard]] UnixSeconds timestamp_lower_bound(const ChainProfile& chain, UnixSeconds parent,
                                                UnixSeconds landed);

/// A proposal as its blocks are derived from it: the log and where it landed.
struct ProposalFacts {
  ProposalId id;
  Address proposer;
  std::uint8_t base_fee_sharing_pctg = 0;
  LandedAt landed;
  PRECONF_FIELDS(ProposalFacts, id, proposer, base_fee_sharing_pctg, landed);
};
[[nodiscard]] ProposalFacts proposal_of(const ProposedFacts& proposed, const LandedAt& landed);

}  // namespace preconf::core::protocol
