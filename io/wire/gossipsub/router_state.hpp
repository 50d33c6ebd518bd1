// Everything the router knows. The rules are functions over it, by concern: subscriptions.hpp,
// mesh.hpp, exchange.hpp (IHAVE, IWANT, IDONTWANT), delivery.hpp, publishing.hpp.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "io/wire/gossipsub/actions.hpp"
#include "io/wire/gossipsub/backoffs.hpp"
#include "io/wire/gossipsub/dont_send.hpp"
#include "io/wire/gossipsub/message_cache.hpp"
#include "io/wire/gossipsub/outbox.hpp"
#include "io/wire/gossipsub/peer_scores.hpp"
#include "io/wire/gossipsub/pending.hpp"
#include "io/wire/gossipsub/promises.hpp"
#include "io/wire/gossipsub/seen_cache.hpp"

namespace preconf::io::wire {

struct GossipPeer {
  /// What the peer did since the last heartbeat.
  struct Usage {
    std::size_t ihave_messages = 0;
    std::size_t ihave_ids = 0;  ///< that we asked for
    std::size_t iwant_ids = 0;
    std::size_t iwant_bytes = 0;
    std::size_t prune_answers = 0;
  };

  PeerId id;
  Direction direction = Direction::kInbound;
  GossipVersion version = GossipVersion::kV11;
  std::set<Topic> topics;
  DontSend dont_send;
  Usage usage;
  FaultCounts faults{};
  bool has_faults = false;
  bool is_dropped = false;
};

struct GossipTopic {
  bool is_subscribed = false;
  std::set<PeerRef> mesh;    ///< empty unless subscribed
  std::set<PeerRef> fanout;  ///< empty when subscribed
  Millis fanout_until;
};

struct RouterState {
  RouterState(const GossipConfig& config_in, const Identity& identity_in, Prng prng_in)
      : config(config_in), identity(identity_in), prng(prng_in) {}

  GossipConfig config;
  const Identity& identity;
  Prng prng;
  MessageIdHash hash{prng};

  std::map<PeerRef, GossipPeer> peers;
  std::map<Topic, GossipTopic, std::less<>> topics;  ///< subscribed, or published to
  PeerScores scores{config.score};
  Backoffs backoffs;
  SeenCache seen{config.duplicate_cache_time, hash};
  MessageCache cache{config.history_length, config.history_gossip, hash};
  PendingMessages pending{hash};
  Promises promises{hash};
  std::size_t dont_send_ids = 0;  ///< over all peers
  std::uint64_t seqno = config.first_seqno;
  std::uint64_t ticks = 0;  ///< heartbeats
  Outbox outbox;
  std::deque<GossipAction> actions;

  [[nodiscard]] GossipPeer* find_peer(PeerRef peer);
  /// Nothing when we are not subscribed.
  [[nodiscard]] GossipTopic* find_subscribed(std::string_view topic);
  [[nodiscard]] Score score(const GossipPeer& peer) const { return scores.score(peer.id); }
};

/// Counts a fault of `peer`.
void count_fault(GossipPeer& peer, GossipFault fault, std::size_t times = 1);

/// Peers subscribed to `topic` for which `is_wanted(PeerRef, GossipPeer)` holds, ascending.
template <class IsWanted>
[[nodiscard]] std::vector<PeerRef> peers_of(const RouterState& state, const Topic& topic,
                                            IsWanted is_wanted) {
  std::vector<PeerRef> out;
  for (const auto& [ref, peer] : state.peers) {
    if (peer.topics.contains(topic) && is_wanted(ref, peer)) out.push_back(ref);
  }
  return out;
}

}  // namespace preconf::io::wire
