#include "tests/node/l1/follower_world.hpp"

namespace preconf::tests {

namespace ev = core::events;
namespace protocol = core::protocol;

void FollowerWorld::check_against_final_chain() const {
  const core::L1State& got = state_->l1_chain;
  // Every link is of the final chain, and near the head none is missing.
  for (const core::L1Link& link : got.links) {
    const io::l1::L1Header& header = l1.chain().at(link.number.value).header;
    ASSERT_EQ(link.hash, header.hash) << link.number.value;
    ASSERT_EQ(link.state_root, header.state_root);
    ASSERT_EQ(link.timestamp, header.timestamp);
  }
  for (std::size_t i = 1; i < got.links.size(); ++i) {
    if (got.links[i].number.value > l1.finalized() + 1) {
      ASSERT_EQ(got.links[i].number.value, got.links[i - 1].number.value + 1);
    }
  }
  // Exactly the proposals of the final chain, where they landed.
  std::vector<core::ObservedProposal> want;
  for (const FakeBlock& block : l1.chain()) {
    for (const ev::L1Fact& fact : block.facts) {
      const auto* proposed = std::get_if<protocol::ProposedFacts>(&fact.body);
      if (proposed == nullptr) continue;
      want.push_back({*proposed,
                      {block.header.timestamp, block.header.number, block.header.hash,
                       block.header.parent_hash},
                      {}});
    }
  }
  const std::vector<core::ObservedProposal> have = proposals();
  ASSERT_EQ(have.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    ASSERT_EQ(have[i].facts, want[i].facts);
    ASSERT_EQ(have[i].landed, want[i].landed);
  }
  // Of the last two epochs everything about the schedule, in order.
  std::vector<protocol::ScheduleFact> schedule;
  const std::uint64_t from = l1.head().header.timestamp.value - 2 * 4 * 12;
  for (const FakeBlock& block : l1.chain()) {
    if (block.header.timestamp.value < from) continue;
    for (const ev::L1Fact& fact : block.facts) {
      std::visit(
          [&](const auto& body) {
            using Body = std::decay_t<decltype(body)>;
            if constexpr (std::is_constructible_v<protocol::ScheduleFactBody, Body>) {
              schedule.push_back(
                  {block.header.number, block.header.hash, block.header.timestamp, body});
            }
          },
          fact.body);
    }
  }
  std::vector<protocol::ScheduleFact> seen;
  for (const protocol::ScheduleFact& fact : got.schedule.facts) {
    if (fact.block_time.value >= from) seen.push_back(fact);
  }
  ASSERT_EQ(seen.size(), schedule.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    ASSERT_EQ(seen[i], schedule[i]) << "L1 block " << schedule[i].block_number.value;
  }
}

}  // namespace preconf::tests
