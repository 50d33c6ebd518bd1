// JSON-RPC methods of a simulated L1 node, as execution clients have them.
#pragma once

#include <string_view>

#include "io/json/json_reader.hpp"
#include "node/devnet/l1_node.hpp"
#include "node/devnet/rpc_answer.hpp"

namespace preconf::node::devnet {

/// Answers `method`: -32601 for unknown methods, -32602 for bad parameters, -32005 for a log query
/// over the node's limits. Control methods (sim_): see README.md.
[[nodiscard]] MethodAnswer call_l1_method(L1Node& node, std::string_view method,
                                          io::JsonValue params);

/// The control methods alone (l1_sim_methods.cpp).
[[nodiscard]] MethodAnswer call_l1_sim_method(L1Node& node, std::string_view method,
                                              io::JsonValue params);

}  // namespace preconf::node::devnet
