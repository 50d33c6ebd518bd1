// A list is not waited for at one peer alone (T2, from reducer version 5 on).
#include <gtest/gtest.h>

#include <algorithm>

#include "core/limits.hpp"
#include "tests/support/chains.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

constexpr std::uint64_t kNanosPerMilli = 1'000'000;
constexpr std::uint64_t kHedgeNs = limits::kListHedgeMs * kNanosPerMilli;

/// Every event of the world takes a millisecond.
void expect_about(std::uint64_t at_ns, std::uint64_t expected_ns) {
  EXPECT_GE(at_ns, expected_ns);
  EXPECT_LE(at_ns, expected_ns + 50 * kNanosPerMilli);
}

std::vector<Network::Sent> lists_asked(const Network& network) {
  std::vector<Network::Sent> out;
  std::ranges::copy_if(network.sent, std::back_inserter(out), [](const Network::Sent& one) {
    return one.protocol == PeerProtocol::kTxList;
  });
  return out;
}

std::size_t hedges(const World& world) {
  return static_cast<std::size_t>(std::ranges::count_if(
      world.decisions,
      [](const Decision& decision) { return decision.reason == Reason::kListHedged; }));
}

std::size_t racers(const State& state) {
  if (state.p2p.fetches.empty() || !state.p2p.fetches.begin()->second.command) return 0;
  const auto race = state.list_races.find(state.p2p.fetches.begin()->first);
  return 1 + (race == state.list_races.end() ? 0 : race->second.others.size());
}

TEST(TxListRace, who_does_not_answer_is_not_waited_for_alone) {
  const LongChain chain(1);
  Node node;
  const PeerNumber mute = node.network.connect(chain.archive, Manner::kMute);
  const PeerNumber honest = node.network.connect(chain.archive);
  const std::uint64_t begun = node.world.now_ns;
  ASSERT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 9));
  const auto asked = lists_asked(node.network);
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].peer, mute);
  EXPECT_EQ(asked[1].peer, honest);
  expect_about(asked[1].at_ns, asked[0].at_ns + kHedgeNs);
  EXPECT_LT(node.world.now_ns, begun + 2 * kHedgeNs) << "the first one's 10 s are not waited for";
  EXPECT_TRUE(node.world.state.list_races.empty());
  // Its time-out is answered like any other, and costs it.
  node.world.run_until([](const State& now) { return now.p2p.requests_in_flight == 0; }, 9);
  EXPECT_LT(node.world.state.p2p.records.begin()->second.score_micro, 0);
  EXPECT_EQ(lists_asked(node.network).size(), 2u);
}

TEST(TxListRace, older_rules_wait_for_the_one_that_was_asked) {
  const LongChain chain(1);
  Node node;
  node.world.state.reducer_version = kL1Version;
  node.network.connect(chain.archive, Manner::kMute);
  node.network.connect(chain.archive);
  ASSERT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 9));
  const auto asked = lists_asked(node.network);
  ASSERT_EQ(asked.size(), 2u);
  expect_about(asked[1].at_ns, asked[0].at_ns + node.network.timeout_ns);
  EXPECT_EQ(hedges(node.world), 0u);
}

TEST(TxListRace, at_most_three_are_asked_at_a_time) {
  const LongChain chain(1);
  Node node;
  for (int i = 0; i < 6; ++i) node.network.connect(chain.archive, Manner::kMute);
  node.network.connect(chain.archive);
  std::size_t most = 0;
  const auto is_done = [&](const State& now) {
    most = std::max(most, racers(now));
    return now.heads.unsafe->hash == chain.preconfer.tip.hash;
  };
  const std::uint64_t begun = node.world.now_ns;
  ASSERT_TRUE(node.world.run_until(is_done, 60));
  EXPECT_EQ(most, limits::kListRacersMax);
  const auto asked = lists_asked(node.network);
  ASSERT_EQ(asked.size(), 7u);
  // Three within two delays, and whenever one of them timed out the next one at once.
  for (std::size_t i = 3; i < asked.size(); ++i) {
    expect_about(asked[i].at_ns, asked[i - 3].at_ns + node.network.timeout_ns);
  }
  expect_about(node.world.now_ns, begun + 2 * node.network.timeout_ns);
}

TEST(TxListRace, nothing_is_fetched_twice_while_answers_come_in_time) {
  const LongChain chain(40);
  Node node;
  node.world.check_every = 8;
  for (int i = 0; i < 4; ++i) node.network.connect(chain.archive, Manner::kSlow);
  node.network.slow_ns = kHedgeNs / 2;
  ASSERT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 300));
  EXPECT_EQ(hedges(node.world), 0u);
  EXPECT_EQ(node.network.lists_delivered.size(), 40u);
  for (const auto& [hash, times] : node.network.lists_delivered) EXPECT_EQ(times, 1u);
}

TEST(TxListRace, two_that_deliver_late_are_both_right) {
  const LongChain chain(1);
  Node node;
  node.network.connect(chain.archive, Manner::kSlow);
  node.network.connect(chain.archive, Manner::kSlow);
  ASSERT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 9));
  node.world.run_until([](const State& now) { return now.p2p.requests_in_flight == 0; }, 9);
  EXPECT_EQ(hedges(node.world), 1u);
  EXPECT_EQ(node.network.lists_delivered.begin()->second, 2u);
  for (const auto& [id, record] : node.world.state.p2p.records) EXPECT_GT(record.score_micro, 0);
  EXPECT_TRUE(node.world.state.list_races.empty() && node.world.state.p2p.fetches.empty());
}

/// The second has not got it: the third is asked at once, the first goes on.
TEST(TxListRace, a_racer_that_fails_is_replaced_at_once) {
  const LongChain chain(1);
  Node node;
  const PeerNumber mute = node.network.connect(chain.archive, Manner::kMute);
  node.network.connect(chain.archive, Manner::kWithholding);
  node.network.connect(chain.archive);
  ASSERT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 9));
  const auto asked = lists_asked(node.network);
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[0].peer, mute);
  expect_about(asked[2].at_ns, asked[1].at_ns);
}

TEST(TxListRace, the_last_one_left_keeps_the_plan) {
  const LongChain chain(1);
  Node node;
  const PeerNumber gone = node.network.connect(chain.archive, Manner::kMute);
  node.network.connect(chain.archive, Manner::kSlow);
  node.network.slow_ns = 4 * kHedgeNs;
  const auto two_race = [](const State& now) { return racers(now) == 2; };
  ASSERT_TRUE(node.world.run_until(two_race, 9));
  node.network.disconnect(gone);
  EXPECT_EQ(racers(node.world.state), 1u);
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 9));
  EXPECT_EQ(lists_asked(node.network).size(), 2u) << "the one that was asked already delivers";
}

TEST(TxListRace, somebody_new_is_asked_when_the_time_is_over) {
  const LongChain chain(1);
  Node node;
  node.network.connect(chain.archive, Manner::kMute);
  node.network.connect(chain.archive, Manner::kUnknowing);
  const auto is_late = [&](const State&) { return node.world.now_ns > 1'005'000'000'000; };
  node.world.run_until(is_late, 1);
  const auto before = lists_asked(node.network);
  node.world.now_ns += 3 * kHedgeNs;
  node.network.connect(chain.archive);
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 9));
  const auto asked = lists_asked(node.network);
  EXPECT_LT(asked.back().at_ns, before.front().at_ns + node.network.timeout_ns);
}

TEST(TxListRace, all_lists_together_hedge_a_bounded_number) {
  const LongChain chain(20);
  Node node;
  for (int i = 0; i < 20; ++i) node.network.connect(chain.archive, Manner::kMute);
  std::size_t most = 0;
  const auto watch = [&most](const State& now) {
    std::size_t others = 0;
    for (const auto& [hash, race] : now.list_races) others += race.others.size();
    most = std::max(most, others);
    return false;
  };
  node.world.run_until(watch, 40);
  EXPECT_EQ(most, limits::kListHedgesMax);
  node.network.connect(chain.archive);
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 900));
}

TEST(TxListRace, a_restart_forgets_who_was_asked) {
  const LongChain chain(1);
  Node node;
  node.network.connect(chain.archive, Manner::kMute);
  node.network.connect(chain.archive, Manner::kMute);
  const auto two_race = [](const State& now) { return racers(now) == 2; };
  ASSERT_TRUE(node.world.run_until(two_race, 9));
  node.world.start(long_schedule());
  EXPECT_TRUE(node.world.state.list_races.empty());
  node.network.restart();
  node.network.connect(chain.archive);
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 20));
}

}  // namespace
}  // namespace preconf::tests
