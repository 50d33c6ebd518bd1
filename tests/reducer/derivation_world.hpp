// The world of the derivation tests: a preconfer, an L1 that proposes its blocks, a node.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/support/model_l1.hpp"

namespace preconf::tests {

/// A node, its engine and an L1, and a preconfer whose blocks are proposed ten at a time.
struct ProposedChain {
  explicit ProposedChain(std::size_t blocks) {
    for (std::size_t i = 0; i < blocks; ++i) {
      promises.push_back(preconfer.next_block(2, static_cast<std::uint8_t>(i)));
      headers.push_back(preconfer.tip);
      l1.register_list(promises.back().list.rlp_hash, promises.back().facts.anchor_block_number);
    }
  }
  [[nodiscard]] std::vector<DescribedBlock> proposal(std::size_t index) const {
    std::vector<DescribedBlock> out;
    for (std::size_t i = 10 * index; i < 10 * index + 10; ++i)
      out.push_back(described(promises[i]));
    return out;
  }
  /// The same, but its block `changed` pays somebody else.
  [[nodiscard]] std::vector<DescribedBlock> other_proposal(std::size_t index,
                                                           std::size_t changed) const {
    std::vector<DescribedBlock> out = proposal(index);
    out[changed].block.coinbase = address_number(0x66);
    return out;
  }

  Preconfer preconfer;
  ModelL1 l1;
  std::vector<Promise> promises;
  std::vector<core::protocol::HeaderFacts> headers;
};

struct DerivingNode {
  explicit DerivingNode(ProposedChain& chain_in, ModelEngine engine_in = ModelEngine{167001})
      : chain(chain_in), engine(std::move(engine_in)), world(engine) {
    world.feed(core::events::BootStarted{});
    world.feed(core::events::ScheduleConfigured{model_schedule()});
    chain.l1.connect(world);
    world.settle();
  }
  void catch_up() {
    engine.anchors = chain.l1.anchors;
    chain.l1.tell(world);
    while (world.answer_next()) engine.anchors = chain.l1.anchors;
  }
  void promise_up_to(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) world.promise(chain.promises[i]);
    catch_up();
  }
  [[nodiscard]] std::size_t count(core::Verdict verdict) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        world.decisions, [verdict](const core::Decision& one) { return one.verdict == verdict; }));
  }
  [[nodiscard]] bool said(core::Verdict verdict, core::Reason reason) const {
    return std::ranges::any_of(world.decisions, [&](const core::Decision& one) {
      return one.verdict == verdict && one.reason == reason;
    });
  }

  ProposedChain& chain;
  ModelEngine engine;
  World world;
};

}  // namespace preconf::tests
