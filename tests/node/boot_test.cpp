// What a process life says first.
#include "node/boot.hpp"

#include <gtest/gtest.h>

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
  state.l1.scanner_live = true;
  const auto inputs = first_inputs(config_without_l1(), state);
  ASSERT_FALSE(inputs.empty());
  EXPECT_TRUE(std::holds_alternative<core::events::BootStarted>(inputs[0].body));
  EXPECT_TRUE(reports_l1(inputs));
}

}  // namespace
}  // namespace preconf::node
