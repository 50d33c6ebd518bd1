// The stored parameter of engine_newPayloadV2, read back strictly.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/protocol/chain_profile.hpp"
#include "core/protocol/execution_payload.hpp"

namespace preconf::replay {

/// What a payload text stands for.
struct StoredPayload {
  core::protocol::ExecutionPayload fields;  ///< transactions_root is computed, not taken over
  core::Hash32 block_hash;                  ///< as claimed by the text
  std::uint32_t transactions = 0;
};

/// Every member of ExecutionPayloadV2 and of Taiko's extension exactly once, no other ones; hex in
/// the form of the Engine API; headerDifficulty (decimal number or hex quantity) exactly from Unzen
/// on. The error names the member.
[[nodiscard]] core::Result<StoredPayload, std::string> read_payload_json(
    core::BytesView json, const core::protocol::ChainProfile& chain);

}  // namespace preconf::replay
