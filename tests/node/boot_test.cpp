// What a process life says first.
#include "node/boot.hpp"

#include <gtest/gtest.h>

#include "core/reducer.hpp"
#include "core/state.hpp"

namespace preconf::node {
namespace {

NodeConfig config_without_l1() {
  NodeConfig config;
  config.chain = core::protocol::chain_profile("devnet").value();
  config.static_proposals = 0;
  return config;
}

bool reports_l1(const std::vector<Input>& inputs) {
  return std::ranges::any_of(inputs, [](const Input& input) {
    return std::holds_alternative<core::events::L1SyncObserved>(input.body);
  });
}

TEST(boot, first_life_begins_with_genesis) {
  const auto inputs = first_inputs(config_without_l1(), core::State{});
  ASSERT_GE(inputs.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<core::events::GenesisRecorded>(inputs[0].body));
  EXPECT_TRUE(std::holds_alternative<core::events::BootStarted>(inputs[1].body));
  EXPECT_TRUE(reports_l1(inputs));
}

// A restarted follower kept its gate shut for ever: the same static L1 status was taken for known,
// although a boot forgets it.
TEST(boot, second_life_reports_l1_again_although_nothing_changed) {
  core::State state;
  state.last_seq = core::Seq{7};
  state.reducer_version = core::kReducerVersion;
  state.l1.scanner_live = true;
  const auto inputs = first_inputs(config_without_l1(), state);
  ASSERT_FALSE(inputs.empty());
  EXPECT_TRUE(std::holds_alternative<core::events::BootStarted>(inputs[0].body));
  EXPECT_TRUE(reports_l1(inputs));
}

// The rules of an older program's log change at a barrier that the log records, before the boot.
TEST(boot, older_rules_end_at_a_barrier) {
  core::State state;
  state.last_seq = core::Seq{7};
  state.reducer_version = 1;
  const auto inputs = first_inputs(config_without_l1(), state);
  ASSERT_GE(inputs.size(), 2U);
  const auto* barrier = std::get_if<core::events::ReducerActivated>(&inputs[0].body);
  ASSERT_NE(barrier, nullptr);
  EXPECT_EQ(barrier->from_version, 1U);
  EXPECT_EQ(barrier->to_version, core::kReducerVersion);
  EXPECT_EQ(barrier->state_hash, core::state_hash(state));
  EXPECT_TRUE(std::holds_alternative<core::events::BootStarted>(inputs[1].body));
}

}  // namespace
}  // namespace preconf::node
