#include "node/p2p/p2p_metrics.hpp"

#include <algorithm>
#include <limits>

namespace preconf::node {

using io::wire::SwarmCounters;

P2pMetrics::P2pMetrics(io::Metrics& metrics) {
  const auto add = [&](const char* name, const char* help, std::uint64_t SwarmCounters::*value) {
    counters_.push_back({metrics.counter(name, help), value});
  };
  add("p2p_accepted_total", "Connections of others", &SwarmCounters::accepted);
  for (std::size_t i = 0; i < io::wire::kAcceptRefusalCount; ++i) {
    const char* reason = name_of(static_cast<io::wire::AcceptRefusal>(i));
    refused_.push_back(metrics.counter("p2p_accept_refused_total",
                                       "Connections turned away before their handshake",
                                       {{"reason", reason}}));
  }
  add("p2p_crowded_out_total", "Handshakes that took too long while others waited for the place",
      &SwarmCounters::crowded_out);
  add("p2p_dialed_total", "Dials begun", &SwarmCounters::dialed);
  add("p2p_dial_failed_total", "Dials that came to nothing", &SwarmCounters::dial_failed);
  add("p2p_established_total", "Connections with a secure channel", &SwarmCounters::established);
  add("p2p_closed_total", "Connections that ended", &SwarmCounters::closed);
  add("p2p_bytes_received_total", "Bytes of the transport", &SwarmCounters::bytes_received);
  add("p2p_bytes_sent_total", "Bytes of the transport", &SwarmCounters::bytes_sent);
  add("p2p_streams_refused_total", "Streams of peers that were reset",
      &SwarmCounters::streams_refused);
  add("p2p_gossip_rpcs_received_total", "Gossipsub RPCs", &SwarmCounters::rpcs_received);
  add("p2p_gossip_rpcs_sent_total", "Gossipsub RPCs", &SwarmCounters::rpcs_sent);
  add("p2p_gossip_rpcs_dropped_total", "Gossipsub RPCs that waited too long for a slow peer",
      &SwarmCounters::rpcs_dropped);
  add("p2p_requests_received_total", "Requests of peers", &SwarmCounters::requests_received);
  add("p2p_requests_sent_total", "Requests to peers", &SwarmCounters::requests_sent);
  inbound_ = metrics.gauge("p2p_peers", "Connected peers", {{"direction", "inbound"}});
  outbound_ = metrics.gauge("p2p_peers", "Connected peers", {{"direction", "outbound"}});
  graylisted_ =
      metrics.gauge("p2p_peers_graylisted", "Connected peers whose messages are not looked at");
  lowest_score_ = metrics.gauge("p2p_peer_score_lowest", "Lowest gossipsub score of a peer");
  gossip_pending_ = metrics.gauge("p2p_gossip_pending", "Messages whose verdict is awaited");
}

void P2pMetrics::show_scores(const std::vector<io::wire::PeerSummary>& peers) {
  std::size_t graylisted = 0;
  std::int64_t lowest = peers.empty() ? 0 : std::numeric_limits<std::int64_t>::max();
  for (const io::wire::PeerSummary& peer : peers) {
    if (peer.gossip_score < io::wire::ScoreConfig{}.graylist_threshold) ++graylisted;
    lowest = std::min(lowest, peer.gossip_score.micro);
  }
  graylisted_.set(static_cast<double>(graylisted));
  lowest_score_.set(static_cast<double>(lowest) / io::wire::Score::kUnit);
}

void P2pMetrics::show(const SwarmCounters& counters,
                      const std::vector<io::wire::PeerSummary>& peers, std::size_t gossip_pending) {
  for (Shown& shown : counters_) {
    const std::uint64_t value = counters.*shown.value;
    if (value > shown.last) shown.handle.add(value - shown.last);
    shown.last = value;
  }
  for (std::size_t i = 0; i < refused_.size(); ++i) {
    refused_[i].add(counters.accepts_refused[i] - last_.accepts_refused[i]);
  }
  last_ = counters;
  show_scores(peers);
  std::size_t outbound = 0;
  for (const io::wire::PeerSummary& peer : peers) {
    if (peer.direction == io::wire::Direction::kOutbound) ++outbound;
  }
  outbound_.set(static_cast<double>(outbound));
  inbound_.set(static_cast<double>(peers.size() - outbound));
  gossip_pending_.set(static_cast<double>(gossip_pending));
}

}  // namespace preconf::node
