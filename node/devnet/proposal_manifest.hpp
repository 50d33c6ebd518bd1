// Executed blocks as a proposal: the manifest that describes exactly them, and its blobs.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/codec/manifest.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "node/devnet/sim_block.hpp"

namespace preconf::node::devnet {

/// The anchor call in a block's first transaction. Requires that there is one.
[[nodiscard]] core::protocol::AnchorCall anchor_of(const SimBlock& block);

/// Timestamp, coinbase, anchor number, gas limit without the anchor's million, and the
/// transactions after the anchor.
[[nodiscard]] core::codec::BlockToPropose describe_block(const SimBlock& block);

/// RLP items of raw transactions (EIP-2718 form), one after another.
[[nodiscard]] core::Bytes rlp_items_of(std::span<const core::Bytes> transactions);

/// As many blobs as the payload needs.
[[nodiscard]] std::vector<core::Bytes> blobs_of_payload(core::BytesView payload);

/// The blocks that blobs describe from byte `offset` on; nothing when that is no manifest.
[[nodiscard]] std::optional<std::vector<core::codec::BlockToPropose>> read_proposed_blocks(
    std::span<const core::BytesView> blobs, std::size_t offset);

/// How a proposer breaks the promise of a preconfirmed block. What comes out is valid.
enum class Contradiction : std::uint8_t {
  kTransactions,  ///< the block loses its transactions
  kCoinbase,      ///< somebody else gets its fees
};
[[nodiscard]] const char* name_of(Contradiction kind);
[[nodiscard]] std::optional<Contradiction> contradiction_from(std::string_view name);
void contradict(core::codec::BlockToPropose& block, Contradiction kind);

}  // namespace preconf::node::devnet
