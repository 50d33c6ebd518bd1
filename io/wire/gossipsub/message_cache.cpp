#include "io/wire/gossipsub/message_cache.hpp"

#include "core/base/assert.hpp"
#include "io/wire/gossipsub/limits.hpp"

namespace preconf::io::wire {

MessageCache::MessageCache(std::size_t windows, std::size_t gossip_windows, MessageIdHash hash)
    : windows_max_(windows), gossip_windows_(gossip_windows), messages_(0, hash), windows_(1) {
  PRECONF_ASSERT(windows >= 1 && gossip_windows <= windows);
}

void MessageCache::put(GossipMessagePtr message) {
  const MessageId id = message->id;
  const std::size_t size = message->frame->size();
  if (!messages_.try_emplace(id, Entry{std::move(message), {}}).second) return;
  windows_.front().push_back(id);
  bytes_ += size;
  while (bytes_ > gossip_limits::kCacheBytesMax ||
         messages_.size() > gossip_limits::kCacheMessagesMax) {
    forget_oldest();
  }
}

void MessageCache::forget_oldest() {
  for (auto window = windows_.rbegin(); window != windows_.rend(); ++window) {
    if (window->empty()) continue;
    const auto it = messages_.find(window->front());
    bytes_ -= it->second.message->frame->size();
    messages_.erase(it);
    window->pop_front();
    return;
  }
}

GossipMessagePtr MessageCache::find(const MessageId& id) const {
  const auto it = messages_.find(id);
  return it == messages_.end() ? nullptr : it->second.message;
}

GossipMessagePtr MessageCache::take_for(const MessageId& id, PeerRef peer, std::size_t times_max) {
  const auto it = messages_.find(id);
  if (it == messages_.end()) return nullptr;
  std::size_t& times = it->second.times_sent[peer];
  if (times >= times_max) return nullptr;
  ++times;
  return it->second.message;
}

std::vector<MessageId> MessageCache::gossip_ids(const Topic& topic) const {
  std::vector<MessageId> ids;
  for (std::size_t i = 0; i < std::min(gossip_windows_, windows_.size()); ++i) {
    for (auto id = windows_[i].rbegin(); id != windows_[i].rend(); ++id) {
      if (messages_.at(*id).message->topic == topic) ids.push_back(*id);
    }
  }
  return ids;
}

void MessageCache::shift() {
  windows_.emplace_front();
  if (windows_.size() <= windows_max_) return;
  for (const MessageId& id : windows_.back()) {
    const auto it = messages_.find(id);
    bytes_ -= it->second.message->frame->size();
    messages_.erase(it);
  }
  windows_.pop_back();
}

}  // namespace preconf::io::wire
