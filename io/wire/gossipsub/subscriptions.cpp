#include "io/wire/gossipsub/subscriptions.hpp"

#include "io/wire/gossipsub/limits.hpp"
#include "io/wire/gossipsub/mesh.hpp"

namespace preconf::io::wire {

void subscribe(RouterState& state, const Topic& topic, Millis now) {
  GossipTopic& joined = state.topics[topic];
  if (joined.is_subscribed) return;
  joined.is_subscribed = true;
  for (const auto& [ref, peer] : state.peers) state.outbox.subscription(ref, topic, true);
  join_mesh(state, topic, now);
}

void unsubscribe(RouterState& state, const Topic& topic, Millis now) {
  GossipTopic* left = state.find_subscribed(topic);
  if (left == nullptr) return;
  const std::set<PeerRef> mesh = left->mesh;
  for (const PeerRef peer : mesh) {
    prune(state, topic, peer, state.config.unsubscribe_backoff, now);
  }
  for (const auto& [ref, peer] : state.peers) state.outbox.subscription(ref, topic, false);
  state.topics.erase(topic);
}

void send_subscriptions(RouterState& state, PeerRef peer) {
  for (const auto& [name, topic] : state.topics) {
    if (topic.is_subscribed) state.outbox.subscription(peer, name, true);
  }
}

void on_subscription(RouterState& state, PeerRef ref, const Rpc::Subscription& subscription,
                     Millis now) {
  GossipPeer& peer = *state.find_peer(ref);
  const Topic name(subscription.topic);
  const auto topic = state.topics.find(name);
  if (!subscription.subscribe) {
    if (peer.topics.erase(name) == 0 || topic == state.topics.end()) return;
    topic->second.fanout.erase(ref);
    // A peer that leaves and comes back again and again is not grafted each time.
    if (topic->second.mesh.erase(ref) > 0) {
      state.backoffs.add(name, peer.id, state.config.unsubscribe_backoff, now);
    }
    return;
  }
  if (name.size() > gossip_limits::kTopicBytesMax) {
    return count_fault(peer, GossipFault::kTopicTooLong);
  }
  if (peer.topics.contains(name)) return;
  if (peer.topics.size() >= gossip_limits::kPeerTopicsMax) {
    return count_fault(peer, GossipFault::kSubscriptionsTooMany);
  }
  peer.topics.insert(name);
  if (topic == state.topics.end() || !topic->second.is_subscribed) return;
  const bool is_thin = topic->second.mesh.size() < state.config.mesh_n_low;
  if (is_thin && may_graft(state, name, ref, peer, now)) graft(state, name, ref);
}

}  // namespace preconf::io::wire
