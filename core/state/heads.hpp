// The heads: what the engine has confirmed to us, and the chain we executed.
#pragma once

#include <map>
#include <optional>

#include "core/base/fields.hpp"
#include "core/protocol/block_header.hpp"
#include "core/types.hpp"

namespace preconf::core {

/// One block of the executed chain above the confirmed boundary.
struct ExecutedBlock {
  Hash32 hash;
  Hash32 preconf_hash;  ///< commitment it came from; zero = not known (genesis, derived, foreign)
  UnixSeconds timestamp;
  std::uint64_t gas_limit = 0;
  PRECONF_FIELDS(ExecutedBlock, hash, preconf_hash, timestamp, gas_limit);
};

/// Moves only on a confirming read of the engine (heads move in effects/head_moves.cpp alone).
struct Heads {
  bool confirmed_this_epoch = false;            ///< read since the last boot or engine epoch change
  std::optional<protocol::HeaderFacts> unsafe;  ///< executed head; L2 latest
  std::optional<UnixSeconds> unsafe_parent_time;  ///< timestamp of its parent; for the base fee
  std::optional<BlockRef> safe;
  std::optional<BlockRef> finalized;
  std::optional<BlockNumber> head_l1_origin;      ///< the engine's pointer; none = it has none
  std::map<BlockNumber, ExecutedBlock> executed;  ///< contiguous up to `unsafe`, bounded
  PRECONF_FIELDS(Heads, confirmed_this_epoch, unsafe, unsafe_parent_time, safe, finalized,
                 head_l1_origin, executed);
};

}  // namespace preconf::core
