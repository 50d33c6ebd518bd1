// `preconf block` on a node that follows L1: calls of the derivation, and what L1 took back.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <sstream>

#include "replay/block_life.hpp"
#include "tests/reducer/derivation_world.hpp"

namespace preconf::replay {
namespace {

using core::BlockNumber;
using core::ProposalId;
using tests::DerivingNode;
using tests::ProposedChain;

BlockLife life_of(const tests::World& world, std::uint64_t number) {
  const auto state = std::make_unique<core::State>();
  BlockWatch watch(BlockNumber{number}, *state);
  core::Outcome outcome;
  for (const core::Event& event : world.log) {
    core::reduce(*state, event, outcome);
    watch.observe(event, outcome, *state);
  }
  return watch.finish();
}

std::size_t count(const BlockLife& life, const std::string& what) {
  return static_cast<std::size_t>(
      std::ranges::count_if(life.steps, [&](const BlockStep& step) { return step.what == what; }));
}

std::vector<std::string> calls_from(const BlockLife& life, const std::string& first) {
  std::vector<std::string> out;
  for (const BlockCall& call : life.calls) {
    if (!out.empty() || call.name == first) out.push_back(call.name);
  }
  return out;
}

/// Twenty promised blocks in two proposals on L1, all of them derived.
struct BlockOnL1 : ::testing::Test {
  BlockOnL1() {
    node.promise_up_to(20);
    chain.l1.propose(chain.proposal(0));
    chain.l1.propose(chain.proposal(1));
    catch_up();
  }
  void catch_up() {
    node.catch_up();
    node.world.settle_with_retries();
  }
  /// L1 is again as it was before the second proposal landed; the node has not heard of it.
  void undo_second_proposal() {
    while (chain.l1.next_id() != ProposalId{2}) chain.l1.reorg(1);
  }
  ProposedChain chain{20};
  DerivingNode node{chain};
};

TEST_F(BlockOnL1, a_block_that_was_kept_has_the_calls_of_its_derivation) {
  const BlockLife life = life_of(node.world, 14);
  EXPECT_EQ(calls_from(life, "read_golden_nonce"),
            (std::vector<std::string>{"read_golden_nonce", "read_canonical", "write_origin"}));
  for (const BlockCall& call : life.calls) EXPECT_TRUE(call.answered.has_value()) << call.name;
}

TEST_F(BlockOnL1, the_last_block_of_a_proposal_has_the_calls_that_settle_it) {
  const std::vector<std::string> calls = calls_from(life_of(node.world, 20), "write_origin");
  EXPECT_EQ(calls,
            (std::vector<std::string>{"write_origin", "set_head_l1_origin", "set_batch_last_block",
                                      "read_canonical", "lookup_batch"}));
}

TEST_F(BlockOnL1, a_milestone_that_l1_took_back_is_none) {
  const BlockLife before = life_of(node.world, 14);
  ASSERT_TRUE(before.milestones.safe && before.milestones.confirmed);
  undo_second_proposal();
  chain.l1.mine();
  catch_up();
  const BlockLife undone = life_of(node.world, 14);
  EXPECT_FALSE(undone.milestones.safe.has_value());
  EXPECT_FALSE(undone.milestones.confirmed.has_value());
  EXPECT_EQ(undone.milestones.executed, before.milestones.executed) << "that it was stays true";
  EXPECT_EQ(count(undone, "proposal_undone"), 1u);
  EXPECT_EQ(count(undone, "not_safe"), 1u);
  const BlockLife other = life_of(node.world, 4);
  EXPECT_TRUE(other.milestones.safe.has_value()) << "its proposal is still on L1";
  EXPECT_EQ(count(other, "proposal_undone"), 0u);

  chain.l1.propose(chain.other_proposal(1, 3));
  catch_up();
  const BlockLife again = life_of(node.world, 14);
  ASSERT_TRUE(again.milestones.safe && again.milestones.confirmed);
  EXPECT_GT(again.milestones.safe->seq, before.milestones.safe->seq);
  const std::vector<std::string> calls = calls_from(again, "start_derived_payload");
  EXPECT_EQ(calls,
            (std::vector<std::string>{"start_derived_payload", "get_payload", "new_payload",
                                      "update_forkchoice", "read_canonical", "write_origin"}));
}

/// The engine's own label never goes back then.
TEST_F(BlockOnL1, a_milestone_is_taken_back_although_the_engine_is_told_of_nothing) {
  const BlockLife before = life_of(node.world, 14);
  undo_second_proposal();
  chain.l1.propose(chain.other_proposal(1, 3));
  catch_up();
  const BlockLife after = life_of(node.world, 14);
  EXPECT_EQ(count(after, "proposal_undone"), 1u);
  EXPECT_EQ(count(after, "not_safe"), 1u);
  EXPECT_EQ(count(after, "safe"), 2u);
  ASSERT_TRUE(before.milestones.safe && after.milestones.safe);
  EXPECT_GT(after.milestones.safe->seq, before.milestones.safe->seq);
}

bool says(const BlockLife& life, const std::string& text) {
  return text_of(life).find(text) != std::string::npos;
}

/// It said "admitted, then admitted", and no milestone told of the other block.
TEST_F(BlockOnL1, a_promise_whose_block_l1_replaced_says_so) {
  const BlockLife kept = life_of(node.world, 14);
  EXPECT_FALSE(kept.milestones.replaced.has_value());
  EXPECT_TRUE(says(kept, "    admitted, then executed\n")) << text_of(kept);

  undo_second_proposal();
  chain.l1.propose(chain.other_proposal(1, 3));
  catch_up();
  // Block 14 pays somebody else, what follows is built on it.
  for (const std::uint64_t number : {14u, 15u, 20u}) {
    const BlockLife life = life_of(node.world, number);
    ASSERT_TRUE(life.milestones.replaced.has_value()) << number;
    EXPECT_GT(life.milestones.replaced->seq, life.milestones.executed->seq);
    ASSERT_EQ(life.commitments.size(), 1u);
    EXPECT_EQ(life.commitments[0].replaced, life.milestones.replaced);
    EXPECT_NE(life.commitments[0].block_hash, *life.block_hash);
    const auto step = std::ranges::find(life.steps, "replaced", &BlockStep::what);
    ASSERT_NE(step, life.steps.end());
    EXPECT_EQ(count(life, "replaced"), 1u);
    EXPECT_EQ(step->reason, "derived_from_l1");
    EXPECT_EQ(step->hash, life.block_hash);
    const std::string seq = std::to_string(life.milestones.replaced->seq.value);
    EXPECT_TRUE(says(life, "admitted, then executed, then replaced by another block (event " + seq))
        << text_of(life);
    EXPECT_TRUE(says(life, "  replaced       event " + seq)) << text_of(life);
  }
  const BlockLife below = life_of(node.world, 13);
  EXPECT_FALSE(below.milestones.replaced.has_value());
  EXPECT_EQ(count(below, "replaced"), 0u);

  // And back again: L1 has the promised blocks after all.
  undo_second_proposal();
  chain.l1.propose(chain.proposal(1));
  catch_up();
  const BlockLife again = life_of(node.world, 14);
  EXPECT_EQ(count(again, "replaced"), 2u);
  EXPECT_FALSE(again.milestones.replaced.has_value()) << text_of(again);
}

TEST_F(BlockOnL1, a_promise_that_l1_overtook_is_stale_and_was_not_replaced) {
  ProposedChain overtaken{20};
  DerivingNode late{overtaken};
  late.promise_up_to(11);
  late.world.commitment(overtaken.promises[11].facts);  // its list never comes
  overtaken.l1.propose(overtaken.proposal(0));
  overtaken.l1.propose(overtaken.proposal(1));
  late.catch_up();
  late.world.settle_with_retries();
  const BlockLife life = life_of(late.world, 12);
  ASSERT_EQ(life.commitments.size(), 1u);
  EXPECT_EQ(life.commitments[0].last_verdict, "stale");
  EXPECT_TRUE(says(life, "    admitted, then stale/stale_commitment\n")) << text_of(life);
  EXPECT_FALSE(life.milestones.replaced.has_value());
}

TEST_F(BlockOnL1, engine_calls_are_aligned) {
  const BlockLife life = life_of(node.world, 20);
  std::istringstream lines(text_of(life));
  std::set<std::size_t> columns;  // where the time of the call stands
  bool is_call = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "engine calls" || line == "steps") is_call = line == "engine calls";
    if (is_call && line.starts_with("  ")) columns.insert(line.find("T", 40));
  }
  EXPECT_EQ(columns.size(), 1u) << text_of(life);
}

}  // namespace
}  // namespace preconf::replay
