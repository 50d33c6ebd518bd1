// Before the node starts: does every dependency on the L1 side answer, and is it what it is said to
// be? A wrong one is refused by its option's name; what merely has to be watched is remarked.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "node/config/l1_settings.hpp"

namespace preconf::node::l1 {

/// Remarks, or the refusal. Asks every L1 endpoint for its chain id, one of them for the inbox's
/// state, the code at every address that is configured, and the newest proposal, every beacon node
/// for its genesis and slots, and whoever has it for one blob of that proposal, if beacon nodes
/// still have to keep it or there are blob servers. Takes as long as these answers, each within its
/// deadline. `slasher` is of the network, not of the deployment: the node never calls it.
[[nodiscard]] core::Result<std::vector<std::string>, std::string> probe(
    const L1Config& config, const core::Address& slasher);

}  // namespace preconf::node::l1
