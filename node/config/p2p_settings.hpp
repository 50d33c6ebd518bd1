// The --p2p.* options, interpreted: where to listen, whom to dial, how to be named.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "io/wire/accept_gate.hpp"

namespace preconf::node {

struct P2pConfig {
  std::string listen_address;  ///< numeric; empty: dials only
  std::uint16_t listen_port = 0;
  /// Dialed until they are connected, again and again, and never banned.
  std::vector<io::wire::Multiaddr> static_peers;
  /// Dialed like these. Discovery is not spoken, so a bootnode is a peer like any other: it can be
  /// banned.
  std::vector<io::wire::Multiaddr> bootnodes;
  std::optional<io::wire::Multiaddr> advertised;  ///< told to peers instead of the bound address
  std::uint64_t chain_id = 167'000;  ///< in topic and protocol names, not of the L2 chain
  std::filesystem::path identity;
  io::wire::AcceptLimits accepts;  ///< --p2p.max-inbound-per-ip and the like
};

/// "1.2.3.4:9000", "[::1]:9000", or /ip4|ip6/ADDRESS/tcp/PORT.
[[nodiscard]] std::optional<io::wire::Multiaddr> parse_p2p_address(std::string_view text);

/// Comma separated multiaddrs that can be dialed: with a port, and not /dnsaddr. The error names
/// the entry.
[[nodiscard]] core::Result<std::vector<io::wire::Multiaddr>, std::string> parse_peers(
    std::string_view text);

/// The same, or "enr:..." records, of which ip and tcp are dialed.
[[nodiscard]] core::Result<std::vector<io::wire::Multiaddr>, std::string> parse_bootnodes(
    std::string_view text);

}  // namespace preconf::node
