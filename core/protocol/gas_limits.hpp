// Gas limits as manifests count them: without the million that the anchor transaction gets.
// Source: Taiko Shasta derivation rules.
#pragma once

#include "core/protocol/payload_attributes.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

/// A header's gas limit without the anchor transaction's million, which the genesis block has not.
[[nodiscard]] std::uint64_t effective_gas_limit(BlockNumber number, std::uint64_t gas_limit);
/// Inclusive bounds of a manifest's gas limit after a block with this effective one.
[[nodiscard]] GasLimitBounds manifest_gas_limit_bounds(std::uint64_t effective_parent);

}  // namespace preconf::core::protocol
