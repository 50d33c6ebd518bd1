// Networks of many swarms: gossip reaches everybody, whatever the links do.
#include <gtest/gtest.h>

#include <set>

#include "tests/wire/support/fake_network.hpp"

namespace preconf::io::wire::test {
namespace {

const Topic kTopic = "/taiko/167000/0/preconfirmationCommitments";

/// Each node has some earlier ones as static peers and accepts every message.
struct Crowd : FakeNetwork {
  Crowd(std::size_t count, std::size_t links, std::uint64_t seed, NetworkTraits traits = {})
      : FakeNetwork(seed, traits) {
    for (std::size_t i = 0; i < count; ++i) {
      SwarmConfig config;
      config.topics = {kTopic};
      std::set<std::size_t> chosen;
      while (chosen.size() < std::min(links, i)) chosen.insert(prng.below(i));
      for (const std::size_t other : chosen) config.static_peers.push_back(address_of(other));
      add(std::move(config)).application = [this](FakeNode& node, const SwarmAction& action) {
        if (const auto* deliver = std::get_if<gossip::Deliver>(&action)) {
          ++deliveries[deliver->message->id][node.index];
          node.swarm->report_validation(deliver->message->id, Verdict::kAccept, now());
        }
      };
    }
  }
  std::optional<MessageId> publish(std::size_t from, std::uint8_t content, std::size_t size) {
    const auto published = (*this)[from].swarm->publish(kTopic, Bytes(size, content), now());
    settle((*this)[from]);
    return published ? std::optional(published->id) : std::nullopt;
  }
  /// Everybody but the author, exactly once.
  [[nodiscard]] bool everybody_has(const MessageId& id, std::size_t author) const {
    const auto found = deliveries.find(id);
    if (found == deliveries.end() || found->second.contains(author)) return false;
    for (const auto& [node, times] : found->second) {
      if (times != 1) return false;
    }
    return found->second.size() == size() - 1;
  }
  std::map<MessageId, std::map<std::size_t, std::size_t>> deliveries;
};

TEST(SwarmNetwork, EverybodyGetsEveryMessageOnce) {
  Crowd crowd(16, 3, 42);
  crowd.run(8'000);
  std::map<MessageId, std::size_t> authors;
  for (std::uint8_t i = 0; i < 20; ++i) {
    const std::size_t author = crowd.prng.below(crowd.size());
    const auto id = crowd.publish(author, i, 1 + crowd.prng.below(60'000));
    ASSERT_TRUE(id);
    authors[*id] = author;
    crowd.run(crowd.prng.below(400));
  }
  crowd.run(5'000);
  for (const auto& [id, author] : authors) EXPECT_TRUE(crowd.everybody_has(id, author));
  for (std::size_t i = 0; i < crowd.size(); ++i) {
    EXPECT_TRUE(crowd[i].all<gossip::PeerFaults>().empty()) << i;
    EXPECT_TRUE(crowd[i].closed.empty()) << i;
  }
}

TEST(SwarmNetwork, ConnectionsBreakAndTheNetworkHeals) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    SCOPED_TRACE(seed);
    Crowd crowd(12, 3, seed);
    crowd.run(8'000);
    for (std::uint8_t i = 0; i < 40; ++i) {
      (void)crowd.publish(crowd.prng.below(crowd.size()), i, 1 + crowd.prng.below(30'000));
      if (i % 2 == 0) (void)crowd.cut_any();
      crowd.run(crowd.prng.below(300));
    }
    crowd.run(130'000);  // the longest delay of a redial, and the heartbeats to mend the mesh
    for (std::uint8_t i = 100; i < 110; ++i) {
      const auto id = crowd.publish(i % crowd.size(), i, 10);
      ASSERT_TRUE(id);
      crowd.run(3'000);
      EXPECT_TRUE(crowd.everybody_has(*id, i % crowd.size()));
    }
    for (std::size_t i = 0; i < crowd.size(); ++i) {
      EXPECT_TRUE(crowd[i].all<gossip::PeerFaults>().empty()) << i;
    }
  }
}

TEST(SwarmNetwork, EqualSeedsEqualHistories) {
  const auto history = [](std::uint64_t seed) {
    Crowd crowd(6, 2, seed);
    crowd.run(6'000);
    (void)crowd.publish(0, 1, 5'000);
    (void)crowd.cut_any();
    crowd.run(10'000);
    std::vector<std::uint64_t> numbers;
    for (std::size_t i = 0; i < crowd.size(); ++i) {
      const SwarmCounters counters = crowd[i].swarm->counters();
      numbers.push_back(counters.bytes_sent);
      numbers.push_back(counters.rpcs_received);
      numbers.push_back(crowd[i].told.size());
    }
    return numbers;
  };
  EXPECT_EQ(history(9), history(9));
  EXPECT_NE(history(9), history(10));
}

TEST(SwarmNetwork, AFrozenNodeIsLeftAndComesBack) {
  NetworkTraits traits;
  traits.buffer_bytes = 32'768;
  Crowd crowd(6, 5, 4, traits);
  crowd.run(8'000);
  crowd.freeze(5, true);
  for (std::uint8_t i = 0; i < 30; ++i) {
    ASSERT_TRUE(crowd.publish(0, i, 20'000));
    crowd.run(2'000);
  }
  EXPECT_FALSE(crowd[0].peer(crowd[5].id()));
  for (std::size_t i = 1; i < 5; ++i) EXPECT_TRUE(crowd[0].peer(crowd[i].id()));
  crowd.freeze(5, false);
  EXPECT_TRUE(crowd.run_until([&] { return crowd[0].peer(crowd[5].id()).has_value(); }, 130'000));
}

TEST(SwarmNetwork, AVanishedNodeIsNoticed) {
  Crowd crowd(4, 3, 8);
  crowd.run(8'000);
  crowd.blackhole(3, true);
  crowd.run(51'000);
  EXPECT_FALSE(crowd[0].peer(crowd[3].id()));
  EXPECT_EQ(crowd[0].all<swarm::PeerDisconnected>().back()->reason, CloseReason::kUnresponsive);
  crowd.blackhole(3, false);
  EXPECT_TRUE(crowd.run_until([&] { return crowd[0].peer(crowd[3].id()).has_value(); }, 200'000));
}

}  // namespace
}  // namespace preconf::io::wire::test
