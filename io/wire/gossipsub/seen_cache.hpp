// The duplicate cache: which messages were met in the last 120 seconds, and what became of them.
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>

#include "io/wire/gossipsub/message_id.hpp"

namespace preconf::io::wire {

/// What became of a message.
enum class Fate : std::uint8_t { kPending, kAccepted, kIgnored, kRejected };

/// Bounded by time and by gossip_limits::kSeenMax; the oldest goes first.
class SeenCache {
 public:
  SeenCache(Millis lifetime, MessageIdHash hash) : lifetime_(lifetime), fates_(0, hash) {}

  /// Nothing when `id` was not met within the lifetime.
  [[nodiscard]] std::optional<Fate> find(const MessageId& id, Millis now);
  /// Requires that find() gives nothing.
  void insert(const MessageId& id, Fate fate, Millis now);
  /// Does nothing when `id` is forgotten.
  void set(const MessageId& id, Fate fate);
  /// Forgets what is older than the lifetime.
  void expire(Millis now);

  [[nodiscard]] std::size_t size() const { return fates_.size(); }

 private:
  struct Entry {
    MessageId id;
    Millis until;
  };
  void forget_oldest();

  Millis lifetime_;
  std::unordered_map<MessageId, Fate, MessageIdHash> fates_;
  std::deque<Entry> order_;  ///< by age, one per fate
};

}  // namespace preconf::io::wire
