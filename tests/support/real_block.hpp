// Blocks as an execution engine builds them: a real header with its hash, and the text of
// engine_newPayloadV2's parameter. Made here from the specification, not with replay's reader.
#pragma once

#include <span>

#include "core/events/engine.hpp"
#include "core/protocol/chain_profile.hpp"
#include "core/protocol/payload_attributes.hpp"
#include "storage/event_log.hpp"

namespace preconf::tests {

struct RealBlock {
  core::events::PayloadTaken taken;  ///< what getPayload answers
  storage::Content payload;          ///< the JSON text that it names
};

/// The block of these attributes and transactions; state and receipts follow from the list's hash.
[[nodiscard]] RealBlock build_real_block(const core::protocol::ChainProfile& chain,
                                         const core::protocol::PayloadAttributes& attributes,
                                         std::span<const core::Bytes> transactions,
                                         std::uint64_t gas_used);

/// Block 0 of a chain that begins here.
[[nodiscard]] core::protocol::HeaderFacts real_genesis(const core::protocol::ChainProfile& chain);

}  // namespace preconf::tests
