// What peers offered by IHAVE and were asked for by IWANT: they have three seconds to send it. Who
// offered the same and was not asked is remembered, and asked when the message does not come.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "io/wire/gossipsub/message_id.hpp"
#include "io/wire/peer_ref.hpp"

namespace preconf::io::wire {

/// Bounded by gossip_limits::kPromisesMax and kPromisesPerPeerMax; offers count as promises.
class Promises {
 public:
  explicit Promises(MessageIdHash hash) : asked_(0, hash) {}

  /// May `peer` be asked for `id`? Not when it was, or when the bounds are reached.
  [[nodiscard]] bool may_ask(const MessageId& id, PeerRef peer) const;
  /// Who owes `id`, in ascending order.
  [[nodiscard]] std::vector<PeerRef> debtors(const MessageId& id) const;
  /// Requires may_ask().
  void add(const MessageId& id, PeerRef peer, Millis now, Millis until);
  /// `peer` has `id` as well, for which others are being asked. Forgotten above kOffersPerIdMax.
  void offered(const MessageId& id, PeerRef peer);
  struct FollowUp {
    MessageId id;
    PeerRef peer;
  };
  /// For every id that nobody sent within `patience` of the last time somebody was asked, the next
  /// peer that offered it, which is then forgotten: to be asked now. In the order in
  /// which they were asked for.
  [[nodiscard]] std::vector<FollowUp> take_follow_ups(Millis now, Millis patience);
  /// The message came, from anybody: nobody owes it.
  void fulfilled(const MessageId& id);
  void peer_disconnected(PeerRef peer);
  /// How many promises each peer broke since the last call.
  [[nodiscard]] std::map<PeerRef, std::size_t> take_broken(Millis now);

  /// Promises, without offers.
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
  struct Wanted {
    std::vector<Debt> debts;
    std::vector<PeerRef> offers;  ///< in order of arrival
    Millis last_asked;
  };
  struct Watch {
    MessageId id;
    Millis since;  ///< last_asked at that time
  };
  using WantedMap = std::unordered_map<MessageId, Wanted, MessageIdHash>;
  [[nodiscard]] std::size_t share_of_one() const;
  /// What a peer owes and offers. Those who left have none; what they owed and offered is passed
  /// over when it comes up, because to look for it takes long, and peers come and go at will.
  struct Load {
    std::size_t debts = 0;
    std::size_t offers = 0;
  };
  [[nodiscard]] bool is_here(PeerRef peer) const { return loads_.contains(peer); }
  void end_debt(PeerRef peer);
  void end_offer(PeerRef peer);
  std::optional<PeerRef> take_offer(Wanted& wanted);
  WantedMap::iterator erase_if_done(WantedMap::iterator it);

  WantedMap asked_;
  std::map<PeerRef, Load> loads_;
  std::deque<Asked> order_;    ///< by time; entries of kept promises are skipped when they come up
  std::deque<Watch> watched_;  ///< by time; for each id with offers, one that is not outdated
  std::size_t size_ = 0;
};

}  // namespace preconf::io::wire
