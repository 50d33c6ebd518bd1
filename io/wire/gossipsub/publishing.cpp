#include "io/wire/gossipsub/publishing.hpp"

namespace preconf::io::wire {
namespace {

bool may_publish_to(const RouterState& state, const GossipPeer& peer) {
  return !peer.is_dropped && state.score(peer) >= state.config.score.publish_threshold;
}

/// A random choice of `count` gossipsub peers of the topic that are not in `chosen`.
std::vector<PeerRef> more_peers(RouterState& state, const Topic& topic,
                                const std::set<PeerRef>& chosen) {
  if (chosen.size() >= state.config.mesh_n) return {};
  return state.prng.sample(peers_of(state, topic,
                                    [&](PeerRef ref, const GossipPeer& peer) {
                                      return peer.version != GossipVersion::kFloodsub &&
                                             !chosen.contains(ref) && may_publish_to(state, peer);
                                    }),
                           state.config.mesh_n - chosen.size());
}

/// Who gets an own message. Fills the fanout when we are not in the topic.
std::set<PeerRef> recipients_of(RouterState& state, const Topic& topic) {
  std::set<PeerRef> chosen;
  const auto it = state.topics.find(topic);
  if (it != state.topics.end()) {
    for (const std::set<PeerRef>* some : {&it->second.mesh, &it->second.fanout}) {
      for (const PeerRef ref : *some) {
        if (may_publish_to(state, state.peers.at(ref))) chosen.insert(ref);
      }
    }
  }
  for (const PeerRef ref : more_peers(state, topic, chosen)) chosen.insert(ref);
  return chosen;
}

std::vector<PeerRef> floodsub_peers(const RouterState& state, const Topic& topic) {
  return peers_of(state, topic, [&state](PeerRef, const GossipPeer& peer) {
    return peer.version == GossipVersion::kFloodsub && may_publish_to(state, peer);
  });
}

}  // namespace

core::Result<Published, PublishError> publish(RouterState& state, const Topic& topic,
                                              BytesView data, Millis now) {
  const MessageId id = message_id(state.config.message_id_formula, topic, data);
  if (state.seen.find(id, now)) return core::Unexpected{PublishError::kDuplicate};
  std::set<PeerRef> recipients = recipients_of(state, topic);
  const std::set<PeerRef> gossipsub_recipients = recipients;
  for (const PeerRef ref : floodsub_peers(state, topic)) recipients.insert(ref);
  if (recipients.empty()) return core::Unexpected{PublishError::kNoPeers};
  const GossipMessagePtr message = sign_message(state.identity, state.seqno, topic, data, id);
  if (message->size_bytes > state.config.max_transmit_size) {
    return core::Unexpected{PublishError::kTooLarge};
  }
  ++state.seqno;
  if (state.find_subscribed(topic) == nullptr) {
    GossipTopic& fanout = state.topics[topic];
    fanout.fanout = gossipsub_recipients;
    fanout.fanout_until = Millis{now.value + state.config.fanout_ttl.value};
  }
  state.seen.insert(id, Fate::kAccepted, now);
  state.cache.put(message);
  for (const PeerRef ref : recipients) {
    if (state.peers.at(ref).dont_send.contains(id)) continue;
    state.actions.push_back(
        gossip::SendRpc{ref, message->frame, SendClass::kPublish, state.config.publish_lifetime});
  }
  return Published{id, recipients.size()};
}

void maintain_fanout(RouterState& state, const Topic& topic) {
  std::set<PeerRef>& fanout = state.topics.at(topic).fanout;
  std::erase_if(fanout, [&state, &topic](PeerRef ref) {
    const GossipPeer& peer = state.peers.at(ref);
    return !peer.topics.contains(topic) || !may_publish_to(state, peer);
  });
  for (const PeerRef ref : more_peers(state, topic, fanout)) fanout.insert(ref);
}

}  // namespace preconf::io::wire
