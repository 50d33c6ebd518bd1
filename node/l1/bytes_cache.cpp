#include "node/l1/bytes_cache.hpp"

#include <utility>

namespace preconf::node::l1 {

void BytesCache::put(const core::Hash32& hash, std::shared_ptr<const core::Bytes> bytes) {
  const std::lock_guard lock(mutex_);
  const auto [entry, is_new] = entries_.try_emplace(hash);
  if (!is_new) {
    uses_.splice(uses_.begin(), uses_, entry->second.use);
    return;
  }
  bytes_ += bytes->size();
  uses_.push_front(hash);
  entry->second = {std::move(bytes), uses_.begin()};
  while (bytes_ > bytes_max_ && uses_.size() > 1) {
    const auto oldest = entries_.find(uses_.back());
    bytes_ -= oldest->second.bytes->size();
    entries_.erase(oldest);
    uses_.pop_back();
  }
}

std::shared_ptr<const core::Bytes> BytesCache::find(const core::Hash32& hash) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(hash);
  if (entry == entries_.end()) return nullptr;
  uses_.splice(uses_.begin(), uses_, entry->second.use);
  return entry->second.bytes;
}

std::size_t BytesCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace preconf::node::l1
