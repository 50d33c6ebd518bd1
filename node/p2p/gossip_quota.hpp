// How much of a peer's gossip may become events although nobody asked for it: commitments of
// signers that no known window names, and lists that no known commitment names. Each is well-formed
// and costs its maker nothing, so without a bound a peer could fill the log with them. A signer of
// the schedule can, too, at the price of evidence: what of his is not accepted has a wider bound.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>

#include "core/types.hpp"

namespace preconf::node {

/// Per peer and interval. A peer also forwards what others make, and a schedule
/// may be younger than a commitment: the bounds leave room for one window of
/// honest traffic.
inline constexpr core::Millis kQuotaInterval{10'000};
inline constexpr std::size_t kUnscheduledCommitmentsMax = 64;
inline constexpr std::size_t kScheduledCommitmentsMax = 1'024;
inline constexpr std::size_t kUnwantedListsMax = 32;
inline constexpr std::size_t kUnwantedListBytesMax = 8U << 20;
/// Lists that scheduled commitments named, remembered in order of arrival.
inline constexpr std::size_t kWantedListsMax = 4'096;

/// One thread at a time.
class GossipQuota {
 public:
  /// A list that a scheduled commitment names: not charged from now on.
  void want(const core::Hash32& list);
  [[nodiscard]] bool is_wanted(const core::Hash32& list) const { return wanted_.contains(list); }

  /// False: the peer has used up its quota of this interval.
  [[nodiscard]] bool take_commitment(core::PeerNumber peer, core::Millis now, bool is_scheduled);
  [[nodiscard]] bool take_list(core::PeerNumber peer, std::size_t bytes, core::Millis now);
  /// The content turned out to be useful: it does not count.
  void give_back_commitment(core::PeerNumber peer, bool is_scheduled);
  void give_back_list(core::PeerNumber peer, std::size_t bytes);

  void forget(core::PeerNumber peer) { peers_.erase(peer); }

 private:
  struct Used {
    core::Millis since;
    std::size_t unscheduled = 0;
    std::size_t scheduled = 0;
    std::size_t lists = 0;
    std::size_t list_bytes = 0;
  };
  Used& used_by(core::PeerNumber peer, core::Millis now);

  std::map<core::PeerNumber, Used> peers_;
  std::set<core::Hash32> wanted_;
  std::deque<core::Hash32> wanted_order_;
};

}  // namespace preconf::node
