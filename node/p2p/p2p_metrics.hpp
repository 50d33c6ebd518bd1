// What an operator sees of the network in /metrics.
#pragma once

#include <vector>

#include "io/metrics/metrics.hpp"
#include "io/wire/swarm_config.hpp"

namespace preconf::node {

class P2pMetrics {
 public:
  explicit P2pMetrics(io::Metrics& metrics);

  /// The host's counters only grow; counters here follow them.
  void show(const io::wire::SwarmCounters& counters,
            const std::vector<io::wire::PeerSummary>& peers, std::size_t gossip_pending);

 private:
  void show_scores(const std::vector<io::wire::PeerSummary>& peers);

  struct Shown {
    io::CounterHandle handle;
    std::uint64_t io::wire::SwarmCounters::*value;
    std::uint64_t last = 0;
  };
  std::vector<Shown> counters_;
  std::vector<io::CounterHandle> refused_;  ///< by AcceptRefusal
  io::wire::SwarmCounters last_;
  io::GaugeHandle graylisted_;
  io::GaugeHandle lowest_score_;
  io::GaugeHandle inbound_;
  io::GaugeHandle outbound_;
  io::GaugeHandle gossip_pending_;
};

}  // namespace preconf::node
