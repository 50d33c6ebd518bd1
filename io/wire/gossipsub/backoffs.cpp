#include "io/wire/gossipsub/backoffs.hpp"

#include <algorithm>

#include "io/wire/gossipsub/limits.hpp"

namespace preconf::io::wire {

void Backoffs::add(const Topic& topic, const PeerId& peer, Millis duration, Millis now) {
  const Millis end{now.value + duration.value};
  const auto [it, is_new] = ends_.try_emplace({topic, peer}, end);
  if (!is_new) {
    it->second = std::max(it->second, end);
  } else if (ends_.size() > gossip_limits::kBackoffsMax) {
    expire(now);
    if (ends_.size() <= gossip_limits::kBackoffsMax) return;
    ends_.erase(std::min_element(ends_.begin(), ends_.end(),
                                 [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
}

std::optional<Millis> Backoffs::end(const Topic& topic, const PeerId& peer, Millis now) const {
  const auto it = ends_.find({topic, peer});
  if (it == ends_.end() || it->second <= now) return std::nullopt;
  return it->second;
}

void Backoffs::expire(Millis now) {
  std::erase_if(ends_, [now](const auto& entry) { return entry.second <= now; });
}

}  // namespace preconf::io::wire
