#include "io/wire/gossipsub/router.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "io/wire/gossipsub/exchange.hpp"
#include "io/wire/gossipsub/mesh.hpp"
#include "io/wire/gossipsub/subscriptions.hpp"

namespace preconf::io::wire {
namespace {

Millis after(Millis now, Millis duration) { return Millis{now.value + duration.value}; }

/// Is `deadline` over? Then the next one is an interval after it, or after `now` when that is over
/// as well: what was missed happens once.
bool is_due(Millis& deadline, Millis interval, Millis now) {
  if (now < deadline) return false;
  deadline = after(deadline, interval);
  if (deadline <= now) deadline = after(now, interval);
  return true;
}

}  // namespace

GossipRouter::GossipRouter(const GossipConfig& config, const Identity& identity, Prng prng,
                           Millis now)
    : state_(config, identity, prng),
      next_heartbeat_(after(now, config.heartbeat_initial_delay)),
      next_decay_(after(now, config.score.decay_interval)),
      next_report_(after(now, config.report_interval)) {}

void GossipRouter::subscribe(const Topic& topic, Millis now) {
  wire::subscribe(state_, topic, now);
  flush();
}

void GossipRouter::unsubscribe(const Topic& topic, Millis now) {
  wire::unsubscribe(state_, topic, now);
  flush();
}

void GossipRouter::peer_connected(PeerRef ref, const PeerId& id, Direction direction,
                                  GossipVersion version, Millis) {
  const bool is_new =
      state_.peers
          .emplace(ref, GossipPeer{id, direction, version, {}, DontSend(state_.hash), {}, {}})
          .second;
  PRECONF_ASSERT(is_new);
  state_.scores.peer_connected(id);
  send_subscriptions(state_, ref);
  flush();
}

void GossipRouter::set_version(PeerRef ref, GossipVersion version) {
  GossipPeer* peer = state_.find_peer(ref);
  if (peer == nullptr) return;
  peer->version = version;
  if (version != GossipVersion::kFloodsub) return;
  for (auto& [name, topic] : state_.topics) {
    topic.mesh.erase(ref);
    topic.fanout.erase(ref);
  }
}

void GossipRouter::peer_disconnected(PeerRef ref, Millis now) {
  GossipPeer* peer = state_.find_peer(ref);
  if (peer == nullptr) return;
  report_faults(ref, *peer);
  state_.scores.peer_disconnected(peer->id, now);
  state_.promises.peer_disconnected(ref);
  state_.outbox.peer_disconnected(ref);
  state_.dont_send_ids -= peer->dont_send.size();
  for (auto& [name, topic] : state_.topics) {
    topic.mesh.erase(ref);
    topic.fanout.erase(ref);
  }
  state_.peers.erase(ref);
}

void GossipRouter::on_rpc(PeerRef ref, BytesView frame, Millis now) {
  GossipPeer* peer = state_.find_peer(ref);
  if (peer == nullptr || peer->is_dropped) return;
  if (frame.size() > state_.config.max_transmit_size) {
    return drop(ref, *peer, GossipFault::kRpcMalformed);
  }
  const bool is_graylisted = state_.score(*peer) < state_.config.score.graylist_threshold;
  const RpcScope scope = is_graylisted ? RpcScope::kSubscriptions : RpcScope::kAll;
  if (const auto decoded = decode_rpc(frame, scope, state_.config, rpc_); !decoded) {
    return drop(ref, *peer, decoded.error());
  }
  for (std::size_t i = 0; i < kGossipFaultCount; ++i) {
    if (rpc_.faults[i] > 0) count_fault(*peer, static_cast<GossipFault>(i), rpc_.faults[i]);
  }
  for (const Rpc::Subscription& subscription : rpc_.subscriptions) {
    on_subscription(state_, ref, subscription, now);
  }
  if (is_graylisted) {
    count_fault(*peer, GossipFault::kGraylisted);
  } else {
    for (const MessageFields& message : rpc_.messages) {
      receive_message(state_, ref, message, now);
    }
    handle_control(ref, now);
  }
  flush();
}

void GossipRouter::handle_control(PeerRef ref, Millis now) {
  for (const Rpc::Ihave& ihave : rpc_.ihave) on_ihave(state_, ref, rpc_, ihave, now);
  if (!rpc_.iwant.empty()) on_iwant(state_, ref, rpc_.iwant);
  for (const std::string_view topic : rpc_.graft) on_graft(state_, ref, topic, now);
  for (const Rpc::Prune& prune : rpc_.prune) {
    on_prune(state_, ref, prune.topic, prune.backoff_seconds, now);
  }
  if (!rpc_.idontwant.empty()) on_idontwant(state_, ref, rpc_.idontwant, now);
}

core::Result<Published, PublishError> GossipRouter::publish(const Topic& topic, BytesView data,
                                                            Millis now) {
  auto result = wire::publish(state_, topic, data, now);
  flush();
  return result;
}

VerdictOutcome GossipRouter::report_validation(const MessageId& id, Verdict verdict, Millis) {
  const VerdictOutcome outcome = apply_verdict(state_, id, verdict);
  flush();
  return outcome;
}

void GossipRouter::set_app_score(PeerRef ref, Score score) {
  if (const GossipPeer* peer = state_.find_peer(ref)) {
    state_.scores.set_app_score(peer->id, score);
  }
}

void GossipRouter::on_time(Millis now) {
  if (is_due(next_decay_, state_.config.score.decay_interval, now)) state_.scores.decay(now);
  if (is_due(next_heartbeat_, state_.config.heartbeat_interval, now)) heartbeat(now);
  if (is_due(next_report_, state_.config.report_interval, now)) {
    for (auto& [ref, peer] : state_.peers) report_faults(ref, peer);
  }
  flush();
}

Millis GossipRouter::next_deadline() const {
  return std::min({next_heartbeat_, next_decay_, next_report_});
}

void GossipRouter::heartbeat(Millis now) {
  ++state_.ticks;
  const GossipConfig& config = state_.config;
  for (auto& [ref, peer] : state_.peers) {
    peer.usage = {};
    state_.dont_send_ids -= peer.dont_send.expire(now);
  }
  const std::uint64_t slack = config.backoff_slack_heartbeats * config.heartbeat_interval.value;
  state_.backoffs.expire(Millis{now.value - std::min(now.value, slack)});
  state_.seen.expire(now);
  state_.pending.expire(now);
  punish_broken_promises(state_, now);
  ask_others(state_, now);
  std::erase_if(state_.topics, [now](const auto& entry) {
    return !entry.second.is_subscribed && entry.second.fanout_until <= now;
  });
  std::vector<Topic> names;
  for (const auto& [name, topic] : state_.topics) names.push_back(name);
  for (const Topic& name : names) {
    if (state_.topics.at(name).is_subscribed) {
      maintain_mesh(state_, name, now);
    } else {
      maintain_fanout(state_, name);
    }
    emit_gossip(state_, name);
  }
  state_.cache.shift();
}

void GossipRouter::report_faults(PeerRef ref, GossipPeer& peer) {
  if (!peer.has_faults) return;
  state_.actions.push_back(gossip::PeerFaults{ref, peer.id, peer.faults});
  peer.faults.fill(0);
  peer.has_faults = false;
}

void GossipRouter::drop(PeerRef ref, GossipPeer& peer, GossipFault reason) {
  count_fault(peer, reason);
  peer.is_dropped = true;
  for (auto& [name, topic] : state_.topics) {
    topic.mesh.erase(ref);
    topic.fanout.erase(ref);
  }
  state_.actions.push_back(gossip::DropPeer{ref, reason});
}

void GossipRouter::flush() { state_.outbox.flush(state_.actions, state_.config.forward_lifetime); }

std::optional<GossipAction> GossipRouter::next_action() {
  if (state_.actions.empty()) return std::nullopt;
  GossipAction action = std::move(state_.actions.front());
  state_.actions.pop_front();
  return action;
}

}  // namespace preconf::io::wire
