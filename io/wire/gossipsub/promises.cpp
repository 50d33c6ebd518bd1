#include "io/wire/gossipsub/promises.hpp"

#include <algorithm>

#include "io/wire/gossipsub/limits.hpp"

namespace preconf::io::wire {

bool Promises::may_ask(const MessageId& id, PeerRef peer) const {
  if (order_.size() >= gossip_limits::kPromisesMax) return false;
  const auto load = loads_.find(peer);
  if (load != loads_.end() && load->second.debts + load->second.offers >= share_of_one()) {
    return false;
  }
  const auto it = asked_.find(id);
  if (it == asked_.end()) return true;
  const Wanted& wanted = it->second;
  return std::ranges::find(wanted.debts, peer, &Debt::peer) == wanted.debts.end() &&
         std::ranges::find(wanted.offers, peer) == wanted.offers.end();
}

/// An eighth of what is free, and never less than what is kept free for everybody: however many
/// peers offer what they do not have, the next one can still be asked.
std::size_t Promises::share_of_one() const {
  constexpr std::size_t kShared = gossip_limits::kPromisesMax - gossip_limits::kPromisesReserved;
  const std::size_t free = kShared - std::min(kShared, order_.size());
  return std::clamp(free / 8, gossip_limits::kPromisesPerPeerMin,
                    gossip_limits::kPromisesPerPeerMax);
}

std::vector<PeerRef> Promises::debtors(const MessageId& id) const {
  const auto it = asked_.find(id);
  if (it == asked_.end()) return {};
  std::vector<PeerRef> peers;
  for (const Debt& debt : it->second.debts) peers.push_back(debt.peer);
  std::ranges::sort(peers);
  return peers;
}

void Promises::add(const MessageId& id, PeerRef peer, Millis now, Millis until) {
  Wanted& wanted = asked_[id];
  wanted.debts.push_back({peer, until});
  wanted.last_asked = now;
  if (!wanted.offers.empty()) watched_.push_back({id, now});
  ++loads_[peer].debts;
  ++size_;
  order_.push_back({id, {peer, until}});
}

void Promises::offered(const MessageId& id, PeerRef peer) {
  const auto it = asked_.find(id);
  if (it == asked_.end() || !may_ask(id, peer)) return;
  Wanted& wanted = it->second;
  if (wanted.offers.size() >= gossip_limits::kOffersPerIdMax) return;
  wanted.offers.push_back(peer);
  ++loads_[peer].offers;
  if (wanted.offers.size() == 1) watched_.push_back({id, wanted.last_asked});
}

/// An id is watched from when somebody was last asked; watches that something later made void are
/// passed over. An id whose first offer came long after the question stands behind younger ones,
/// and waits for them: at most once `patience`.
std::vector<Promises::FollowUp> Promises::take_follow_ups(Millis now, Millis patience) {
  std::vector<FollowUp> due;
  while (!watched_.empty() && watched_.front().since.value + patience.value <= now.value) {
    const Watch watch = watched_.front();
    watched_.pop_front();
    const auto it = asked_.find(watch.id);
    if (it == asked_.end() || it->second.offers.empty()) continue;
    if (it->second.last_asked != watch.since) continue;
    if (const auto peer = take_offer(it->second)) due.push_back({watch.id, *peer});
    it->second.last_asked = now;
    if (!it->second.offers.empty()) watched_.push_back({watch.id, now});
    erase_if_done(it);
  }
  return due;
}

/// The first who is still here.
std::optional<PeerRef> Promises::take_offer(Wanted& wanted) {
  std::optional<PeerRef> taken;
  auto it = wanted.offers.begin();
  while (it != wanted.offers.end() && !taken) {
    if (is_here(*it)) taken = *it;
    ++it;
  }
  wanted.offers.erase(wanted.offers.begin(), it);
  if (taken) end_offer(*taken);
  return taken;
}

void Promises::end_debt(PeerRef peer) {
  const auto it = loads_.find(peer);
  if (it == loads_.end()) return;
  --size_;
  --it->second.debts;
  if (it->second.debts + it->second.offers == 0) loads_.erase(it);
}

void Promises::end_offer(PeerRef peer) {
  const auto it = loads_.find(peer);
  if (it == loads_.end()) return;
  --it->second.offers;
  if (it->second.debts + it->second.offers == 0) loads_.erase(it);
}

Promises::WantedMap::iterator Promises::erase_if_done(WantedMap::iterator it) {
  const bool is_done = it->second.debts.empty() && it->second.offers.empty();
  return is_done ? asked_.erase(it) : std::next(it);
}

void Promises::fulfilled(const MessageId& id) {
  const auto it = asked_.find(id);
  if (it == asked_.end()) return;
  for (const Debt& debt : it->second.debts) end_debt(debt.peer);
  for (const PeerRef peer : it->second.offers) end_offer(peer);
  asked_.erase(it);
}

void Promises::peer_disconnected(PeerRef peer) {
  const auto it = loads_.find(peer);
  if (it == loads_.end()) return;
  size_ -= it->second.debts;
  loads_.erase(it);
}

std::map<PeerRef, std::size_t> Promises::take_broken(Millis now) {
  std::map<PeerRef, std::size_t> broken;
  while (!order_.empty() && order_.front().debt.until <= now) {
    const Asked asked = order_.front();
    order_.pop_front();
    const auto it = asked_.find(asked.id);
    if (it == asked_.end() || std::erase(it->second.debts, asked.debt) == 0) continue;
    if (is_here(asked.debt.peer)) ++broken[asked.debt.peer];
    end_debt(asked.debt.peer);
    erase_if_done(it);
  }
  return broken;
}

}  // namespace preconf::io::wire
