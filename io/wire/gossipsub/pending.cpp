#include "io/wire/gossipsub/pending.hpp"

#include "core/base/assert.hpp"
#include "io/wire/gossipsub/limits.hpp"

namespace preconf::io::wire {

bool PendingMessages::has_room(PeerRef source, std::size_t size_bytes) const {
  if (total_.messages >= gossip_limits::kPendingMax ||
      total_.bytes + size_bytes > gossip_limits::kPendingBytesMax) {
    return false;
  }
  const auto it = per_source_.find(source);
  if (it == per_source_.end()) return true;
  return it->second.messages < gossip_limits::kPendingPerPeerMax &&
         it->second.bytes + size_bytes <= gossip_limits::kPendingBytesPerPeerMax;
}

void PendingMessages::insert(GossipMessagePtr message, PeerRef source, const PeerId& source_id,
                             Millis until) {
  const MessageId id = message->id;
  const std::size_t size = message->size_bytes;
  const bool is_new =
      pending_.emplace(id, Pending{std::move(message), source, source_id, {}}).second;
  PRECONF_ASSERT(is_new);
  for (Usage* usage : {&total_, &per_source_[source]}) {
    ++usage->messages;
    usage->bytes += size;
  }
  order_.push_back({id, until});
}

void PendingMessages::also_from(const MessageId& id, PeerRef peer) {
  const auto it = pending_.find(id);
  if (it == pending_.end() || it->second.source == peer) return;
  std::vector<PeerRef>& others = it->second.other_sources;
  if (std::find(others.begin(), others.end(), peer) == others.end()) others.push_back(peer);
}

std::optional<Pending> PendingMessages::take(const MessageId& id) {
  const auto it = pending_.find(id);
  if (it == pending_.end()) return std::nullopt;
  Pending out = std::move(it->second);
  pending_.erase(it);
  const auto usage = per_source_.find(out.source);
  for (Usage* counted : {&total_, &usage->second}) {
    --counted->messages;
    counted->bytes -= out.message->size_bytes;
  }
  if (usage->second.messages == 0) per_source_.erase(usage);
  return out;
}

std::size_t PendingMessages::expire(Millis now) {
  std::size_t count = 0;
  while (!order_.empty() && order_.front().until <= now) {
    const MessageId id = order_.front().id;
    order_.pop_front();
    if (take(id)) ++count;
  }
  return count;
}

}  // namespace preconf::io::wire
