// Publication of own commitments (T6).
#include <gtest/gtest.h>

#include <algorithm>

#include "core/limits.hpp"
#include "core/status.hpp"
#include "tests/support/chains.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

struct Publisher : Node {
  void by_rpc(const protocol::TxListFacts& list) {
    world.feed_from(SourceKind::kRpc, 1, ev::TxListReceived{list, 1});
  }
  void by_rpc(const protocol::CommitmentFacts& facts) {
    world.feed_from(SourceKind::kRpc, 1,
                    ev::CommitmentReceived{Bytes(protocol::kSignedCommitmentBytes), facts, 1});
  }
  void by_rpc(const Promise& promise) {
    by_rpc(promise.list);
    by_rpc(promise.facts);
  }
  [[nodiscard]] std::size_t decided(Verdict verdict) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        world.decisions,
        [verdict](const Decision& decision) { return decision.verdict == verdict; }));
  }
  LongChain chain{4};
  Archive nothing;
};

TEST(Publication, the_list_goes_first_then_the_signed_bytes) {
  Publisher node;
  node.network.connect(node.nothing);
  node.by_rpc(node.chain.promises[0]);
  const Seq received = node.world.log.back().seq;
  node.world.settle();
  ASSERT_EQ(node.network.published.size(), 2u);
  const auto* list = std::get_if<commands::PublishTxList>(&node.network.published[0]);
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->list.hash, node.chain.promises[0].list.hash);
  const auto* commitment = std::get_if<commands::PublishCommitment>(&node.network.published[1]);
  ASSERT_NE(commitment, nullptr);
  EXPECT_EQ(commitment->received, received);
  EXPECT_EQ(commitment->commitment_hash, node.chain.promises[0].facts.commitment_hash);
  EXPECT_EQ(node.world.decisions.back().verdict == Verdict::kPublished ||
                node.decided(Verdict::kPublished) == 1u,
            true);
  EXPECT_TRUE(node.world.state.p2p.publications.empty());
}

TEST(Publication, reaching_nobody_is_not_publishing_and_is_tried_again) {
  Publisher node;
  node.network.subscribers = 0;
  node.network.connect(node.nothing);
  node.by_rpc(node.chain.promises[0]);
  node.world.run_until([](const State&) { return false; }, 6);
  EXPECT_EQ(node.decided(Verdict::kPublished), 0u);
  EXPECT_GT(node.decided(Verdict::kPublishDeferred), 1u);
  EXPECT_EQ(make_status(node.world.state).publications, 1u);
  node.network.subscribers = 3;
  EXPECT_TRUE(
      node.world.run_until([](const State& state) { return state.p2p.publications.empty(); }, 20));
  ASSERT_EQ(node.network.published.size(), 2u);
}

TEST(Publication, zero_peers_wait_for_the_first_one) {
  Publisher node;
  node.by_rpc(node.chain.promises[0]);
  node.world.settle();
  EXPECT_TRUE(node.network.published.empty());
  node.network.connect(node.nothing);
  node.world.settle();
  EXPECT_EQ(node.network.published.size(), 2u);
}

TEST(Publication, never_twice) {
  Publisher node;
  node.network.connect(node.nothing);
  node.by_rpc(node.chain.promises[0]);
  node.world.settle();
  node.by_rpc(node.chain.promises[0]);
  node.world.settle();
  EXPECT_EQ(node.network.published.size(), 2u);
}

TEST(Publication, one_list_of_two_commitments_is_sent_once) {
  Publisher node;
  node.network.connect(node.nothing);
  const Promise first = node.chain.promises[0];
  Promise second = first;  // the same list under another promise
  second.facts.coinbase = address_number(0x44);
  seal(second.facts);
  node.by_rpc(first);
  node.by_rpc(second.facts);
  node.world.settle();
  const auto lists = std::ranges::count_if(node.network.published, [](const CommandBody& body) {
    return std::holds_alternative<commands::PublishTxList>(body);
  });
  // Both may be on their way at once; gossipsub's duplicate cache answers the second.
  EXPECT_GE(lists, 1);
  const std::size_t before = node.network.published.size();
  Promise third = first;
  third.facts.coinbase = address_number(0x45);
  seal(third.facts);
  node.by_rpc(third.facts);
  node.world.settle();
  ASSERT_EQ(node.network.published.size(), before + 1);
  EXPECT_TRUE(std::holds_alternative<commands::PublishCommitment>(node.network.published.back()));
}

TEST(Publication, what_waits_for_its_parent_is_published_once_it_is_admitted) {
  Publisher node;
  node.network.connect(node.nothing, Manner::kUnknowing);
  node.by_rpc(node.chain.promises[1]);
  node.world.settle();
  EXPECT_TRUE(node.network.published.empty());
  node.by_rpc(node.chain.promises[0]);
  node.world.settle();
  EXPECT_EQ(node.network.published.size(), 4u);
}

TEST(Publication, a_list_that_comes_later_is_waited_for) {
  Publisher node;
  node.network.connect(node.nothing, Manner::kUnknowing);
  node.by_rpc(node.chain.promises[0].facts);
  node.world.settle();
  EXPECT_TRUE(node.network.published.empty());
  node.by_rpc(node.chain.promises[0].list);
  node.world.settle();
  EXPECT_EQ(node.network.published.size(), 2u);
}

TEST(Publication, gossip_of_others_is_not_ours_to_publish) {
  Publisher node;
  const PeerNumber peer = node.network.connect(node.nothing);
  node.network.gossip(peer, node.chain.promises[0].list);
  node.network.gossip(peer, node.chain.promises[0].facts);
  node.world.settle();
  EXPECT_TRUE(node.network.published.empty());
}

TEST(Publication, an_invalid_or_rejected_commitment_is_not_published) {
  Publisher node;
  node.network.connect(node.nothing);
  Promise garbage = node.chain.promises[0];
  garbage.list.defect = protocol::TxListDefect::kZlibDecode;
  node.by_rpc(garbage);
  protocol::CommitmentFacts stranger = node.chain.promises[0].facts;
  stranger.coinbase = address_number(1);
  seal(stranger);
  stranger.signer = address_number(0x66);
  node.by_rpc(stranger);
  node.world.settle();
  EXPECT_TRUE(node.network.published.empty());
  EXPECT_TRUE(node.world.state.p2p.publications.empty());
}

/// The log says that it was to be published, nothing says that it was: the same bytes again.
TEST(Publication, a_crash_in_between_publishes_the_same_bytes_again) {
  Publisher node;
  node.network.connect(node.nothing);
  node.by_rpc(node.chain.promises[0]);
  const Seq received = node.world.log.back().seq;
  node.world.start(long_schedule());
  node.network.restart();
  node.network.connect(node.nothing);
  node.world.settle();
  ASSERT_EQ(node.network.published.size(), 2u);
  const auto* commitment = std::get_if<commands::PublishCommitment>(&node.network.published[1]);
  ASSERT_NE(commitment, nullptr);
  EXPECT_EQ(commitment->received, received);
}

TEST(Publication, what_waits_is_bounded_and_the_lowest_goes) {
  LongChain chain(limits::kPublicationsMax + 5);
  Publisher node;
  node.world.check_every = 64;
  for (const Promise& promise : chain.promises) node.by_rpc(promise.facts);
  EXPECT_EQ(node.world.state.p2p.publications.size(), limits::kPublicationsMax);
  for (const auto& [key, publication] : node.world.state.p2p.publications) {
    EXPECT_GT(publication.number, BlockNumber{5});
  }
  EXPECT_EQ(node.decided(Verdict::kPublishDropped), 5u);
}

}  // namespace
}  // namespace preconf::tests
