// Fifty routers: delivery, cost, churn, liars. Simulated time; the numbers are of this seed.
#include <gtest/gtest.h>

#include "tests/wire/gossip/network.hpp"

namespace preconf::io::wire::test {
namespace {

using Node = GossipNetwork::Node;

NetworkConfig fifty(std::uint64_t seed) {
  NetworkConfig config;
  config.nodes = 50;
  config.seed = seed;
  return config;
}

TEST(GossipNetwork, FiftyNodesDeliverEverythingWithinSixHops) {
  GossipNetwork network(fifty(1));
  network.connect_randomly(40);
  network.run_for(10'000);
  for (std::uint32_t n = 0; n < 40; ++n) {
    const auto published = network.publish(n, data_of(n, n % 2 == 0 ? 400 : 20'000));
    ASSERT_TRUE(published);
    network.run_for(500);
    EXPECT_EQ(network.count_having(published->id), 50U) << n;
    EXPECT_LE(network.latency_of(published->id), 6 * 53U) << n;
  }
  // Each copy beyond the first is waste: D is 8, so a message crosses about D/2 links per node.
  EXPECT_LE(network.copies(), 40U * 50U * 9U);
  for (Node n = 0; n < network.size(); ++n) {
    for (const Node m : network.neighbours(n)) EXPECT_GE(network.score(n, m), Score{});
  }
}

TEST(GossipNetwork, IdontwantSavesMostCopiesOfLargeMessages) {
  const auto copies = [](std::size_t idontwant_size_min) {
    NetworkConfig config = fifty(2);
    config.verdict_delay = 100;  // thinking takes longer than a hop
    config.gossip.idontwant_size_min = idontwant_size_min;
    GossipNetwork network(config);
    network.connect_randomly(40);
    network.run_for(10'000);
    EXPECT_TRUE(network.publish(0, data_of(1, 50'000)));
    network.run_for(2'000);
    EXPECT_EQ(network.count_having(id_of(data_of(1, 50'000))), 50U);
    return network.copies();
  };
  const std::size_t without = copies(SIZE_MAX);
  EXPECT_LT(copies(1'000), without / 2) << without;
}

TEST(GossipNetwork, WhoComesLateIsServedByGossip) {
  NetworkConfig config;
  config.nodes = 20;
  config.seed = 3;
  GossipNetwork network(config);
  for (Node a = 0; a < 19; ++a) {
    for (Node b = 0; b < a; ++b) network.connect(a, b);
  }
  network.run_for(10'000);
  const auto published = network.publish(0, data_of(1));
  network.run_for(600);
  ASSERT_FALSE(network.has(19, published->id));
  for (Node n = 0; n < 19; ++n) network.connect(19, n);
  network.run_for(2'000);
  EXPECT_TRUE(network.has(19, published->id)) << "IHAVE, IWANT";
}

// Lossy links and a thin mesh: what IHAVE and IWANT are for.
TEST(GossipNetwork, GossipRepairsWhatLossTakes) {
  const auto missing = [](std::size_t history_gossip) {
    NetworkConfig config;
    config.nodes = 20;
    config.seed = 9;
    config.loss_percent = 40;
    config.gossip.mesh_n = 2;
    config.gossip.mesh_n_low = 1;
    config.gossip.mesh_n_high = 3;
    config.gossip.mesh_outbound_min = 0;
    config.gossip.retain_scores = 1;
    config.gossip.history_gossip = history_gossip;
    GossipNetwork network(config);
    network.connect_randomly(90);
    network.run_for(8'000);
    std::size_t count = 0;
    for (std::uint32_t n = 0; n < 10; ++n) {
      const auto published = network.publish(n, data_of(n));
      network.run_for(6'000);
      count += network.size() - network.count_having(published->id);
    }
    return count;
  };
  const std::size_t without = missing(0);
  EXPECT_GT(without, 80U) << "of 200 deliveries";
  EXPECT_LT(missing(3), without / 3) << without;
}

TEST(GossipNetwork, AFifthOfTheNodesLeavesAndTheRestDelivers) {
  GossipNetwork network(fifty(4));
  network.connect_randomly(40);
  network.run_for(10'000);
  for (Node gone = 0; gone < 10; ++gone) {
    for (const Node other : network.neighbours(gone)) network.disconnect(gone, other);
  }
  const auto at_once = network.publish(20, data_of(1));
  network.run_for(3'000);
  EXPECT_EQ(network.count_having(at_once->id), 40U);
  for (Node n = 10; n < 50; ++n) EXPECT_GE(network.mesh(n).size(), 6U) << "the mesh has healed";
}

TEST(GossipNetwork, NodesThatForwardNothingDoNotStopMessages) {
  GossipNetwork network(fifty(5));
  network.connect_randomly(40);
  for (Node n = 0; n < 15; ++n) network.set_verdict(n, Verdict::kIgnore);
  network.run_for(10'000);
  for (std::uint32_t n = 0; n < 20; ++n) {
    const auto published = network.publish(20 + n, data_of(n));
    network.run_for(3'000);
    EXPECT_EQ(network.count_having(published->id), 50U);
  }
}

TEST(GossipNetwork, AnAuthorOfBadMessagesIsLeftAlone) {
  NetworkConfig config;
  config.nodes = 20;
  config.seed = 6;
  GossipNetwork network(config);
  network.connect_randomly(60);
  for (Node n = 1; n < 20; ++n) network.set_verdict(n, Verdict::kReject);
  network.run_for(10'000);
  for (std::uint32_t n = 0; n < 3; ++n) {
    (void)network.publish(0, data_of(n));
    network.run_for(1'000);
  }
  EXPECT_TRUE(network.mesh(0).size() <= network.neighbours(0).size());
  for (Node n = 1; n < 20; ++n) EXPECT_FALSE(network.mesh(n).contains(0));
  for (Node n = 1; n < 20; ++n) {
    for (Node m = 1; m < 20; ++m) EXPECT_GE(network.score(n, m), Score{}) << "no bystander";
  }
}

TEST(GossipNetwork, EqualSeedsGiveEqualHistories) {
  const auto run = [](std::uint64_t seed) {
    NetworkConfig config;
    config.seed = seed;
    config.loss_percent = 10;
    GossipNetwork network(config);
    network.connect_randomly(70);
    network.run_for(7'000);
    std::vector<std::uint64_t> history;
    for (std::uint32_t n = 0; n < 5; ++n) {
      const auto published = network.publish(n, data_of(n));
      network.run_for(1'000);
      history.push_back(network.latency_of(published->id));
      history.push_back(network.copies());
    }
    return history;
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

}  // namespace
}  // namespace preconf::io::wire::test
