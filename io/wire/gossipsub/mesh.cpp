#include "io/wire/gossipsub/mesh.hpp"

#include <algorithm>

#include "io/wire/gossipsub/limits.hpp"

namespace preconf::io::wire {
namespace {

Millis slack(const GossipConfig& config) {
  return Millis{config.backoff_slack_heartbeats * config.heartbeat_interval.value};
}

Millis before(Millis now, Millis duration) {
  return Millis{now.value - std::min(now.value, duration.value)};
}

std::size_t count_outbound(const RouterState& state, const std::vector<PeerRef>& peers) {
  return static_cast<std::size_t>(std::ranges::count_if(peers, [&state](PeerRef peer) {
    return state.peers.at(peer).direction == Direction::kOutbound;
  }));
}

/// Grafts a random choice of at most `count` of those for which `is_wanted` holds as well.
template <class IsWanted>
void graft_some(RouterState& state, const Topic& topic, std::size_t count, Millis now,
                IsWanted is_wanted) {
  std::vector<PeerRef> candidates =
      peers_of(state, topic, [&](PeerRef ref, const GossipPeer& peer) {
        return may_graft(state, topic, ref, peer, now) && is_wanted(peer);
      });
  for (const PeerRef peer : state.prng.sample(std::move(candidates), count)) {
    graft(state, topic, peer);
  }
}

/// Who stays when there are more than D_hi: the D_score best, enough outbound connections to have
/// D_out of them, and a random rest, D in all.
std::set<PeerRef> choose_survivors(RouterState& state, const std::set<PeerRef>& mesh) {
  std::vector<PeerRef> order(mesh.begin(), mesh.end());
  state.prng.shuffle(order);
  std::ranges::stable_sort(order, [&state](PeerRef a, PeerRef b) {
    return state.score(state.peers.at(a)) > state.score(state.peers.at(b));
  });
  const std::size_t best = std::min(state.config.retain_scores, order.size());
  std::vector<PeerRef> kept(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(best));
  std::vector<PeerRef> rest(order.begin() + static_cast<std::ptrdiff_t>(best), order.end());
  state.prng.shuffle(rest);
  const std::size_t outbound = count_outbound(state, kept);
  const std::size_t wanted = std::max(state.config.mesh_outbound_min, outbound) - outbound;
  std::vector<PeerRef> others;
  std::size_t taken = 0;
  for (const PeerRef peer : rest) {
    const bool is_needed = taken < wanted && state.peers.at(peer).direction == Direction::kOutbound;
    if (is_needed) ++taken;
    (is_needed ? kept : others).push_back(peer);
  }
  for (std::size_t i = 0; i < others.size() && kept.size() < state.config.mesh_n; ++i) {
    kept.push_back(others[i]);
  }
  return {kept.begin(), kept.end()};
}

void prune_negative(RouterState& state, const Topic& topic, Millis now) {
  const std::set<PeerRef> mesh = state.topics.at(topic).mesh;
  for (const PeerRef peer : mesh) {
    if (state.score(state.peers.at(peer)) < Score{}) {
      prune(state, topic, peer, state.config.prune_backoff, now);
    }
  }
}

void graft_opportunistically(RouterState& state, const Topic& topic, Millis now) {
  const std::set<PeerRef>& mesh = state.topics.at(topic).mesh;
  if (mesh.size() < 2) return;
  std::vector<Score> scores;
  for (const PeerRef peer : mesh) scores.push_back(state.score(state.peers.at(peer)));
  std::ranges::sort(scores);
  const std::size_t middle = scores.size() / 2;
  const Score median = scores.size() % 2 == 1
                           ? scores[middle]
                           : Score{(scores[middle - 1].micro + scores[middle].micro) / 2};
  if (median >= state.config.score.opportunistic_graft_threshold) return;
  graft_some(state, topic, state.config.opportunistic_graft_peers, now,
             [&state, median](const GossipPeer& peer) { return state.score(peer) > median; });
}

/// Answers a refused GRAFT, unless this is a flood of them.
void refuse_graft(RouterState& state, const Topic& topic, PeerRef ref, GossipPeer& peer,
                  Millis now) {
  state.backoffs.add(topic, peer.id, state.config.prune_backoff, now);
  if (peer.usage.prune_answers++ >= gossip_limits::kPruneAnswersPerHeartbeat) return;
  prune(state, topic, ref, state.config.prune_backoff, now);
}

/// P7 for a GRAFT before its time, twice when the PRUNE is fresh.
void punish_early_graft(RouterState& state, GossipPeer& peer, Millis backoff_end, Millis now) {
  const std::uint64_t pruned_at =
      backoff_end.value - std::min(backoff_end.value, state.config.prune_backoff.value);
  const bool is_flood = now.value < pruned_at + state.config.graft_flood_threshold.value;
  state.scores.misbehaved(peer.id, is_flood ? 2 : 1);
  count_fault(peer, GossipFault::kGraftInBackoff);
}

}  // namespace

bool may_graft(const RouterState& state, const Topic& topic, PeerRef ref, const GossipPeer& peer,
               Millis now) {
  return peer.version != GossipVersion::kFloodsub && peer.topics.contains(topic) &&
         !peer.is_dropped && !state.topics.at(topic).mesh.contains(ref) &&
         state.score(peer) >= Score{} &&
         !state.backoffs.end(topic, peer.id, before(now, slack(state.config)));
}

void graft(RouterState& state, const Topic& topic, PeerRef peer) {
  if (state.topics.at(topic).mesh.insert(peer).second) state.outbox.graft(peer, topic);
}

void prune(RouterState& state, const Topic& topic, PeerRef peer, Millis backoff, Millis now) {
  state.topics.at(topic).mesh.erase(peer);
  const GossipPeer& pruned = state.peers.at(peer);
  state.backoffs.add(topic, pruned.id, backoff, now);
  const bool has_backoff = pruned.version >= GossipVersion::kV11;
  state.outbox.prune(peer, topic, has_backoff ? std::optional(backoff) : std::nullopt);
}

void join_mesh(RouterState& state, const Topic& topic, Millis now) {
  GossipTopic& joined = state.topics.at(topic);
  for (const PeerRef peer : joined.fanout) {
    if (joined.mesh.size() == state.config.mesh_n) break;
    if (may_graft(state, topic, peer, state.peers.at(peer), now)) graft(state, topic, peer);
  }
  joined.fanout.clear();
  const std::size_t missing = state.config.mesh_n - joined.mesh.size();
  graft_some(state, topic, missing, now, [](const GossipPeer&) { return true; });
}

void on_graft(RouterState& state, PeerRef ref, std::string_view name, Millis now) {
  GossipPeer& peer = *state.find_peer(ref);
  GossipTopic* topic = state.find_subscribed(name);
  if (topic == nullptr || topic->mesh.contains(ref)) return;  // unknown topics get no answer
  if (peer.version == GossipVersion::kFloodsub) return;
  const Topic topic_name(name);
  if (const auto end = state.backoffs.end(topic_name, peer.id, now)) {
    punish_early_graft(state, peer, *end, now);
    return refuse_graft(state, topic_name, ref, peer, now);
  }
  const bool is_full = topic->mesh.size() >= state.config.mesh_n_high;
  if (state.score(peer) < Score{} || (is_full && peer.direction == Direction::kInbound)) {
    return refuse_graft(state, topic_name, ref, peer, now);
  }
  topic->mesh.insert(ref);
}

void on_prune(RouterState& state, PeerRef ref, std::string_view name,
              std::optional<std::uint64_t> backoff_seconds, Millis now) {
  GossipTopic* topic = state.find_subscribed(name);
  if (topic == nullptr) return;
  topic->mesh.erase(ref);
  const GossipConfig& config = state.config;
  const std::uint64_t seconds_max = config.prune_backoff_max.value / 1000;
  const Millis backoff = backoff_seconds ? Millis{std::min(*backoff_seconds, seconds_max) * 1000}
                                         : config.prune_backoff;
  state.backoffs.add(Topic(name), state.find_peer(ref)->id, backoff, now);
}

void maintain_mesh(RouterState& state, const Topic& topic, Millis now) {
  const GossipConfig& config = state.config;
  prune_negative(state, topic, now);
  const std::set<PeerRef>& mesh = state.topics.at(topic).mesh;
  if (mesh.size() < config.mesh_n_low) {
    graft_some(state, topic, config.mesh_n - mesh.size(), now,
               [](const GossipPeer&) { return true; });
  }
  if (mesh.size() > config.mesh_n_high) {
    const std::set<PeerRef> survivors = choose_survivors(state, mesh);
    const std::set<PeerRef> before_pruning = mesh;
    for (const PeerRef peer : before_pruning) {
      if (!survivors.contains(peer)) prune(state, topic, peer, config.prune_backoff, now);
    }
  }
  if (mesh.size() >= config.mesh_n_low) {
    const std::size_t outbound = count_outbound(state, {mesh.begin(), mesh.end()});
    if (outbound < config.mesh_outbound_min) {
      graft_some(state, topic, config.mesh_outbound_min - outbound, now,
                 [](const GossipPeer& peer) { return peer.direction == Direction::kOutbound; });
    }
  }
  if (state.ticks % config.opportunistic_graft_ticks == 0) {
    graft_opportunistically(state, topic, now);
  }
}

}  // namespace preconf::io::wire
