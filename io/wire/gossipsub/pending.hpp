// Messages that the application has not judged yet.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "io/wire/gossipsub/message.hpp"
#include "io/wire/gossipsub/message_id.hpp"
#include "io/wire/peer_ref.hpp"

namespace preconf::io::wire {

/// A message and who sent it.
struct Pending {
  GossipMessagePtr message;
  PeerRef source;  ///< the first
  PeerId source_id;
  std::vector<PeerRef> other_sources;  ///< copies that came while the application thought
};

/// Bounded in number and bytes, in all and per source (gossip_limits::kPending...), and by time.
class PendingMessages {
 public:
  explicit PendingMessages(MessageIdHash hash) : pending_(0, hash) {}

  /// Is there room for a message of `size_bytes` from `source`?
  [[nodiscard]] bool has_room(PeerRef source, std::size_t size_bytes) const;
  /// Requires that the id is not there.
  void insert(GossipMessagePtr message, PeerRef source, const PeerId& source_id, Millis until);
  /// Notes that `peer` sent a copy; nothing when the id is not there.
  void also_from(const MessageId& id, PeerRef peer);
  /// Removes and returns; nothing when it was never there, is judged or too old.
  [[nodiscard]] std::optional<Pending> take(const MessageId& id);
  /// Forgets what was not judged in time, and returns how many that were.
  std::size_t expire(Millis now);

  [[nodiscard]] std::size_t size() const { return pending_.size(); }
  [[nodiscard]] std::size_t bytes() const { return total_.bytes; }

 private:
  struct Usage {
    std::size_t messages = 0;
    std::size_t bytes = 0;
  };
  struct Deadline {
    MessageId id;
    Millis until;
  };

  std::unordered_map<MessageId, Pending, MessageIdHash> pending_;
  std::map<PeerRef, Usage> per_source_;
  Usage total_;
  std::deque<Deadline> order_;  ///< entries of judged messages are skipped when they come up
};

}  // namespace preconf::io::wire
