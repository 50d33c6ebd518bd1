// The queue in front of the loop: bounds, turns, and independence of batch boundaries.
#include <gtest/gtest.h>

#include <random>

#include "node/loop/input_queue.hpp"
#include "tests/support/fake_ports.hpp"

namespace preconf::tests {
namespace {

using core::Lane;

node::Input numbered(Lane lane, std::uint64_t number) {
  return make_input(core::events::ShutdownRequested{}, lane, number);
}

node::Input sized(Lane lane, std::size_t bytes) {
  node::Input input = numbered(lane, 1);
  input.contents.push_back({{}, std::make_shared<core::Bytes>(bytes)});
  return input;
}

std::vector<std::uint64_t> take_all(node::InputQueue& queue, std::size_t at_once) {
  std::vector<std::uint64_t> order;
  while (queue.size() > 0) {
    std::vector<node::Input> out;
    queue.take(at_once, 1U << 30, out);
    for (const node::Input& input : out) order.push_back(input.request.value);
  }
  return order;
}

TEST(input_queue, one_lane_keeps_its_order) {
  node::InputQueue queue;
  for (std::uint64_t i = 1; i <= 100; ++i) ASSERT_TRUE(queue.offer(numbered(Lane::kL1, i)));
  const auto order = take_all(queue, 7);
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i + 1);
  EXPECT_EQ(order.size(), 100U);
}

TEST(input_queue, an_engine_answer_overtakes_waiting_commitments) {
  node::InputQueue queue;
  for (std::uint64_t i = 0; i < 1000; ++i) ASSERT_TRUE(queue.offer(numbered(Lane::kCommitment, 1)));
  ASSERT_TRUE(queue.offer(numbered(Lane::kEngine, 7)));
  std::vector<node::Input> out;
  queue.take(1, 1U << 30, out);
  EXPECT_EQ(out.at(0).request.value, 7U);
}

TEST(input_queue, the_lowest_lane_gets_its_turn_under_a_flood_from_above) {
  node::InputQueue queue;
  ASSERT_TRUE(queue.offer(numbered(Lane::kMaintenance, 42)));
  std::vector<node::Input> out;
  // Every other lane is refilled before each take: without turns, 42 would never come.
  for (int round = 0; round < 200 && (out.empty() || out.back().request.value != 42); ++round) {
    for (std::size_t lane = 0; lane + 1 < core::kLaneCount; ++lane) {
      for (int i = 0; i < 4; ++i) ASSERT_TRUE(queue.offer(numbered(static_cast<Lane>(lane), 1)));
    }
    out.clear();
    queue.take(1, 1U << 30, out);
  }
  ASSERT_FALSE(out.empty());
  EXPECT_EQ(out.back().request.value, 42U);
}

TEST(input_queue, order_does_not_depend_on_how_many_are_taken_at_once) {
  const auto fill = [](node::InputQueue& queue) {
    std::mt19937 random(7);  // NOLINT: fixed on purpose
    for (std::uint64_t i = 1; i <= 500; ++i) {
      const auto lane = static_cast<Lane>(random() % core::kLaneCount);
      ASSERT_TRUE(queue.offer(numbered(lane, i)));
    }
  };
  node::InputQueue reference;
  fill(reference);
  const auto expected = take_all(reference, 500);
  for (const std::size_t at_once : {1U, 2U, 3U, 64U, 255U}) {
    node::InputQueue queue;
    fill(queue);
    EXPECT_EQ(take_all(queue, at_once), expected) << at_once;
  }
}

TEST(input_queue, refuses_above_its_bound_but_never_an_own_answer) {
  node::InputQueue queue;
  for (std::size_t i = 0; i < core::limits::kInputQueueMax; ++i) {
    ASSERT_TRUE(queue.offer(numbered(Lane::kCommitment, 1)));
  }
  EXPECT_FALSE(queue.offer(numbered(Lane::kCommitment, 1)));
  EXPECT_FALSE(queue.offer(numbered(Lane::kMaintenance, 1)));
  EXPECT_TRUE(queue.offer(numbered(Lane::kEngine, 1)));
  EXPECT_TRUE(queue.offer(numbered(Lane::kTimer, 1)));
  EXPECT_TRUE(queue.offer(numbered(Lane::kL1, 1))) << "an answer of L1, or a block of few ahead";
  EXPECT_TRUE(queue.offer(numbered(Lane::kControl, 1)));
}

TEST(input_queue, refuses_bytes_above_its_bound) {
  node::InputQueue queue;
  const std::size_t half = node::kInputQueueBytesMax / 2;
  EXPECT_TRUE(queue.offer(sized(Lane::kTxList, half)));
  EXPECT_TRUE(queue.offer(sized(Lane::kTxList, half)));
  EXPECT_FALSE(queue.offer(sized(Lane::kTxList, 1)));
  std::vector<node::Input> out;
  queue.take(1, 1U << 30, out);
  EXPECT_TRUE(queue.offer(sized(Lane::kTxList, half)));
}

TEST(input_queue, a_batch_ends_when_its_contents_reach_the_bound) {
  node::InputQueue queue;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(queue.offer(sized(Lane::kTxList, 600)));
  std::vector<node::Input> out;
  queue.take(256, 1000, out);
  EXPECT_EQ(out.size(), 2U);
}

TEST(input_queue, several_inputs_enter_together_or_not_at_all) {
  node::InputQueue queue;
  for (std::size_t i = 1; i < core::limits::kInputQueueMax; ++i) {
    ASSERT_TRUE(queue.offer(numbered(Lane::kCommitment, 1)));
  }
  std::vector<node::Input> two;
  two.push_back(numbered(Lane::kCommitment, 1));
  two.push_back(numbered(Lane::kCommitment, 2));
  EXPECT_FALSE(queue.offer(std::move(two)));
  EXPECT_EQ(queue.size(), core::limits::kInputQueueMax - 1);
  EXPECT_TRUE(queue.offer(numbered(Lane::kCommitment, 1)));
}

TEST(input_queue, wakes_only_when_it_stops_being_empty) {
  int woken = 0;
  node::InputQueue queue([&woken] { ++woken; });
  ASSERT_TRUE(queue.offer(numbered(Lane::kL1, 1)));
  ASSERT_TRUE(queue.offer(numbered(Lane::kL1, 2)));
  EXPECT_EQ(woken, 1);
  (void)take_all(queue, 10);
  ASSERT_TRUE(queue.offer(numbered(Lane::kL1, 3)));
  EXPECT_EQ(woken, 2);
}

TEST(input_queue, closed_takes_own_lanes_only) {
  node::InputQueue queue;
  queue.close();
  EXPECT_FALSE(queue.offer(numbered(Lane::kCommitment, 1)));
  EXPECT_TRUE(queue.offer(numbered(Lane::kControl, 1)));
}

}  // namespace
}  // namespace preconf::tests
