// Control methods that put a transaction into the simulated L1's next block.
#pragma once

#include <optional>
#include <string_view>

#include "io/json/json_reader.hpp"
#include "node/devnet/l1_chain.hpp"
#include "node/devnet/rpc_answer.hpp"

namespace preconf::node::devnet {

/// Nothing: no such method. Otherwise an error, or what the method answers: the versioned hashes of
/// its blobs, or true.
[[nodiscard]] std::optional<MethodAnswer> submit_sim_call(L1Chain& chain, std::string_view method,
                                                          io::JsonValue params);

}  // namespace preconf::node::devnet
