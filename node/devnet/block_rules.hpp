// Consensus of the simulated engine: what newPayload checks, and the payload id.
// Source: alethia-reth's consensus and payload crates, as restated in the derivation reference
// page.
#pragma once

#include <string>
#include <vector>

#include "node/devnet/engine_chain.hpp"

namespace preconf::node::devnet {

/// Payload id of a build: SHA-256 over parent hash, timestamp, prevRandao, fee recipient,
/// withdrawals, beacon root when present, keccak256 of the transaction list (zero when absent) and
/// extraData; the first 8 bytes, byte 0 set to 2.
[[nodiscard]] core::PayloadId payload_args_id(const core::Hash32& parent,
                                              const BuildRequest& request);

/// Header rules that need no execution: number, timestamp, gas, base fee, sizes. Empty when they
/// hold, else the reason. `grandparent` is null when the parent is genesis.
[[nodiscard]] std::string check_header(const core::codec::Header& header, const SimBlock& parent,
                                       const SimBlock* grandparent,
                                       const core::protocol::ChainProfile& chain);

/// Executes the body and compares every field of the header with the outcome. Empty when all
/// agree, and `block` is the executed block; else the reason.
[[nodiscard]] std::string check_body(const core::codec::Header& header,
                                     const std::vector<core::Bytes>& transactions,
                                     const SimBlock& parent,
                                     const core::protocol::ChainProfile& chain, SimBlock& block);

}  // namespace preconf::node::devnet
