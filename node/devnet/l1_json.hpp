// Blocks and logs of the simulated L1 as the JSON of Ethereum's execution API.
#pragma once

#include <string>

#include "io/json/json_writer.hpp"
#include "node/devnet/l1_block.hpp"

namespace preconf::node::devnet {

/// eth_getBlockBy*: transactions as hashes.
[[nodiscard]] std::string l1_block_json(const L1Block& block);
/// The header alone, as newHeads tells it.
[[nodiscard]] std::string l1_header_json(const L1Block& block);
/// One log. Requires index < block.logs.size().
void write_l1_log(io::JsonWriter& out, const L1Block& block, std::size_t index);

}  // namespace preconf::node::devnet
