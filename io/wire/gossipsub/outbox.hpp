// Control messages that wait to leave: whatever one call of the router has for a peer goes out as
// one RPC (two when part of it may be dropped).
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "io/wire/gossipsub/actions.hpp"

namespace preconf::io::wire {

class Outbox {
 public:
  void subscription(PeerRef peer, const Topic& topic, bool subscribe);
  void graft(PeerRef peer, const Topic& topic);
  /// Takes the place of a GRAFT of the same topic that waits. `backoff` is left out for peers
  /// before version 1.1.
  void prune(PeerRef peer, const Topic& topic, std::optional<Millis> backoff);
  void ihave(PeerRef peer, const Topic& topic, std::vector<MessageId> ids);
  void iwant(PeerRef peer, std::vector<MessageId> ids);
  void idontwant(PeerRef peer, const MessageId& id);
  void peer_disconnected(PeerRef peer) { waiting_.erase(peer); }

  /// Appends everything, in the order of peers.
  void flush(std::deque<GossipAction>& actions, Millis gossip_lifetime);

 private:
  struct Subscription {
    Topic topic;
    bool subscribe;
  };
  struct Prune {
    Topic topic;
    std::optional<Millis> backoff;
  };
  struct Ihave {
    Topic topic;
    std::vector<MessageId> ids;
  };
  struct Waiting {
    std::vector<Subscription> subscriptions;
    std::vector<Topic> grafts;
    std::vector<Prune> prunes;
    std::vector<Ihave> ihaves;
    std::vector<MessageId> iwant;
    std::vector<MessageId> idontwant;
  };
  [[nodiscard]] static Bytes encode_control(const Waiting& waiting);
  [[nodiscard]] static Bytes encode_gossip(const Waiting& waiting);

  std::map<PeerRef, Waiting> waiting_;
};

}  // namespace preconf::io::wire
