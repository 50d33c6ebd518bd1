// A block of a simulated engine.
#pragma once

#include <vector>

#include "core/base/bytes.hpp"
#include "core/codec/header.hpp"
#include "core/protocol/chain_profile.hpp"

namespace preconf::node::devnet {

/// One executed transaction.
struct SimTransaction {
  core::Bytes raw;  ///< EIP-2718 form: legacy RLP list, or type byte and payload
  core::Hash32 hash;
  core::Address sender;
};

struct SimBlock {
  core::codec::Header header;
  core::Hash32 hash;  ///< keccak256 of the header's RLP
  std::vector<SimTransaction> transactions;
  std::uint64_t golden_nonce = 0;   ///< of the golden touch account after this block
  std::uint64_t anchor_number = 0;  ///< newest L1 block that the anchor contract knows
  core::Hash32 ancestors_hash;      ///< of the anchor contract; made up
  std::uint64_t rlp_bytes = 0;      ///< size of the block as Ethereum encodes it, for eth_getBlock

  [[nodiscard]] std::uint64_t number() const { return header.number; }
};

/// Block 0 of a simulated chain: gas limit 15,000,000, base fee 10,000,000 wei, timestamp 0, no
/// transactions, and a synthetic state root. It is not the genesis of any deployed network, whose
/// state root comes from its genesis allocation.
[[nodiscard]] SimBlock simulated_genesis(const core::protocol::ChainProfile& chain);

}  // namespace preconf::node::devnet
