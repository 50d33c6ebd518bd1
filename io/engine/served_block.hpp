// A block that another node serves, as the parameter of engine_newPayloadV2 for our own engine.
#pragma once

#include <string>
#include <vector>

#include "core/events/engine.hpp"
#include "core/protocol/chain_profile.hpp"
#include "io/json/json_reader.hpp"

namespace preconf::io {

struct ServedBlock {
  core::protocol::HeaderFacts header;
  core::Bytes payload_json;  ///< canonical, as EngineClient::new_payload() takes it
};

/// `block`: the result of eth_getBlockByHash, transactions as hashes. Their number, at most
/// limits::kTxListTransactionsMax; the error names the member at fault.
[[nodiscard]] core::Result<std::size_t, std::string> served_transactions(JsonValue block);

/// Nothing is believed: the transactions give the root, the header's members its hash, and that
/// must be `hash`. `transactions`: raw, all of them, in order.
[[nodiscard]] core::Result<ServedBlock, std::string> served_block_from(
    JsonValue block, const core::Hash32& hash, std::vector<core::Bytes> transactions,
    const core::protocol::ChainProfile& chain);

}  // namespace preconf::io
