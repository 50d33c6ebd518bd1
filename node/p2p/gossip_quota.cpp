#include "node/p2p/gossip_quota.hpp"

namespace preconf::node {

void GossipQuota::want(const core::Hash32& list) {
  if (list.is_zero() || !wanted_.insert(list).second) return;
  wanted_order_.push_back(list);
  if (wanted_order_.size() <= kWantedListsMax) return;
  wanted_.erase(wanted_order_.front());
  wanted_order_.pop_front();
}

GossipQuota::Used& GossipQuota::used_by(core::PeerNumber peer, core::Millis now) {
  const auto [entry, is_new] = peers_.try_emplace(peer, Used{now});
  if (core::distance(entry->second.since, now) >= kQuotaInterval.value) entry->second = Used{now};
  return entry->second;
}

bool GossipQuota::take_commitment(core::PeerNumber peer, core::Millis now, bool is_scheduled) {
  Used& used = used_by(peer, now);
  std::size_t& count = is_scheduled ? used.scheduled : used.unscheduled;
  if (count >= (is_scheduled ? kScheduledCommitmentsMax : kUnscheduledCommitmentsMax)) return false;
  ++count;
  return true;
}

bool GossipQuota::take_list(core::PeerNumber peer, std::size_t bytes, core::Millis now) {
  Used& used = used_by(peer, now);
  if (used.lists >= kUnwantedListsMax || used.list_bytes + bytes > kUnwantedListBytesMax) {
    return false;
  }
  ++used.lists;
  used.list_bytes += bytes;
  return true;
}

void GossipQuota::give_back_commitment(core::PeerNumber peer, bool is_scheduled) {
  const auto found = peers_.find(peer);
  if (found == peers_.end()) return;
  std::size_t& count = is_scheduled ? found->second.scheduled : found->second.unscheduled;
  if (count > 0) --count;
}

void GossipQuota::give_back_list(core::PeerNumber peer, std::size_t bytes) {
  const auto found = peers_.find(peer);
  // A new interval may have begun meanwhile: then there is nothing to give back.
  if (found == peers_.end() || found->second.lists == 0 || found->second.list_bytes < bytes) return;
  --found->second.lists;
  found->second.list_bytes -= bytes;
}

}  // namespace preconf::node
