// A block as the Engine API carries it, whether an engine built it or another node served it.
// Private to io/engine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/protocol/chain_profile.hpp"
#include "core/protocol/execution_payload.hpp"
#include "io/engine/engine_answers.hpp"

namespace preconf::io {

struct WholePayload {
  core::protocol::ExecutionPayload fields;
  core::Hash32 block_hash;
  std::vector<core::Bytes> transactions;  ///< raw
};

/// How a member is called: by engine_getPayload, and by eth_getBlockBy*.
struct PayloadNames {
  const char* fee_recipient;
  const char* prev_randao;
  const char* block_number;
};
inline constexpr PayloadNames kPayloadNames{"feeRecipient", "prevRandao", "blockNumber"};
inline constexpr PayloadNames kBlockNames{"miner", "mixHash", "number"};

/// Reads all but the transactions' root and the value. Name of the first member that is missing or
/// bad, or null.
[[nodiscard]] const char* read_payload_members(JsonValue json, const PayloadNames& names,
                                               core::protocol::ExecutionPayload& out);

/// Rebuilds the header under the chain's rules; it must hash to `block_hash`. The content is the
/// canonical parameter of engine_newPayloadV2. The error says what is wrong.
[[nodiscard]] core::Result<EngineAnswer, std::string> checked_payload(
    WholePayload whole, const core::protocol::ChainProfile& chain);

}  // namespace preconf::io
