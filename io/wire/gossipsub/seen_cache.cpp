#include "io/wire/gossipsub/seen_cache.hpp"

#include "core/base/assert.hpp"
#include "io/wire/gossipsub/limits.hpp"

namespace preconf::io::wire {

std::optional<Fate> SeenCache::find(const MessageId& id, Millis now) {
  expire(now);
  const auto it = fates_.find(id);
  if (it == fates_.end()) return std::nullopt;
  return it->second;
}

void SeenCache::insert(const MessageId& id, Fate fate, Millis now) {
  if (fates_.size() == gossip_limits::kSeenMax) forget_oldest();
  const bool is_new = fates_.emplace(id, fate).second;
  PRECONF_ASSERT(is_new);
  order_.push_back({id, Millis{now.value + lifetime_.value}});
}

void SeenCache::set(const MessageId& id, Fate fate) {
  const auto it = fates_.find(id);
  if (it != fates_.end()) it->second = fate;
}

void SeenCache::expire(Millis now) {
  while (!order_.empty() && order_.front().until <= now) forget_oldest();
}

void SeenCache::forget_oldest() {
  fates_.erase(order_.front().id);
  order_.pop_front();
}

}  // namespace preconf::io::wire
