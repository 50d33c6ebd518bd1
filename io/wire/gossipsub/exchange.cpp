#include "io/wire/gossipsub/exchange.hpp"

#include <algorithm>
#include <unordered_set>

#include "io/wire/gossipsub/limits.hpp"

namespace preconf::io::wire {
namespace {

/// Peers that are being asked for `id` and have kept their word so far. Others do not stand in the
/// way of asking one more.
std::size_t trusted_debtors(const RouterState& state, const MessageId& id) {
  const std::vector<PeerRef> debtors = state.promises.debtors(id);
  return static_cast<std::size_t>(std::ranges::count_if(debtors, [&state](PeerRef ref) {
    const auto it = state.peers.find(ref);
    return it != state.peers.end() && !state.scores.misbehaves(it->second.id);
  }));
}

/// The ids worth offering to `peer`: not its own messages, max_ihave_length at most.
std::vector<MessageId> ids_for(RouterState& state, const GossipPeer& peer,
                               const std::vector<MessageId>& ids) {
  std::vector<MessageId> out;
  for (const MessageId& id : ids) {
    if (state.cache.find(id)->author != peer.id) out.push_back(id);
  }
  if (out.size() <= state.config.max_ihave_length) return out;
  return state.prng.sample(std::move(out), state.config.max_ihave_length);
}

}  // namespace

void emit_gossip(RouterState& state, const Topic& topic) {
  const std::vector<MessageId> ids = state.cache.gossip_ids(topic);
  if (ids.empty()) return;
  const GossipTopic& of_topic = state.topics.at(topic);
  std::vector<PeerRef> peers = peers_of(state, topic, [&](PeerRef ref, const GossipPeer& peer) {
    return peer.version != GossipVersion::kFloodsub && !of_topic.mesh.contains(ref) &&
           !of_topic.fanout.contains(ref) &&
           state.score(peer) >= state.config.score.gossip_threshold;
  });
  const std::size_t count =
      std::max(state.config.gossip_lazy, peers.size() / state.config.gossip_divisor);
  for (const PeerRef peer : state.prng.sample(std::move(peers), count)) {
    std::vector<MessageId> offered = ids_for(state, state.peers.at(peer), ids);
    if (!offered.empty()) state.outbox.ihave(peer, topic, std::move(offered));
  }
}

void on_ihave(RouterState& state, PeerRef ref, const Rpc& rpc, const Rpc::Ihave& ihave,
              Millis now) {
  GossipPeer& peer = *state.find_peer(ref);
  if (state.score(peer) < state.config.score.gossip_threshold) return;
  if (peer.usage.ihave_messages++ >= state.config.max_ihave_messages) {
    return count_fault(peer, GossipFault::kIhaveTooMany);
  }
  if (state.find_subscribed(ihave.topic) == nullptr) return;
  const std::size_t room =
      state.config.max_ihave_length - std::min(state.config.max_ihave_length, peer.usage.ihave_ids);
  if (room == 0) {
    return count_fault(peer, GossipFault::kIhaveTooMany, ihave.ids_end - ihave.ids_begin);
  }
  std::vector<MessageId> wanted;
  // Thousands of ids in one RPC: looking for each in the others takes longer than all the rest.
  std::unordered_set<MessageId, MessageIdHash> chosen(0, state.hash);
  for (std::size_t i = ihave.ids_begin; i < ihave.ids_end; ++i) {
    const MessageId& id = rpc.ihave_ids[i];
    if (state.seen.find(id, now) || !state.promises.may_ask(id, ref)) continue;
    if (trusted_debtors(state, id) >= gossip_limits::kPromisesPerIdMax) {
      state.promises.offered(id, ref);
      continue;
    }
    if (chosen.insert(id).second) wanted.push_back(id);
  }
  if (wanted.empty()) return;
  if (wanted.size() > room) count_fault(peer, GossipFault::kIhaveTooMany, wanted.size() - room);
  wanted = state.prng.sample(std::move(wanted), room);
  peer.usage.ihave_ids += wanted.size();
  const Millis until{now.value + state.config.iwant_followup_time.value};
  for (const MessageId& id : wanted) {
    if (state.promises.may_ask(id, ref)) state.promises.add(id, ref, now, until);
  }
  if (!wanted.empty()) state.outbox.iwant(ref, std::move(wanted));
}

void ask_others(RouterState& state, Millis now) {
  const Millis until{now.value + state.config.iwant_followup_time.value};
  std::map<PeerRef, std::vector<MessageId>> asked;
  for (const auto& [id, ref] :
       state.promises.take_follow_ups(now, state.config.heartbeat_interval)) {
    const GossipPeer* peer = state.find_peer(ref);
    if (peer == nullptr || peer->is_dropped || !state.promises.may_ask(id, ref)) continue;
    if (state.score(*peer) < state.config.score.gossip_threshold) continue;
    state.promises.add(id, ref, now, until);
    asked[ref].push_back(id);
  }
  for (auto& [ref, ids] : asked) state.outbox.iwant(ref, std::move(ids));
}

void on_iwant(RouterState& state, PeerRef ref, const std::vector<MessageId>& ids) {
  GossipPeer& peer = *state.find_peer(ref);
  if (state.score(peer) < state.config.score.gossip_threshold) return;
  for (const MessageId& id : ids) {
    const GossipMessagePtr cached = state.cache.find(id);
    if (cached == nullptr || cached->author == peer.id) continue;
    const bool has_room =
        peer.usage.iwant_ids < gossip_limits::kIwantIdsPerHeartbeat &&
        peer.usage.iwant_bytes + cached->frame->size() <= gossip_limits::kIwantBytesPerHeartbeat;
    if (!has_room || state.cache.take_for(id, ref, state.config.gossip_retransmission) == nullptr) {
      count_fault(peer, GossipFault::kIwantTooMany);
      continue;
    }
    ++peer.usage.iwant_ids;
    peer.usage.iwant_bytes += cached->frame->size();
    state.actions.push_back(
        gossip::SendRpc{ref, cached->frame, SendClass::kForward, state.config.forward_lifetime});
  }
}

void on_idontwant(RouterState& state, PeerRef ref, const std::vector<MessageId>& ids, Millis now) {
  GossipPeer& peer = *state.find_peer(ref);
  const Millis until{now.value + state.config.idontwant_lifetime.value};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (peer.dont_send.contains(ids[i])) continue;
    if (peer.dont_send.size() >= state.config.idontwant_length_max ||
        state.dont_send_ids >= gossip_limits::kIdontwantIdsMax) {
      return count_fault(peer, GossipFault::kIdontwantTooMany, ids.size() - i);
    }
    peer.dont_send.add(ids[i], until);
    ++state.dont_send_ids;
  }
}

void send_idontwant(RouterState& state, const GossipMessage& message, PeerRef source) {
  if (message.size_bytes < state.config.idontwant_size_min) return;
  std::set<PeerRef> told;
  if (const GossipTopic* topic = state.find_subscribed(message.topic)) told = topic->mesh;
  for (const PeerRef peer : state.promises.debtors(message.id)) told.insert(peer);
  for (const PeerRef ref : told) {
    const GossipPeer* peer = state.find_peer(ref);
    if (peer == nullptr || ref == source || peer->id == message.author) continue;
    if (peer->version >= GossipVersion::kV12) state.outbox.idontwant(ref, message.id);
  }
}

void punish_broken_promises(RouterState& state, Millis now) {
  for (const auto& [ref, count] : state.promises.take_broken(now)) {
    GossipPeer* peer = state.find_peer(ref);
    if (peer == nullptr) continue;
    state.scores.misbehaved(peer->id, count);
    count_fault(*peer, GossipFault::kPromiseBroken, count);
  }
}

}  // namespace preconf::io::wire
