// A chain profile of one's own, as a TOML file with the names of core::protocol::ChainProfile.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.hpp"
#include "core/protocol/chain_profile.hpp"

namespace preconf::node {

/// Required: chain_id. anchor_address defaults to the chain's usual one, genesis_hash to "not
/// checked", unzen_time to never, the rest to the values of the built-in devnet profile.
[[nodiscard]] core::Result<core::protocol::ChainProfile, std::string> read_chain_file(
    const std::filesystem::path& file);

}  // namespace preconf::node
