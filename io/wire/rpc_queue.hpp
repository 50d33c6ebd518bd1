// The gossip RPCs that wait for one peer: urgent ones first, useless ones dropped.
#pragma once

#include <deque>
#include <optional>

#include "io/wire/gossipsub/actions.hpp"
#include "io/wire/limits.hpp"

namespace preconf::io::wire {

/// Two queues in order of arrival: control and own messages, and what may be dropped. Each holds at
/// most kRpcQueueMax frames of kRpcQueueBytesMax bytes, but always one frame of any size.
class RpcQueue {
 public:
  enum class Push : std::uint8_t {
    kQueued,
    kDropped,  ///< no room, and the network can do without it
    kTooSlow,  ///< no room for what must arrive: the peer does not read
  };
  [[nodiscard]] Push push(const gossip::SendRpc& rpc, core::Millis now);

  /// The next one that is still of use. Drops stale ones on the way and counts them.
  [[nodiscard]] SharedBytes pop(core::Millis now);

  [[nodiscard]] bool empty() const { return urgent_.frames.empty() && normal_.frames.empty(); }
  [[nodiscard]] std::size_t size() const { return urgent_.frames.size() + normal_.frames.size(); }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  struct Waiting {
    SharedBytes frame;
    std::optional<core::Millis> useless_at;
  };
  struct Lane {
    std::deque<Waiting> frames;
    std::size_t bytes = 0;
  };
  void drop_stale(Lane& lane, core::Millis now);

  Lane urgent_;
  Lane normal_;
  std::uint64_t dropped_ = 0;
};

}  // namespace preconf::io::wire
