// What peers are served: the projection agrees with the state, and the head goes down when it must.
#include "core/served_chain.hpp"

#include <gtest/gtest.h>

#include "core/limits.hpp"
#include "core/status.hpp"
#include "tests/support/chains.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test

TEST(ServedChain, follows_the_decisions_to_what_the_state_holds) {
  LongChain chain(20);
  Node node;
  for (std::size_t i = 20; i > 0; --i) node.world.promise(chain.promises[i - 1]);
  node.world.settle();
  ServedChain served;
  for (const Decision& decision : node.world.decisions) served.note(decision);
  const ServedChain from_state(node.world.state);
  EXPECT_EQ(served.range(BlockNumber{0}, 256), from_state.range(BlockNumber{0}, 256));
  const auto page = served.range(BlockNumber{5}, 8);
  ASSERT_EQ(page.size(), 8u);
  EXPECT_EQ(page.front().number, BlockNumber{5});
  EXPECT_EQ(page.back().number, BlockNumber{12});
  EXPECT_EQ(page.front().preconf_hash, chain.promises[4].facts.preconf_hash);
  EXPECT_TRUE(served.range(BlockNumber{21}, 8).empty());
  EXPECT_EQ(make_status(node.world.state).served_head.number, BlockNumber{20});
}

TEST(ServedChain, stops_at_a_hole_and_serves_both_sides_of_an_equivocation) {
  Hash32 hash;
  ServedChain served;
  const auto admit = [&](std::uint64_t number, Verdict verdict) {
    ++hash.bytes[0];
    served.note(Decision{verdict, Reason::kNone, hash, BlockNumber{number}, hash.bytes[0], 1, {}});
  };
  for (const std::uint64_t number : {1u, 2u, 2u, 3u, 5u}) admit(number, Verdict::kAdmitted);
  EXPECT_EQ(served.range(BlockNumber{1}, 256).size(), 4u);
  EXPECT_EQ(served.range(BlockNumber{4}, 256).size(), 1u);
  admit(3, Verdict::kHandoff);
  const auto page = served.range(BlockNumber{3}, 2);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_FALSE(page[0].is_block) << "an EOP-only is the parent of the block of its number";
  served.note(Decision{Verdict::kInvalidated,
                       Reason::kEngineInvalid,
                       page[1].preconf_hash,
                       BlockNumber{3},
                       0,
                       0,
                       {}});
  EXPECT_EQ(served.range(BlockNumber{3}, 2).size(), 1u);
  served.note(Decision{Verdict::kBoundaryMoved, Reason::kNone, {}, BlockNumber{5}, 5, 0, {}});
  EXPECT_EQ(served.size(), 5u) << "confirmed ones are kept for others";
  const std::uint64_t far = 5 + limits::kHeightsAheadMax;
  served.note(Decision{Verdict::kBoundaryMoved, Reason::kNone, {}, BlockNumber{far}, far, 5, {}});
  EXPECT_EQ(served.size(), 1u);
}

TEST(ServedHead, is_the_highest_linked_and_goes_down_on_contradiction) {
  LongChain chain(4);
  Node node;
  EXPECT_EQ(served_head(node.world.state), ServedHead{});
  for (std::size_t i : {0u, 1u, 3u}) node.world.commitment(chain.promises[i].facts);
  EXPECT_EQ(served_head(node.world.state).number, BlockNumber{2}) << "the fourth has no parent";
  node.world.commitment(chain.promises[2].facts);
  EXPECT_EQ(served_head(node.world.state).number, BlockNumber{4}) << "promised, not executed";
  EXPECT_EQ(served_head(node.world.state).window_end, chain.promises[3].facts.window_end);
  protocol::TxListFacts garbage = chain.promises[2].list;
  garbage.defect = protocol::TxListDefect::kZlibDecode;
  node.world.txlist(garbage);
  EXPECT_EQ(served_head(node.world.state).number, BlockNumber{2});
}

}  // namespace
}  // namespace preconf::tests
