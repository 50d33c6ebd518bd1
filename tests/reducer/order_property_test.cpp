// Order and repetition of messages do not matter: a fixed set of honest messages ends in one head.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "tests/support/script.hpp"

namespace preconf::tests {
namespace {

rc::Gen<std::vector<std::uint8_t>> script() {
  return rc::gen::resize(kScriptSize, rc::gen::arbitrary<std::vector<std::uint8_t>>());
}

using namespace preconf::core;  // NOLINT: test

RC_GTEST_PROP(order, any_order_with_repeats_reaches_the_honest_head, ()) {
  const auto numbers = *script();
  const Deliveries chain = honest_chain(12);
  ModelEngine engine(167001);
  World world(engine);
  world.start();
  Choices choices(numbers);
  std::vector<std::size_t> left(2 * chain.promises.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  while (!left.empty()) {
    const std::size_t at = choices.below(left.size());
    deliver(world, chain, left[at]);
    if (choices.below(4) == 1) deliver(world, chain, left[at]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(at));
    for (std::size_t answers = choices.below(4); answers > 0; --answers) world.answer_next();
  }
  world.settle();
  RC_ASSERT(world.state.heads.unsafe->hash == chain.tip.hash);
  RC_ASSERT(world.state.book.held.size() == chain.promises.size());
  RC_ASSERT(world.state.book.pending_parent.empty());
}

RC_GTEST_PROP(order, equivocations_end_in_the_same_set_of_commitments, ()) {
  const auto first = *script();
  const auto second = *script();
  Preconfer preconfer;
  std::vector<Promise> all;
  for (int i = 0; i < 4; ++i) {
    all.push_back(preconfer.variant(2, 50));
    all.push_back(preconfer.next_block());
  }
  const auto run = [&all](const std::vector<std::uint8_t>& numbers) {
    ModelEngine engine(167001);
    World world(engine);
    world.start();
    Choices choices(numbers);
    std::vector<Promise> left = all;
    while (!left.empty()) {
      const std::size_t at = choices.below(left.size());
      world.promise(left[at]);
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(at));
      for (std::size_t answers = choices.below(8); answers > 0; --answers) world.answer_next();
    }
    world.settle();
    std::map<CommitmentKey, bool> held;
    for (const auto& [key, commitment] : world.state.book.held) {
      held.emplace(key, commitment.contested);
    }
    return held;
  };
  RC_ASSERT(run(first) == run(second));
}

RC_GTEST_PROP(order, answers_with_misfortunes_still_reach_the_honest_head, ()) {
  const auto numbers = *script();
  const Deliveries chain = honest_chain(6);
  ModelEngine engine(167001);
  World world(engine);
  world.start();
  for (std::size_t i = 0; i < 2 * chain.promises.size(); ++i) deliver(world, chain, i);
  for (Choices choices(numbers); !choices.empty();) {
    answer_badly(world, engine, choices);
    if (choices.below(3) == 0) world.fire_next_timer();
  }
  // Faults are over: nothing but timers and answers may be needed from here.
  world.settle_with_retries();
  world.fire_next_timer();
  world.settle_with_retries();
  RC_ASSERT(world.state.heads.unsafe->hash == chain.tip.hash);
  RC_ASSERT(engine.head().hash == chain.tip.hash);
}

}  // namespace
}  // namespace preconf::tests
