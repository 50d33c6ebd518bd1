#include "io/wire/gossipsub/delivery.hpp"

#include <algorithm>

#include "io/wire/gossipsub/exchange.hpp"

namespace preconf::io::wire {
namespace {

/// Refuses a message for which its sender is to blame: counted and charged (P4).
void refuse(RouterState& state, GossipPeer& peer, std::string_view topic, GossipFault fault) {
  count_fault(peer, fault);
  state.scores.invalid_message(peer.id, Topic(topic));
}

void receive_duplicate(RouterState& state, PeerRef ref, GossipPeer& peer, std::string_view topic,
                       const MessageId& id, Fate fate) {
  state.promises.fulfilled(id);
  if (fate == Fate::kRejected) refuse(state, peer, topic, GossipFault::kRejectedAgain);
  if (fate == Fate::kPending) state.pending.also_from(id, ref);
}

/// To the mesh and to floodsub peers, but not to where it came from, its author, or a peer that
/// said it has it.
void forward(RouterState& state, const Pending& accepted) {
  const GossipMessage& message = *accepted.message;
  const GossipTopic* topic = state.find_subscribed(message.topic);
  if (topic == nullptr) return;
  std::set<PeerRef> recipients = topic->mesh;
  for (const PeerRef flooded : peers_of(state, message.topic, [&](PeerRef, const auto& peer) {
         return peer.version == GossipVersion::kFloodsub &&
                state.score(peer) >= state.config.score.publish_threshold;
       })) {
    recipients.insert(flooded);
  }
  for (const PeerRef ref : recipients) {
    const GossipPeer& peer = state.peers.at(ref);
    const bool sent_it = ref == accepted.source || std::ranges::find(accepted.other_sources, ref) !=
                                                       accepted.other_sources.end();
    if (sent_it || peer.id == message.author || peer.dont_send.contains(message.id)) continue;
    state.actions.push_back(
        gossip::SendRpc{ref, message.frame, SendClass::kForward, state.config.forward_lifetime});
  }
}

/// The source is charged even when it left meanwhile.
void charge_rejected(RouterState& state, const Pending& rejected) {
  std::vector<PeerRef> senders = rejected.other_sources;
  senders.push_back(rejected.source);
  for (const PeerRef ref : senders) {
    GossipPeer* peer = state.find_peer(ref);
    if (peer != nullptr) {
      refuse(state, *peer, rejected.message->topic, GossipFault::kRejected);
    } else if (ref == rejected.source) {
      state.scores.invalid_message(rejected.source_id, rejected.message->topic);
    }
  }
}

}  // namespace

void receive_message(RouterState& state, PeerRef source, const MessageFields& fields, Millis now) {
  GossipPeer& peer = *state.find_peer(source);
  const std::string_view topic = fields.topic_text();
  if (fields.size_bytes > state.config.max_transmit_size) {
    return count_fault(peer, GossipFault::kMessageTooLarge);
  }
  if (state.find_subscribed(topic) == nullptr) {
    return count_fault(peer, GossipFault::kTopicNotSubscribed);
  }
  const auto envelope = check_envelope(fields);
  if (!envelope) return refuse(state, peer, topic, envelope.error());
  const MessageId id =
      message_id(state.config.message_id_formula, topic, fields.data.value_or(BytesView{}));
  if (const auto fate = state.seen.find(id, now)) {
    return receive_duplicate(state, source, peer, topic, id, *fate);
  }
  if (envelope->author == state.identity.peer_id()) {
    return count_fault(peer, GossipFault::kSelfOrigin);
  }
  if (!state.pending.has_room(source, fields.size_bytes)) {
    return count_fault(peer, GossipFault::kValidationQueueFull);
  }
  auto message = verify_message(fields, *envelope, id);
  if (!message) return refuse(state, peer, topic, message.error());

  send_idontwant(state, **message, source);
  state.promises.fulfilled(id);
  state.seen.insert(id, Fate::kPending, now);
  const Millis until{now.value + state.config.duplicate_cache_time.value};
  state.pending.insert(*message, source, peer.id, until);
  state.actions.push_back(gossip::Deliver{*message, source});
}

VerdictOutcome apply_verdict(RouterState& state, const MessageId& id, Verdict verdict) {
  const auto pending = state.pending.take(id);
  if (!pending) return VerdictOutcome::kUnknown;
  switch (verdict) {
    case Verdict::kAccept:
      state.seen.set(id, Fate::kAccepted);
      state.scores.first_delivery(pending->source_id, pending->message->topic);
      state.cache.put(pending->message);
      forward(state, *pending);
      break;
    case Verdict::kIgnore:
      state.seen.set(id, Fate::kIgnored);
      break;
    case Verdict::kReject:
      state.seen.set(id, Fate::kRejected);
      charge_rejected(state, *pending);
      break;
  }
  return VerdictOutcome::kApplied;
}

}  // namespace preconf::io::wire
