// When the log hears of a stranger. Each connection costs it some four events (connected, its head,
// its conduct, gone), an identity costs nothing, and handshakes are let in at fifty a second: who
// comes and goes without end would fill the log. So strangers are introduced at a bounded rate. One
// that waits is a peer of the swarm like any other: it is served, its gossip is judged. Only the
// reducer does not know it: it is asked for nothing, and has no score but gossipsub's.
#pragma once

#include <map>
#include <optional>

#include "core/events/peer.hpp"
#include "core/types.hpp"

namespace preconf::node {

/// More than there are places for inbound peers: a node that starts knows all of them at once.
inline constexpr std::uint64_t kIntroductionBurst = 128;
/// One more after each of these.
inline constexpr core::Millis kIntroductionInterval{500};

/// One thread.
class Introductions {
 public:
  /// A peer is connected. Whom we dialed or the operator named waits for nobody.
  void arrived(core::events::PeerConnected peer, core::Millis now);
  /// The next one to be told of, the longest waiting first; none: nobody may be now.
  [[nodiscard]] std::optional<core::events::PeerConnected> next(core::Millis now);
  /// A peer is gone. False: nobody was told that it had come.
  [[nodiscard]] bool left(core::PeerNumber peer);

  [[nodiscard]] const std::map<core::PeerNumber, core::events::PeerConnected>& waiting() const {
    return waiting_;
  }

 private:
  std::map<core::PeerNumber, core::events::PeerConnected> waiting_;  ///< numbers ascend in time
  std::map<core::PeerNumber, core::events::PeerConnected> due_;      ///< wait for nobody
  std::uint64_t full_at_ = 0;  ///< milliseconds: when the bucket has kIntroductionBurst again
};

}  // namespace preconf::node
