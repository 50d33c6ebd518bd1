// What holds of a router's state between any two calls.
#pragma once

#include "io/wire/gossipsub/router_state.hpp"

namespace preconf::io::wire::test {

/// Asserts (PRECONF_ASSERT): sets name connected peers only, sums agree with their parts, and every
/// bound of gossip_limits holds.
void check_invariants(const RouterState& state);

}  // namespace preconf::io::wire::test
