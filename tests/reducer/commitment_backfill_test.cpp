// Commitment back-fill: catch-up over every distance, gap repair, and the hazards C1..C9 that the
// reference's catch-up has.
#include "core/effects/commitment_backfill.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/limits.hpp"
#include "core/status.hpp"
#include "tests/support/chains.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

std::size_t count(const World& world, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count_if(
      world.decisions,
      [verdict](const Decision& decision) { return decision.verdict == verdict; }));
}

bool waits_for(const State& state, const std::string& what) {
  const Status status = make_status(state);
  return std::ranges::any_of(status.waiting_on,
                             [&what](const Waiting& one) { return one.what == what; });
}

/// Never more than 7 requests in 10 s to one peer by one protocol: at the 9th it bans.
void expect_paced(const Network& network) {
  for (const Network::Sent& first : network.sent) {
    std::size_t within = 0;
    for (const Network::Sent& other : network.sent) {
      const bool same = other.peer == first.peer && other.protocol == first.protocol;
      if (same && other.at_ns >= first.at_ns && other.at_ns - first.at_ns <= 10'000'000'000) {
        ++within;
      }
    }
    ASSERT_LE(within, limits::kRequestsPerIntervalMax)
        << "peer " << first.peer.value << " by " << name_of(first.protocol);
  }
}

class CatchUp : public ::testing::TestWithParam<std::size_t> {};

TEST_P(CatchUp, reaches_the_peers_head) {
  const LongChain chain(GetParam());
  Node node;
  node.world.check_every = 1 + GetParam() / 16;
  node.network.connect(chain.archive);
  ASSERT_TRUE(node.world.run_to(chain.preconfer.tip.hash));
  for (const auto& [number, times] : node.network.commitments_delivered) {
    // The head is asked for alone, before anything is built on it, and once more in its page.
    EXPECT_LE(times, number == chain.archive.head() ? 2u : 1u) << number.value;
  }
  for (const auto& [hash, times] : node.network.lists_delivered) EXPECT_EQ(times, 1u);
  EXPECT_EQ(node.network.lists_delivered.size(), chain.promises.size());
  expect_paced(node.network);
  EXPECT_FALSE(make_status(node.world.state).missing.has_value());
}

INSTANTIATE_TEST_SUITE_P(Distances, CatchUp, ::testing::Values(0, 1, 2, 8, 9, 64, 65, 256, 257));

/// Only commitments: the gate is closed, so nothing executes.
TEST(Backfill, reaches_as_far_as_commitments_are_remembered) {
  const LongChain chain(limits::kHeightsAheadMax);
  Node node;
  node.world.check_every = 997;
  node.world.feed(ev::L1SyncObserved{false, ProposalId{0}, std::nullopt});
  node.network.connect(chain.archive);
  node.network.connect(chain.archive);
  const auto is_linked = [](const State& state) {
    return state.p2p.backfill.linked.value == limits::kHeightsAheadMax;
  };
  EXPECT_TRUE(node.world.run_until(is_linked));
  EXPECT_EQ(node.network.lists_delivered.size(), limits::kListFetchAheadMax)
      << "lists of blocks that can not be executed yet are not hoarded";
  expect_paced(node.network);
}

/// What lies further away comes from L1; the node says so and goes on when it has come.
TEST(Backfill, beyond_retention_waits_for_l1_and_heals) {
  constexpr std::size_t kBeyond = 20;
  const LongChain chain(limits::kHeightsAheadMax + kBeyond);
  Node node;
  node.world.check_every = 997;
  node.network.connect(chain.archive);
  node.world.run_until([](const State&) { return false; }, 20);
  EXPECT_EQ(node.world.state.p2p.backfill.linked, BlockNumber{0});
  EXPECT_TRUE(waits_for(node.world.state, "l1"));
  EXPECT_EQ(count(node.world, Verdict::kPeerPenalised), 0u) << "it may be us who is far behind";

  for (std::size_t i = 0; i < kBeyond; ++i) {
    node.engine.blocks[chain.headers[i].hash] = chain.headers[i];
  }
  node.engine.adopt(chain.headers[kBeyond - 1].hash);
  node.engine.head_l1_origin = BlockNumber{kBeyond};
  const auto is_linked = [&chain](const State& state) {
    return state.p2p.backfill.linked == chain.archive.head();
  };
  node.world.feed(ev::L1SyncObserved{false, ProposalId{1}, BlockNumber{kBeyond}});
  EXPECT_TRUE(node.world.run_until(is_linked));
}

TEST(Backfill, c1_exactly_one_block_behind) {
  LongChain chain(3);
  Node node;
  node.network.connect(chain.archive);
  ASSERT_TRUE(node.world.run_to(chain.preconfer.tip.hash));
  chain.grow();
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash)) << "and again by the poll alone";
}

TEST(Backfill, c2_blocks_older_than_the_schedule_come_from_l1) {
  const LongChain chain(12);
  protocol::Schedule known;  // begins with block 6
  known.version = 1;
  known.windows.push_back(
      protocol::Window{UnixSeconds{1005}, UnixSeconds{101'000}, address_number(1)});
  Node node(known);
  node.network.connect(chain.archive);
  node.network.connect(chain.archive);
  node.world.run_until([](const State&) { return false; }, 12);
  EXPECT_EQ(node.world.state.heads.unsafe->number, BlockNumber{0});
  EXPECT_TRUE(waits_for(node.world.state, "backfill_retry"));
  EXPECT_EQ(count(node.world, Verdict::kPeerBanned), 0u);

  for (std::size_t i = 0; i < 5; ++i) node.engine.blocks[chain.headers[i].hash] = chain.headers[i];
  node.engine.adopt(chain.headers[4].hash);
  node.engine.head_l1_origin = BlockNumber{5};
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 20));
}

TEST(Backfill, c3_one_peer_is_never_asked_too_often) {
  const LongChain chain(120);
  Node node;
  node.world.check_every = 16;
  node.network.connect(chain.archive);
  ASSERT_TRUE(node.world.run_to(chain.preconfer.tip.hash));
  expect_paced(node.network);
  EXPECT_GE(node.world.now_ns, 1'000'000'000'000 + 15 * 11'000'000'000ULL)
      << "120 lists of one peer take 17 intervals";
}

TEST(Backfill, c4_zero_peers_and_failing_peers_heal) {
  const LongChain chain(10);
  Node node;
  EXPECT_TRUE(waits_for(node.world.state, "peers"));
  node.world.run_until([](const State&) { return false; }, 5);
  const PeerNumber flaky = node.network.connect(chain.archive, Manner::kAway);
  node.world.run_until([](const State&) { return false; }, 5);
  node.network.disconnect(flaky);
  node.world.run_until([](const State&) { return false; }, 5);
  node.network.connect(chain.archive);
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash));
}

TEST(Backfill, c5_an_absurd_head_is_not_followed) {
  const LongChain chain(10);
  Node node;
  node.network.connect(chain.archive, Manner::kBoasting);
  node.world.run_until([](const State&) { return false; }, 10);
  for (const Network::Sent& sent : node.network.sent) {
    EXPECT_NE(sent.protocol, PeerProtocol::kCommitments);
  }
  node.network.connect(chain.archive);
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash));
}

TEST(Backfill, c5_a_head_that_is_not_served_costs_its_peer) {
  const LongChain chain(10);
  Node node;
  const PeerNumber liar = node.network.connect(chain.archive, Manner::kUnserved);
  node.world.run_until([](const State&) { return false; }, 3);
  EXPECT_EQ(node.world.state.p2p.backfill.target, BlockNumber{0}) << "no page before a proof";
  EXPECT_EQ(node.world.state.p2p.peers.at(liar).claim, HeadClaim::kRefused);
  EXPECT_GT(count(node.world, Verdict::kPeerPenalised), 0u);
}

TEST(Backfill, c6_eop_only_entries_occupy_no_number) {
  Preconfer preconfer;
  Archive archive;
  for (int i = 0; i < 150; ++i) archive.add(preconfer.next_block());
  const auto eop = preconfer.eop_only();
  archive.add(eop);
  preconfer.parent_preconf = eop.preconf_hash;
  preconfer.clock = UnixSeconds{1384};  // the next window
  for (int i = 0; i < 20; ++i) archive.add(preconfer.next_block());
  Node node(model_schedule());
  node.world.check_every = 16;
  node.network.connect(archive);
  EXPECT_TRUE(node.world.run_to(preconfer.tip.hash));
  EXPECT_EQ(node.world.state.book.eop_only.size(), 1u);
}

/// The boundary passes what was to be fetched: that counts as had.
TEST(Backfill, c7_l1_advances_meanwhile) {
  const LongChain chain(200);
  Node node;
  node.world.check_every = 16;
  node.network.connect(chain.archive);
  while (node.network.commitments_delivered.size() < 64 && node.world.answer_next()) {
  }
  for (std::size_t i = 0; i < 100; ++i)
    node.engine.blocks[chain.headers[i].hash] = chain.headers[i];
  node.engine.adopt(chain.headers[99].hash);
  node.engine.head_l1_origin = BlockNumber{100};
  node.world.feed(ev::L1SyncObserved{true, ProposalId{1}, BlockNumber{100}});
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash));
  EXPECT_EQ(node.world.state.heads.head_l1_origin, BlockNumber{100});
}

/// Lists that nobody has are asked for again, of everybody, until somebody has them.
TEST(Backfill, c8_a_missing_list_is_asked_for_again) {
  LongChain chain(6);
  Archive without = chain.archive;
  without.lists.erase(chain.promises[2].list.hash);
  Node node;
  node.network.connect(without);
  node.network.connect(without, Manner::kWithholding);
  EXPECT_FALSE(node.world.run_to(chain.preconfer.tip.hash, 8));
  EXPECT_EQ(node.world.state.heads.unsafe->number, BlockNumber{2});
  EXPECT_TRUE(waits_for(node.world.state, "txlist"));
  without.lists.insert(*chain.archive.lists.find(chain.promises[2].list.hash));
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash));
}

TEST(Backfill, c9_a_gap_in_gossip_is_repaired) {
  LongChain chain(2);
  Node node;
  const PeerNumber peer = node.network.connect(chain.archive);
  ASSERT_TRUE(node.world.run_to(chain.preconfer.tip.hash));
  chain.grow();  // its gossip is lost
  chain.grow();
  node.network.gossip(peer, chain.promises[3].list);
  node.network.gossip(peer, chain.promises[3].facts);
  node.world.settle();
  EXPECT_EQ(node.network.commitments_delivered[BlockNumber{3}], 1u) << "at once, not by the poll";
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 3));
  EXPECT_EQ(node.network.commitments_delivered[BlockNumber{4}], 0u) << "it was here";
}

TEST(Backfill, c9_a_block_that_l1_confirms_closes_the_gap) {
  const LongChain chain(4);
  Node node;
  for (std::size_t i : {0u, 1u, 3u}) node.world.promise(chain.promises[i]);
  node.world.settle_with_retries();
  ASSERT_EQ(node.world.state.heads.unsafe->number, BlockNumber{2});
  node.engine.blocks[chain.headers[2].hash] = chain.headers[2];
  node.engine.adopt(chain.headers[2].hash);
  node.engine.head_l1_origin = BlockNumber{3};
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash, 6));
}

TEST(Backfill, the_other_side_of_an_equivocation_is_fetched_when_the_chain_goes_on_over_it) {
  LongChain chain(2);
  Node node;
  const Promise rival = chain.preconfer.variant(1, 77);
  chain.grow();
  node.network.connect(chain.archive, Manner::kHonest);
  const PeerNumber peer{1};
  node.network.gossip(peer, rival.list);
  node.network.gossip(peer, rival.facts);
  ASSERT_TRUE(node.world.run_until(
      [](const State& state) { return state.heads.unsafe->number == BlockNumber{3}; }, 6));
  chain.grow();
  node.network.gossip(peer, chain.promises[3].list);
  node.network.gossip(peer, chain.promises[3].facts);
  node.world.run_until([](const State&) { return false; }, 6);
  const auto* other = node.world.state.book.find_linkable(chain.promises[2].facts.preconf_hash);
  ASSERT_NE(other, nullptr);
  EXPECT_TRUE(other->contested);
  EXPECT_TRUE(node.world.state.book.pending_parent.empty());
}

TEST(Backfill, gossip_during_catch_up_is_not_lost) {
  LongChain chain(130);
  Node node;
  node.world.check_every = 16;
  const PeerNumber peer = node.network.connect(chain.archive);
  for (int i = 0; i < 6; ++i) {
    for (int answers = 0; answers < 25; ++answers) node.world.answer_next();
    const Promise& promise = chain.grow();
    node.network.gossip(peer, promise.list);
    node.network.gossip(peer, promise.facts);
  }
  ASSERT_TRUE(node.world.run_to(chain.preconfer.tip.hash));
  for (std::size_t i = 130; i < 136; ++i) {
    EXPECT_EQ(node.network.lists_delivered.count(chain.promises[i].list.hash), 0u)
        << "gossip had brought it";
  }
}

/// Every bad manner beside one honest peer, which is the last to be known.
class BadPeer : public ::testing::TestWithParam<std::size_t> {};

TEST_P(BadPeer, can_not_prevent_sync) {
  const auto manner = static_cast<Manner>(GetParam());
  const LongChain chain(150);
  Node node;
  node.world.check_every = 16;
  for (int i = 0; i < 3; ++i) node.network.connect(chain.archive, manner);
  for (int answers = 0; answers < 8; ++answers) node.world.answer_next();
  node.network.connect(chain.archive);
  EXPECT_TRUE(node.world.run_to(chain.preconfer.tip.hash)) << manner_name(manner);
  expect_paced(node.network);
}

INSTANTIATE_TEST_SUITE_P(Manners, BadPeer, ::testing::Range<std::size_t>(0, kMannerCount),
                         [](const auto& test) {
                           return std::string(manner_name(static_cast<Manner>(test.param)));
                         });

TEST(Backfill, an_invalid_commitment_lowers_what_is_served_and_is_not_asked_for_for_ever) {
  LongChain chain(5);
  Archive archive = chain.archive;
  archive.lists.at(chain.promises[3].list.hash).defect = protocol::TxListDefect::kZlibDecode;
  Node node;
  node.network.connect(archive);
  node.world.run_until([](const State&) { return false; }, 30);
  EXPECT_EQ(node.world.state.heads.unsafe->number, BlockNumber{3});
  EXPECT_EQ(make_status(node.world.state).served_head.number, BlockNumber{3});
  EXPECT_LE(node.network.commitments_delivered[BlockNumber{4}], 6u);
}

}  // namespace
}  // namespace preconf::tests
