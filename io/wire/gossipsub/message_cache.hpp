// The message cache (gossipsub v1.0, "Message Cache"): accepted and own messages of the last
// heartbeats, offered by IHAVE and served to IWANT.
#pragma once

#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

#include "io/wire/gossipsub/message.hpp"
#include "io/wire/gossipsub/message_id.hpp"
#include "io/wire/peer_ref.hpp"

namespace preconf::io::wire {

/// Bounded by windows, and by gossip_limits::kCacheBytesMax and kCacheMessagesMax: beyond them the
/// oldest message goes first.
class MessageCache {
 public:
  MessageCache(std::size_t windows, std::size_t gossip_windows, MessageIdHash hash);

  /// Adds to the current window; nothing when the id is there.
  void put(GossipMessagePtr message);
  [[nodiscard]] GossipMessagePtr find(const MessageId& id) const;
  /// The message for an IWANT of `peer`; null when it is not there or was sent to this peer
  /// `times_max` times.
  [[nodiscard]] GossipMessagePtr take_for(const MessageId& id, PeerRef peer, std::size_t times_max);
  /// Ids of `topic` in the windows that are gossiped, youngest first.
  [[nodiscard]] std::vector<MessageId> gossip_ids(const Topic& topic) const;
  /// A heartbeat has passed: a new window; what was in the last is gone.
  void shift();

  [[nodiscard]] std::size_t size() const { return messages_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    GossipMessagePtr message;
    std::map<PeerRef, std::size_t> times_sent;
  };
  void forget_oldest();

  std::size_t windows_max_;
  std::size_t gossip_windows_;
  std::unordered_map<MessageId, Entry, MessageIdHash> messages_;
  std::deque<std::deque<MessageId>> windows_;  ///< youngest first; within one, in order of arrival
  std::size_t bytes_ = 0;
};

}  // namespace preconf::io::wire
