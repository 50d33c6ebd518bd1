// Asking peers for transaction lists (T2).
#include <gtest/gtest.h>

#include <algorithm>

#include "core/limits.hpp"
#include "tests/support/chains.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

std::size_t decided(const World& world, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count_if(
      world.decisions,
      [verdict](const Decision& decision) { return decision.verdict == verdict; }));
}

TEST(TxListFetch, gossip_gets_its_grace_and_a_list_that_comes_is_not_asked_for) {
  LongChain chain(1);
  Node node;
  const PeerNumber peer = node.network.connect(chain.archive, Manner::kUnserved);
  node.world.settle();
  node.network.gossip(peer, chain.promises[0].facts);
  node.world.settle();
  EXPECT_EQ(decided(node.world, Verdict::kTxListRequested), 0u);
  node.network.gossip(peer, chain.promises[0].list);
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 4));
  EXPECT_EQ(decided(node.world, Verdict::kTxListRequested), 0u);
  EXPECT_TRUE(node.world.state.p2p.fetches.empty());
}

TEST(TxListFetch, after_the_grace_the_sender_is_asked) {
  LongChain chain(1);
  Node node;
  const PeerNumber peer = node.network.connect(chain.archive);
  node.network.gossip(peer, chain.promises[0].facts);
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 2));
  EXPECT_EQ(node.network.lists_delivered.size(), 1u);
}

TEST(TxListFetch, rotates_over_peers_that_do_not_have_it) {
  LongChain chain(1);
  Node node;
  Archive empty;
  for (int i = 0; i < 5; ++i) node.network.connect(empty);
  node.network.connect(chain.archive, Manner::kOtherList);
  const PeerNumber last = node.network.connect(chain.archive);
  node.network.gossip(last, chain.promises[0].facts);
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 4));
}

TEST(TxListFetch, gossip_that_arrives_meanwhile_ends_it) {
  LongChain chain(1);
  Node node;
  const PeerNumber peer = node.network.connect(chain.archive, Manner::kUnserved);
  node.world.settle();
  node.network.gossip(peer, chain.promises[0].facts);
  const auto is_asked = [&node] {
    return std::ranges::any_of(node.world.outstanding, [](const Command& command) {
      return std::holds_alternative<commands::RequestTxList>(command.body);
    });
  };
  for (int i = 0; i < 99 && !is_asked(); ++i) {
    ASSERT_TRUE(node.world.answer_next() || node.world.fire_next_timer());
  }
  ASSERT_TRUE(is_asked());
  node.network.gossip(peer, chain.promises[0].list);
  EXPECT_TRUE(node.world.state.p2p.fetches.empty());
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 4)) << "the late answer harms nobody";
  EXPECT_EQ(decided(node.world, Verdict::kTxListRequested), 1u);
}

TEST(TxListFetch, another_list_costs_its_sender) {
  LongChain chain(2);
  Node node;
  const PeerNumber peer = node.network.connect(chain.archive, Manner::kOtherList);
  node.network.gossip(peer, chain.promises[0].facts);
  node.world.run_until([](const State&) { return false; }, 3);
  EXPECT_LT(node.world.state.p2p.records.begin()->second.score_micro, 0);
}

TEST(TxListFetch, nobody_has_it_is_given_up_after_the_window_and_a_new_peer_is_asked) {
  LongChain chain(1, long_schedule(100));
  Node node(long_schedule(100));
  node.world.now_ns = 1'001'000'000'000;
  const PeerNumber peer = node.network.connect(chain.archive, Manner::kWithholding);
  node.network.gossip(peer, chain.promises[0].facts);
  const auto is_given_up = [](const State& state) {
    return !state.p2p.fetches.empty() && state.p2p.fetches.begin()->second.is_given_up;
  };
  ASSERT_TRUE(node.world.run_until(is_given_up, 200));
  EXPECT_GE(node.world.now_ns, (1'100 + 48) * 1'000'000'000ULL) << "window end and grace";
  const std::size_t before = node.network.sent.size();
  node.world.run_until([](const State&) { return false; }, 10);
  EXPECT_TRUE(std::none_of(
      node.network.sent.begin() + static_cast<std::ptrdiff_t>(before), node.network.sent.end(),
      [](const Network::Sent& one) { return one.protocol == PeerProtocol::kTxList; }));
  node.network.connect(chain.archive);
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 5));
}

TEST(TxListFetch, lists_are_asked_for_near_the_head_and_a_few_at_a_time) {
  const LongChain chain(100);
  Node node;
  node.world.check_every = 16;
  const PeerNumber peer = node.network.connect(chain.archive, Manner::kUnserved);
  node.world.settle();
  for (const Promise& promise : chain.promises) node.network.gossip(peer, promise.facts);
  EXPECT_EQ(node.world.state.p2p.fetches.size(), limits::kListFetchesMax);
  for (const auto& [hash, fetch] : node.world.state.p2p.fetches) {
    EXPECT_LE(fetch.number.value, limits::kListFetchAheadMax);
  }
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash));
}

}  // namespace
}  // namespace preconf::tests
