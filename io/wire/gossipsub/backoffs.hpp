// Who must not be grafted before when (gossipsub v1.1, "PRUNE Backoff").
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "io/wire/gossipsub/types.hpp"
#include "io/wire/peer_id.hpp"

namespace preconf::io::wire {

/// By topic and peer id, so that a reconnect does not end a backoff. At most
/// gossip_limits::kBackoffsMax; full, the one that ends first goes.
class Backoffs {
 public:
  /// From `now` for `duration`; a backoff that ends later stays as it is.
  void add(const Topic& topic, const PeerId& peer, Millis duration, Millis now);
  /// When the backoff ends; nothing when there is none at `now`.
  [[nodiscard]] std::optional<Millis> end(const Topic& topic, const PeerId& peer, Millis now) const;
  void expire(Millis now);
  [[nodiscard]] std::size_t size() const { return ends_.size(); }

 private:
  std::map<std::pair<Topic, PeerId>, Millis> ends_;
};

}  // namespace preconf::io::wire
