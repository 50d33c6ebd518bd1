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

/// Rebuilds the header under the chain's rules; it must hash to `block_hash`. The content is the
/// canonical parameter of engine_newPayloadV2. The error says what is wrong.
[[nodiscard]] core::Result<EngineAnswer, std::string> checked_payload(
    WholePayload whole, const core::protocol::ChainProfile& chain);

}  // namespace preconf::io
