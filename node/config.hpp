// The node's configuration: settings interpreted and checked, once, before anything starts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/protocol/chain_profile.hpp"
#include "core/protocol/schedule.hpp"
#include "core/status.hpp"
#include "node/config/l1_settings.hpp"
#include "node/config/p2p_settings.hpp"
#include "node/config/settings.hpp"

namespace preconf::node {

enum class LogFormat : std::uint8_t { kLogfmt, kJson };

struct ListenAddress {
  std::string host;  ///< numeric IPv4 or IPv6
  std::uint16_t port = 0;
};

struct NodeConfig {
  std::filesystem::path datadir;
  std::string chain_name;
  core::protocol::ChainProfile chain;
  core::protocol::NetworkProfile network;
  std::string l2_http;
  std::string l2_auth;
  std::filesystem::path jwt_secret;
  std::optional<ListenAddress> rpc;
  std::optional<P2pConfig> p2p;  ///< none: no libp2p host
  std::optional<core::protocol::Schedule> schedule;
  std::optional<L1Config> l1;  ///< none: L1 is not followed
  std::optional<std::uint64_t> static_proposals;
  core::EventSyncSource event_sync = core::EventSyncSource::kHeadL1Origin;
  bool is_shadow_on = true;
  std::uint64_t snapshot_events = 50'000;
  std::uint64_t invariants_events = 1'024;
  LogFormat log_format = LogFormat::kLogfmt;
  int verbosity = 2;
};

/// Reads the files that settings name (chain, schedule). The message names the option at fault.
[[nodiscard]] core::Result<NodeConfig, UsageError> make_config(const Settings& settings);

/// "1.2.3.4:8550" or "[::1]:8550".
[[nodiscard]] std::optional<ListenAddress> parse_listen_address(std::string_view text);

/// The windows of a schedule file; the error says what is wrong with it.
[[nodiscard]] core::Result<core::protocol::Schedule, std::string> parse_schedule(
    std::string_view json);

}  // namespace preconf::node
