// The forkchoiceState that calls to the engine carry.
#pragma once

#include "core/commands/commands.hpp"
#include "core/protocol/payload_attributes.hpp"
#include "core/state.hpp"

namespace preconf::core::effects {

/// `head` with the safe and finalized blocks that L1 gives, as far as they are not above it; zero,
/// which engines take for "as before", where there is none. Without L1: those that the engine named
/// itself. Before reducer version 6 those also stood in for what L1 does not give.
[[nodiscard]] commands::ForkchoiceState forkchoice_state(const State& state, const BlockRef& head);

/// The block that these attributes build on.
[[nodiscard]] inline BlockRef parent_of(const protocol::PayloadAttributes& attributes) {
  return {BlockNumber{attributes.block_number.value - 1}, attributes.parent_hash};
}

}  // namespace preconf::core::effects
