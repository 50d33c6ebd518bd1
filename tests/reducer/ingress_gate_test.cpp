// Driver effect T10: the gate is the conjunction of its conditions.
#include <gtest/gtest.h>

#include "tests/support/world.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

struct GateCase {
  const char* name;
  bool scanner_live;
  std::uint64_t target;
  std::optional<BlockNumber> target_block;
  std::optional<BlockNumber> head_l1_origin;
  Reason expected;  ///< kNone = open
};

class IngressGate : public ::testing::TestWithParam<GateCase> {};

TEST_P(IngressGate, opens_exactly_when_all_conditions_hold) {
  const GateCase& test = GetParam();
  ModelEngine engine(167001);
  engine.head_l1_origin = test.head_l1_origin;
  World world(engine);
  world.feed(ev::BootStarted{});
  EXPECT_EQ(world.state.gate.reason, Reason::kGateRecovering);
  world.feed(ev::L1SyncObserved{test.scanner_live, ProposalId{test.target}, test.target_block});
  world.settle();
  EXPECT_EQ(world.state.gate.reason, test.expected);
  EXPECT_EQ(world.state.gate.open, test.expected == Reason::kNone);
}

INSTANTIATE_TEST_SUITE_P(
    Conditions, IngressGate,
    ::testing::Values(
        GateCase{"genesis", true, 0, {}, {}, Reason::kNone},
        GateCase{"scanner_not_live", false, 0, {}, {}, Reason::kGateScannerNotLive},
        GateCase{"no_origin", true, 5, BlockNumber{9}, {}, Reason::kGateNotConfirmed},
        GateCase{"no_target_block", true, 5, {}, BlockNumber{9}, Reason::kGateNotConfirmed},
        GateCase{"behind", true, 5, BlockNumber{9}, BlockNumber{8}, Reason::kGateNotConfirmed},
        GateCase{"exactly_there", true, 5, BlockNumber{9}, BlockNumber{9}, Reason::kNone},
        GateCase{"beyond", true, 5, BlockNumber{9}, BlockNumber{10}, Reason::kNone}),
    [](const auto& test_case) { return std::string(test_case.param.name); });

TEST(ingress_gate, closed_gate_buffers_and_opening_executes) {
  ModelEngine engine(167001);
  World world(engine);
  Preconfer preconfer;
  world.start();
  world.feed(ev::L1SyncObserved{false, ProposalId{0}, std::nullopt});
  world.promise(preconfer.next_block());
  world.settle();
  EXPECT_EQ(world.state.heads.unsafe->number, BlockNumber{0});
  EXPECT_EQ(engine.writes, 0U);
  world.feed(ev::L1SyncObserved{true, ProposalId{0}, std::nullopt});
  world.settle();
  EXPECT_EQ(world.state.heads.unsafe->number, BlockNumber{1});
}

TEST(ingress_gate, closes_in_the_same_step_in_which_the_scanner_dies) {
  ModelEngine engine(167001);
  World world(engine);
  world.start();
  world.settle();
  ASSERT_TRUE(world.state.gate.open);
  const Outcome& outcome = world.feed(ev::L1SyncObserved{false, ProposalId{0}, std::nullopt});
  ASSERT_EQ(outcome.decisions.size(), 1U);
  EXPECT_EQ(outcome.decisions[0].verdict, Verdict::kGateClosed);
}

}  // namespace
}  // namespace preconf::tests
