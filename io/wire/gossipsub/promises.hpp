// What peers offered by IHAVE and were asked for by IWANT: they have three seconds to send it.
#pragma once

#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

#include "io/wire/gossipsub/message_id.hpp"
#include "io/wire/peer_ref.hpp"

namespace preconf::io::wire {

/// Bounded by gossip_limits::kPromisesMax and kPromisesPerPeerMax.
class Promises {
 public:
  explicit Promises(MessageIdHash hash) : asked_(0, hash) {}

  /// May `peer` be asked for `id`? Not when it was, or when the bounds are reached.
  [[nodiscard]] bool may_ask(const MessageId& id, PeerRef peer) const;
  /// Who owes `id`, in ascending order.
  [[nodiscard]] std::vector<PeerRef> debtors(const MessageId& id) const;
  /// Requires may_ask().
  void add(const MessageId& id, PeerRef peer, Millis until);
  /// The message came, from anybody: nobody owes it.
  void fulfilled(const MessageId& id);
  void peer_disconnected(PeerRef peer);
  /// How many promises each peer broke since the last call.
  [[nodiscard]] std::map<PeerRef, std::size_t> take_broken(Millis now);

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Debt {
    PeerRef peer;
    Millis until;
    friend bool operator==(const Debt&, const Debt&) = default;
  };
  struct Asked {
    MessageId id;
    Debt debt;
  };
  void remove_one(PeerRef peer);

  std::unordered_map<MessageId, std::vector<Debt>, MessageIdHash> asked_;
  std::map<PeerRef, std::size_t> per_peer_;
  std::deque<Asked> order_;  ///< by time; entries of kept promises are skipped when they come up
  std::size_t size_ = 0;
};

}  // namespace preconf::io::wire
