// Reorgs that a test orders by name.
#pragma once

#include <optional>
#include <string_view>

#include "node/devnet/l1_chain.hpp"
#include "node/devnet/proposal_manifest.hpp"

namespace preconf::node::devnet {

/// What happens to the transactions of the blocks that are replaced.
enum class ReorgVariant : std::uint8_t {
  kKeep,    ///< "keep": the same, at the same heights
  kMove,    ///< "move": the same, one block later
  kDrop,    ///< "drop": gone
  kChange,  ///< "change": proposals describe another last block
};
[[nodiscard]] std::optional<ReorgVariant> reorg_variant_from(std::string_view name);

/// The plan for L1Chain::reorg. `chain` outlives it.
[[nodiscard]] L1Reorg reorg_plan(L1Chain& chain, std::uint64_t depth, ReorgVariant variant);

/// The same proposal with another last block; unchanged when its blobs hold no manifest.
[[nodiscard]] l1_call::Propose contradicting_proposal(L1Chain& chain,
                                                      const l1_call::Propose& proposal,
                                                      Contradiction kind);

}  // namespace preconf::node::devnet
