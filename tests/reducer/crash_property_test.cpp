// Crashes: at every event, with and without the events that were not yet durable, with the engine
// ahead of what the log knows. Recovery converges to the run without a crash.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "tests/support/script.hpp"

namespace preconf::tests {
namespace {

rc::Gen<std::vector<std::uint8_t>> script() {
  return rc::gen::resize(kScriptSize, rc::gen::arbitrary<std::vector<std::uint8_t>>());
}

using namespace preconf::core;  // NOLINT: test

constexpr std::size_t kBlocks = 4;

/// Delivers everything and settles, counting events; stops dead after `events_before_crash`.
void run_until(World& world, const Deliveries& chain, std::size_t events_before_crash) {
  world.start();
  for (std::size_t i = 0; i < 2 * chain.promises.size(); ++i) {
    if (world.log.size() >= events_before_crash) return;
    deliver(world, chain, i);
  }
  while (world.log.size() < events_before_crash && world.answer_next()) {
  }
}

/// A new life on a log that ends at `durable`: everything is delivered again, as peers and users
/// do.
void recover_and_check(ModelEngine& engine, const std::vector<Event>& log, std::size_t durable,
                       const Deliveries& chain, const std::string& where) {
  World recovered(engine);
  recovered.state = fold({log.begin(), log.begin() + static_cast<std::ptrdiff_t>(durable)});
  recovered.start();
  recovered.settle_with_retries();
  for (std::size_t i = 0; i < 2 * chain.promises.size(); ++i) deliver(recovered, chain, i);
  recovered.settle_with_retries();
  EXPECT_EQ(recovered.state.heads.unsafe->hash, chain.tip.hash) << where;
  EXPECT_EQ(engine.head().hash, chain.tip.hash) << where;
  for (const auto& [key, commitment] : recovered.state.book.held) {
    EXPECT_STREQ(name_of(commitment.phase), "executed") << where;
  }
}

TEST(crash, at_every_event_and_every_durable_prefix_recovers_to_the_honest_head) {
  const Deliveries chain = honest_chain(kBlocks);
  ModelEngine reference_engine(167001);
  World reference(reference_engine);
  run_until(reference, chain, 1'000);
  const std::size_t total = reference.log.size();
  ASSERT_EQ(reference.state.heads.unsafe->hash, chain.tip.hash);
  for (std::size_t crash = 1; crash <= total; ++crash) {
    for (const bool engine_acted : {false, true}) {
      // Commands of classes O, X and C wait for durability, so at most the events of the last
      // commit are lost: those after the newest command that has been started.
      ModelEngine engine(167001);
      World world(engine);
      run_until(world, chain, crash);
      if (engine_acted && !world.outstanding.empty()) {
        static_cast<void>(engine.perform(world.outstanding.front().body));
      }
      for (std::size_t lost = 0; lost <= 3 && lost < world.log.size(); ++lost) {
        ModelEngine same_engine = engine;
        recover_and_check(same_engine, world.log, world.log.size() - lost, chain,
                          "crash after " + std::to_string(crash) + " events, " +
                              std::to_string(lost) + " not durable, engine acted " +
                              std::to_string(engine_acted));
      }
    }
  }
}

RC_GTEST_PROP(crash, any_number_of_crashes_with_misfortunes_converges, ()) {
  const auto numbers = *script();
  const Deliveries chain = honest_chain(kBlocks);
  ModelEngine engine(167001);
  World world(engine);
  world.start();
  for (Choices choices(numbers); !choices.empty();) {
    switch (choices.below(6)) {
      case 0:
        world.start();
        break;  // crash and boot: commands in flight are lost
      case 1:
      case 2:
        deliver(world, chain, choices.below(2 * chain.promises.size()));
        break;
      case 3:
        answer_badly(world, engine, choices);
        break;
      case 4:
        world.answer_next();
        break;
      default:
        world.fire_next_timer();
        break;
    }
  }
  world.start();
  world.settle_with_retries();
  for (std::size_t i = 0; i < 2 * chain.promises.size(); ++i) deliver(world, chain, i);
  world.settle_with_retries();
  world.fire_next_timer();
  world.settle_with_retries();
  RC_ASSERT(world.state.heads.unsafe->hash == chain.tip.hash);
  RC_ASSERT(engine.head().hash == chain.tip.hash);
}

}  // namespace
}  // namespace preconf::tests
