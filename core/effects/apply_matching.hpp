// Questions about content: what a commitment's block must look like, and whether a block is it.
#pragma once

#include <optional>

#include "core/events/engine.hpp"
#include "core/protocol/payload_attributes.hpp"
#include "core/state.hpp"

namespace preconf::core::effects {

/// Attributes of the block that `facts` promises, on top of the executed head. Nothing when the
/// head's parent time is not known or the base fee rule is undefined.
/// Requires a known head with number facts.block_number - 1.
[[nodiscard]] std::optional<protocol::PayloadAttributes> attributes_for(
    const State& state, const protocol::CommitmentFacts& facts, const protocol::TxListFacts& list);

/// The header carries exactly the attributes (number, parent, time, recipient, mix hash, gas limit,
/// base fee, extraData).
[[nodiscard]] bool is_built_from(const protocol::PayloadAttributes& attributes,
                                 const protocol::HeaderFacts& header);

/// The engine already has this block: the origin row names our payload id (which covers the
/// transaction list) and this block's hash, and the header carries our attributes.
/// Requires read.block.
[[nodiscard]] bool is_materialised(const protocol::PayloadAttributes& attributes,
                                   const events::BlockRead& read);

/// The header carries what `facts` promises about itself; says nothing about the transactions.
[[nodiscard]] bool could_be_block_of(const State& state, const protocol::CommitmentFacts& facts,
                                     const protocol::HeaderFacts& header);

/// The canonical block that was read is the one `facts` promises, transactions included: its origin
/// row names the payload id that follows from header and list. Requires read.block.
[[nodiscard]] bool is_block_of(const State& state, const protocol::CommitmentFacts& facts,
                               const protocol::TxListFacts& list, const events::BlockRead& read);

}  // namespace preconf::core::effects
