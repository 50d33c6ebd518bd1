// Properties of networks of routers. GossipNetwork checks every frame that is sent: none goes to
// its author, back to where it came from, or twice without being asked for.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/wire/gossip/network.hpp"

namespace preconf::io::wire::test {
namespace {

using Node = GossipNetwork::Node;

NetworkConfig random_config(std::size_t nodes_max) {
  NetworkConfig config;
  config.nodes = *rc::gen::inRange<std::size_t>(2, nodes_max + 1);
  config.seed = *rc::gen::arbitrary<std::uint64_t>();
  return config;
}

void publish_everywhere(GossipNetwork& network, std::uint32_t count, std::uint64_t wait) {
  for (std::uint32_t n = 0; n < count; ++n) {
    const Node author = network.random().below(network.size());
    const auto published = network.publish(author, data_of(n, 8 + network.random().below(3'000)));
    RC_ASSERT(published.has_value());
    network.run_for(wait);
    RC_ASSERT(network.count_having(published->id) == network.size());
  }
}

RC_GTEST_PROP(GossipProperty, EveryConnectedGraphDelivers, ()) {
  GossipNetwork network(random_config(14));
  network.connect_randomly(*rc::gen::inRange<std::uint64_t>(0, 60));
  network.run_for(8'000);
  publish_everywhere(network, 3, 5'000);
}

RC_GTEST_PROP(GossipProperty, LossIsRepairedWhereThereIsMoreThanTheMesh, ()) {
  NetworkConfig config = random_config(20);
  config.nodes = std::max<std::size_t>(config.nodes, 15);
  config.loss_percent = 5;
  GossipNetwork network(config);
  network.connect_randomly(90);
  network.run_for(8'000);
  publish_everywhere(network, 3, 6'000);
}

RC_GTEST_PROP(GossipProperty, DegreesStayWithinBoundsAndLinksAreMutual, ()) {
  GossipNetwork network(random_config(30));
  network.connect_randomly(*rc::gen::inRange<std::uint64_t>(20, 100));
  network.run_for(*rc::gen::inRange<std::uint64_t>(6'000, 80'000));
  const GossipConfig config;
  for (Node n = 0; n < network.size(); ++n) {
    const std::set<Node> mesh = network.mesh(n);
    RC_ASSERT(mesh.size() <= config.mesh_n_high + config.mesh_outbound_min);
    RC_ASSERT(!mesh.empty() || network.neighbours(n).size() < config.mesh_n_low);
    for (const Node other : mesh) RC_ASSERT(network.neighbours(n).contains(other));
  }
  // One-sided links are on their way to be mutual or gone: none outlives four latencies.
  const auto one_sided = [&network] {
    std::set<std::pair<Node, Node>> links;
    for (Node n = 0; n < network.size(); ++n) {
      for (const Node other : network.mesh(n)) {
        if (!network.mesh(other).contains(n)) links.emplace(n, other);
      }
    }
    return links;
  };
  const auto earlier = one_sided();
  network.run_for(230);
  for (const auto& link : one_sided()) RC_ASSERT(!earlier.contains(link));
}

RC_GTEST_PROP(GossipProperty, ChurnDoesNotBreakIt, ()) {
  GossipNetwork network(random_config(16));
  network.connect_randomly(60);
  network.run_for(6'000);
  for (int i = 0; i < 30; ++i) {
    const Node a = network.random().below(network.size());
    const Node b = network.random().below(network.size());
    network.random().below(2) == 0 ? network.disconnect(a, b) : network.connect(a, b);
    if (i % 3 == 0) (void)network.publish(a, data_of(1'000 + static_cast<std::uint32_t>(i)));
    network.run_for(network.random().below(1'500));
  }
  for (Node n = 1; n < network.size(); ++n) network.connect(n, n - 1);  // connected again
  network.run_for(75'000);                                              // backoffs are over
  publish_everywhere(network, 2, 6'000);
}

}  // namespace
}  // namespace preconf::io::wire::test
