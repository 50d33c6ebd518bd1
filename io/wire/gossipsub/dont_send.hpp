// The ids a peer does not want (gossipsub v1.2, IDONTWANT), remembered for three seconds.
#pragma once

#include <deque>
#include <unordered_set>

#include "io/wire/gossipsub/message_id.hpp"

namespace preconf::io::wire {

/// One per peer. The caller bounds it by size().
class DontSend {
 public:
  explicit DontSend(MessageIdHash hash) : ids_(0, hash) {}

  void add(const MessageId& id, Millis until) {
    if (ids_.insert(id).second) order_.push_back({id, until});
  }
  [[nodiscard]] bool contains(const MessageId& id) const { return ids_.contains(id); }
  /// Forgets what is too old and returns how many.
  std::size_t expire(Millis now) {
    std::size_t count = 0;
    for (; !order_.empty() && order_.front().until <= now; ++count) {
      ids_.erase(order_.front().id);
      order_.pop_front();
    }
    return count;
  }
  [[nodiscard]] std::size_t size() const { return order_.size(); }

 private:
  struct Entry {
    MessageId id;
    Millis until;
  };
  std::unordered_set<MessageId, MessageIdHash> ids_;
  std::deque<Entry> order_;
};

}  // namespace preconf::io::wire
