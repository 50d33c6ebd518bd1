#include "tests/wire/gossip/invariants.hpp"

#include "core/base/assert.hpp"
#include "io/wire/gossipsub/limits.hpp"

namespace preconf::io::wire::test {
namespace {

void check_topic(const RouterState& state, const GossipTopic& topic) {
  PRECONF_ASSERT(topic.is_subscribed ? topic.fanout.empty() : topic.mesh.empty());
  for (const std::set<PeerRef>* some : {&topic.mesh, &topic.fanout}) {
    for (const PeerRef ref : *some) {
      const auto peer = state.peers.find(ref);
      PRECONF_ASSERT(peer != state.peers.end());
      PRECONF_ASSERT(peer->second.version != GossipVersion::kFloodsub);
      PRECONF_ASSERT(!peer->second.is_dropped);
    }
  }
  PRECONF_ASSERT(topic.fanout.size() <= state.config.mesh_n);
}

}  // namespace

void check_invariants(const RouterState& state) {
  for (const auto& [name, topic] : state.topics) check_topic(state, topic);
  std::size_t dont_send = 0;
  for (const auto& [ref, peer] : state.peers) {
    dont_send += peer.dont_send.size();
    PRECONF_ASSERT(peer.topics.size() <= gossip_limits::kPeerTopicsMax);
    PRECONF_ASSERT(peer.dont_send.size() <= state.config.idontwant_length_max);
    PRECONF_ASSERT(peer.usage.ihave_ids <= state.config.max_ihave_length);
    PRECONF_ASSERT(peer.usage.iwant_bytes <= gossip_limits::kIwantBytesPerHeartbeat);
  }
  PRECONF_ASSERT(dont_send == state.dont_send_ids);
  PRECONF_ASSERT(dont_send <= gossip_limits::kIdontwantIdsMax);
  PRECONF_ASSERT(state.seen.size() <= gossip_limits::kSeenMax);
  PRECONF_ASSERT(state.pending.size() <= gossip_limits::kPendingMax);
  PRECONF_ASSERT(state.pending.bytes() <= gossip_limits::kPendingBytesMax);
  PRECONF_ASSERT(state.pending.size() <= state.seen.size());
  PRECONF_ASSERT(state.cache.bytes() <= gossip_limits::kCacheBytesMax);
  PRECONF_ASSERT(state.promises.size() <= gossip_limits::kPromisesMax);
  PRECONF_ASSERT(state.backoffs.size() <= gossip_limits::kBackoffsMax);
  PRECONF_ASSERT(state.scores.size() <= state.peers.size() + gossip_limits::kRetainedScoresMax);
}

}  // namespace preconf::io::wire::test
