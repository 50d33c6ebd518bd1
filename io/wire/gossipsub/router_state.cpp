#include "io/wire/gossipsub/router_state.hpp"

#include <limits>

namespace preconf::io::wire {

GossipPeer* RouterState::find_peer(PeerRef peer) {
  const auto it = peers.find(peer);
  return it == peers.end() ? nullptr : &it->second;
}

GossipTopic* RouterState::find_subscribed(std::string_view topic) {
  const auto it = topics.find(topic);
  return it == topics.end() || !it->second.is_subscribed ? nullptr : &it->second;
}

void count_fault(GossipPeer& peer, GossipFault fault, std::size_t times) {
  std::uint32_t& count = peer.faults[static_cast<std::size_t>(fault)];
  const std::uint64_t sum = std::uint64_t{count} + times;
  count = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(sum, std::numeric_limits<std::uint32_t>::max()));
  peer.has_faults = true;
}

}  // namespace preconf::io::wire
