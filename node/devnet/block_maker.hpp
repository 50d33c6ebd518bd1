// Makes the next block of a preconfer: parameters by the derivation rules, executed on its engine.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "node/devnet/engine_chain.hpp"

namespace preconf::node::devnet {

/// The L1 of the simulation: one block every 12 s of L2 time since its first block, with made-up
/// hashes. Deterministic.
[[nodiscard]] core::protocol::AnchorCall simulated_l1_block(core::L1BlockNumber number);

struct MakeInputs {
  core::UnixSeconds timestamp;  ///< above the head's
  core::Address coinbase;
  core::protocol::AnchorCall anchor;
  core::ProposalId proposal;
  std::vector<core::Bytes> user_transactions;  ///< raw EIP-2718 form
};

struct MadeBlock {
  const SimBlock* block = nullptr;  ///< the chain's new head
  core::Bytes tx_list;              ///< compressed, as published
  core::Hash32 tx_list_hash;        ///< keccak256 of it
};

/// Base fee of the block above the head.
[[nodiscard]] std::uint64_t next_base_fee(const EngineChain& chain);

/// Builds a block on the head through the engine's own calls (forkchoiceUpdated with attributes,
/// getPayload, newPayload, forkchoiceUpdated). The error says which call refused and why.
[[nodiscard]] core::Result<MadeBlock, std::string> make_block(EngineChain& chain,
                                                              const MakeInputs& inputs);

}  // namespace preconf::node::devnet
