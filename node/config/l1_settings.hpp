// What the node needs to follow L1.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/protocol/l1_deployment.hpp"
#include "core/protocol/lookahead_table.hpp"

namespace preconf::node {

struct L1Config {
  std::vector<std::string> http_urls;    ///< in the order of preference; at least one
  std::vector<std::string> ws_urls;      ///< only wake up; may be empty
  std::vector<std::string> beacon_urls;  ///< at least one
  std::vector<std::string> blob_servers;
  std::vector<std::string> checkpoint_urls;  ///< L2 nodes to sync an empty engine by; may be empty
  core::protocol::L1Deployment deployment;
  core::protocol::FallbackSigner fallback_signer = core::protocol::FallbackSigner::kProposer;
  std::uint64_t poll_ms = 1'000;
  std::uint64_t head_age_max_seconds = 0;  ///< 0: any
};

/// "URL,URL"; the schemes are what a URL may begin with. The error names the one at fault.
[[nodiscard]] core::Result<std::vector<std::string>, std::string> parse_urls(
    std::string_view text, std::initializer_list<std::string_view> schemes);

/// A deployment of one's own as a TOML file: l1_chain_id and inbox are required; genesis_time,
/// slot_seconds (12), slots_per_epoch (32), preconf_whitelist and lookahead_store (none).
[[nodiscard]] core::Result<core::protocol::L1Deployment, std::string> read_l1_deployment(
    const std::filesystem::path& file);

}  // namespace preconf::node
