#include "io/wire/gossipsub/promises.hpp"

#include <algorithm>

#include "io/wire/gossipsub/limits.hpp"

namespace preconf::io::wire {

bool Promises::may_ask(const MessageId& id, PeerRef peer) const {
  if (order_.size() >= gossip_limits::kPromisesMax) return false;
  const auto count = per_peer_.find(peer);
  if (count != per_peer_.end() && count->second >= gossip_limits::kPromisesPerPeerMax) {
    return false;
  }
  const auto it = asked_.find(id);
  return it == asked_.end() || std::ranges::find(it->second, peer, &Debt::peer) == it->second.end();
}

std::vector<PeerRef> Promises::debtors(const MessageId& id) const {
  const auto it = asked_.find(id);
  if (it == asked_.end()) return {};
  std::vector<PeerRef> peers;
  for (const Debt& debt : it->second) peers.push_back(debt.peer);
  std::ranges::sort(peers);
  return peers;
}

void Promises::add(const MessageId& id, PeerRef peer, Millis until) {
  asked_[id].push_back({peer, until});
  ++per_peer_[peer];
  ++size_;
  order_.push_back({id, {peer, until}});
}

void Promises::remove_one(PeerRef peer) {
  const auto it = per_peer_.find(peer);
  if (--it->second == 0) per_peer_.erase(it);
  --size_;
}

void Promises::fulfilled(const MessageId& id) {
  const auto it = asked_.find(id);
  if (it == asked_.end()) return;
  for (const Debt& debt : it->second) remove_one(debt.peer);
  asked_.erase(it);
}

void Promises::peer_disconnected(PeerRef peer) {
  if (!per_peer_.contains(peer)) return;
  for (auto it = asked_.begin(); it != asked_.end();) {
    const std::size_t removed =
        std::erase_if(it->second, [peer](const Debt& debt) { return debt.peer == peer; });
    for (std::size_t i = 0; i < removed; ++i) remove_one(peer);
    it = it->second.empty() ? asked_.erase(it) : std::next(it);
  }
}

std::map<PeerRef, std::size_t> Promises::take_broken(Millis now) {
  std::map<PeerRef, std::size_t> broken;
  while (!order_.empty() && order_.front().debt.until <= now) {
    const Asked asked = order_.front();
    order_.pop_front();
    const auto it = asked_.find(asked.id);
    if (it == asked_.end() || std::erase(it->second, asked.debt) == 0) continue;
    remove_one(asked.debt.peer);
    ++broken[asked.debt.peer];
    if (it->second.empty()) asked_.erase(it);
  }
  return broken;
}

}  // namespace preconf::io::wire
