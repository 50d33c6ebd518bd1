#include "node/devnet/sim_block.hpp"

#include <string_view>

#include "core/crypto/hash.hpp"
#include "core/protocol/execution_payload.hpp"

namespace preconf::node::devnet {

SimBlock simulated_genesis(const core::protocol::ChainProfile& chain) {
  constexpr std::string_view kStateSeed = "preconf simulated genesis state";
  SimBlock block;
  block.header.gas_limit = 15'000'000;
  block.header.base_fee_wei = 10'000'000;
  core::Bytes seed(kStateSeed.begin(), kStateSeed.end());
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    seed.push_back(static_cast<std::uint8_t>(chain.chain_id >> (shift - 8)));
  }
  block.header.state_root = core::crypto::keccak256(seed);
  core::protocol::set_taiko_constants(block.header, chain);
  block.hash = core::codec::hash_header(block.header);
  block.rlp_bytes = core::codec::encode_header(block.header).size();
  return block;
}

}  // namespace preconf::node::devnet
