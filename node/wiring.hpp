// The node as a whole: every part constructed in one place, started, and stopped in order.
#pragma once

#include "node/config.hpp"

namespace preconf::node {

/// Runs until a signal or a fatal condition; returns the exit code (exit_codes.hpp).
///
/// Standard output gets one line when the node serves:
///   ready rpc=ADDR:PORT seq=N head=N replayed=N recovery_ms=N gate=REASON p2p=MULTIADDR
/// with `-` for what there is not; gate is "open" or the reason why it is closed.
/// SIGINT and SIGTERM drain and exit 0; a second one exits at once.
[[nodiscard]] int run_node(const NodeConfig& config);

}  // namespace preconf::node
