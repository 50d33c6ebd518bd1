// What a follower logs, recorded once and fed again: 2-second blocks with their transaction lists,
// signed commitments, engine answers and polls, with repeats, strangers and garbage in between.
#pragma once

#include <cstdint>
#include <vector>

#include "core/event.hpp"
#include "storage/event_log.hpp"

namespace preconf::bench {

struct Traffic {
  std::vector<core::Event> events;                      ///< from seq 1
  std::vector<std::vector<storage::Content>> contents;  ///< of each event
};

enum class L1 : std::uint8_t {
  kConfirms,     ///< 32 blocks at a time: the state holds less than 100 blocks
  kStandsStill,  ///< nothing is confirmed: the state holds all it may (4,096 blocks)
};

/// `blocks` blocks, about 9 events each. Takes half a millisecond per block: signatures are real.
[[nodiscard]] Traffic record_traffic(std::uint64_t blocks, L1 l1);

}  // namespace preconf::bench
