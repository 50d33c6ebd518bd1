// Peers that may not connect.
#pragma once

#include <deque>
#include <set>

#include "io/wire/limits.hpp"
#include "io/wire/peer_id.hpp"

namespace preconf::io::wire {

/// At most kBannedPeersMax; the one that was banned first gives way.
class BanList {
 public:
  void add(const PeerId& peer) {
    if (!peers_.insert(peer).second) return;
    order_.push_back(peer);
    if (order_.size() <= limits::kBannedPeersMax) return;
    peers_.erase(order_.front());
    order_.pop_front();
  }
  void remove(const PeerId& peer) {
    if (peers_.erase(peer) > 0) std::erase(order_, peer);
  }
  [[nodiscard]] bool contains(const PeerId& peer) const { return peers_.contains(peer); }
  [[nodiscard]] std::size_t size() const { return peers_.size(); }

 private:
  std::set<PeerId> peers_;
  std::deque<PeerId> order_;
};

}  // namespace preconf::io::wire
