// What peers did that has no event of its own, counted per peer and summed up:
// a flood costs the log one event per peer and interval.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>

#include "core/events/peer.hpp"
#include "io/wire/gossipsub/types.hpp"
#include "node/loop/input_queue.hpp"

namespace preconf::node {

/// Thread safe. Bounded by the number of connected peers.
class PeerConducts {
 public:
  using Counts = std::array<std::uint64_t, core::events::kPeerConductCount>;

  void count(core::PeerNumber peer, core::events::PeerConduct conduct, std::uint64_t times = 1);
  /// Faults that gossipsub summed up itself. What the application rejected is
  /// counted by reason where it was rejected, and not here.
  void count(core::PeerNumber peer, const io::wire::FaultCounts& faults);

  /// Offers one PeerReported for each peer with counts and starts a new
  /// interval. What the queue refuses stays for the next one.
  void flush(InputQueue& inputs);
  /// The same for one peer that leaves, before its PeerDisconnected.
  void flush(InputQueue& inputs, core::PeerNumber peer);
  /// Of a peer that the log does not know.
  void forget(core::PeerNumber peer);

 private:
  std::mutex mutex_;
  std::map<core::PeerNumber, Counts> counts_;
};

}  // namespace preconf::node
