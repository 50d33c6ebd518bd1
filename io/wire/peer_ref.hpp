// The name of a connected peer inside this process.
#pragma once

#include "core/types.hpp"

namespace preconf::io::wire {

/// One per connected peer, given out in ascending order and never reused: what comes late for a
/// peer that left can not meet another one.
using PeerRef = core::Strong<struct PeerRefTag>;

/// Who opened the connection.
enum class Direction : std::uint8_t { kInbound, kOutbound };

}  // namespace preconf::io::wire
