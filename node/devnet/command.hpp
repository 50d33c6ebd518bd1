// `preconf devnet`: a whole local network in one command, and `preconf devnet engine`: one
// simulated execution engine.
#pragma once

#include <string>
#include <vector>

namespace preconf::node::devnet {

/// Runs `preconf devnet ...`. `arguments` are those after the word "devnet". Returns the exit code
/// of the process: 0 only when everything was shown and found equal.
///
///   preconf devnet [--keep] [--blocks N] [--dir DIR] [--program FILE] [--block-time-ms N]
///   preconf devnet engine --jwt.secret FILE [--http ADDR:PORT] [--auth ADDR:PORT]
///                         [--peer.http ADDR:PORT --peer.auth ADDR:PORT]
///
/// `devnet engine` prints `ready http=ADDR:PORT auth=ADDR:PORT` and serves until SIGINT or SIGTERM.
[[nodiscard]] int devnet_command(const std::vector<std::string>& arguments);

}  // namespace preconf::node::devnet
