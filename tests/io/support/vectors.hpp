// Blocks and commitments made by another implementation (tests/vectors, JavaScript).
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/protocol/chain_profile.hpp"

namespace preconf::io::test {

/// One block of tests/vectors/independent_blocks.json.
struct VectorBlock {
  std::uint64_t number = 0;
  std::uint64_t timestamp = 0;
  core::Bytes commitment;  ///< 382 signed bytes
  core::Bytes compressed;  ///< transaction list
  std::string header_rlp;  ///< hex with 0x, as all below
  std::string hash, coinbase, mix_hash, extra_data, transactions_root, tx_list_hash, preconf_hash;
  std::uint64_t gas_limit = 0, gas_used = 0, base_fee = 0, difficulty = 0;
  std::vector<std::string> transactions;
};

[[nodiscard]] const std::vector<VectorBlock>& vector_blocks();

/// engine_getPayloadV2's result for a block, as an engine would write it.
[[nodiscard]] std::string payload_result(const VectorBlock& block);

/// Network under which the vector commitments are signed.
[[nodiscard]] core::protocol::NetworkProfile vector_network();

}  // namespace preconf::io::test
