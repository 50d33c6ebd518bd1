// Replay: folding the log again gives the live state and the recorded effects, at every prefix and
// from every snapshot.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "core/state_bytes.hpp"
#include "tests/support/script.hpp"

namespace preconf::tests {
namespace {

rc::Gen<std::vector<std::uint8_t>> script() {
  return rc::gen::resize(kScriptSize, rc::gen::arbitrary<std::vector<std::uint8_t>>());
}

using namespace preconf::core;  // NOLINT: test

/// A run with misfortunes; returns the state hash after every event.
std::vector<Hash32> live_run(World& world, ModelEngine& engine,
                             const std::vector<std::uint8_t>& numbers) {
  const Deliveries chain = honest_chain(5);
  std::vector<Hash32> hashes;
  const auto note = [&] {
    while (hashes.size() < world.log.size()) hashes.push_back(state_hash(world.state));
  };
  world.start();
  Choices choices(numbers);
  for (int i = 0; i < 25; ++i) {
    // One event at a time, so that every prefix is seen.
    switch (choices.below(5)) {
      case 0:
      case 1:
        deliver(world, chain, choices.below(2 * chain.promises.size()));
        break;
      case 2:
        answer_badly(world, engine, choices);
        break;
      case 3:
        world.answer_next();
        break;
      default:
        world.fire_next_timer();
        break;
    }
    note();
  }
  return hashes;
}

RC_GTEST_PROP(replay, equals_the_live_state_and_effects_at_every_prefix, ()) {
  const auto numbers = *script();
  ModelEngine engine(167001);
  World world(engine);
  const std::vector<Hash32> live = live_run(world, engine, numbers);
  State state;
  Outcome outcome;
  for (std::size_t i = 0; i < world.log.size(); ++i) {
    reduce(state, world.log[i], outcome);
    RC_ASSERT(effects_digest(outcome) == world.digests[i]);
    // The first events are fed together by start(); their hash is noted after the last of them.
    if (i >= 4) RC_ASSERT(state_hash(state) == live[i]);
  }
  RC_ASSERT(state == world.state);
}

RC_GTEST_PROP(replay, snapshot_and_tail_equal_the_full_fold, ()) {
  const auto numbers = *script();
  ModelEngine engine(167001);
  World world(engine);
  live_run(world, engine, numbers);
  for (std::size_t cut = 1; cut <= world.log.size(); ++cut) {
    const State prefix =
        fold({world.log.begin(), world.log.begin() + static_cast<std::ptrdiff_t>(cut)});
    const Bytes snapshot = encode_state(prefix);
    State state;
    RC_ASSERT(decode_state(snapshot, state));
    Outcome outcome;
    for (std::size_t i = cut; i < world.log.size(); ++i) {
      reduce(state, world.log[i], outcome);
      RC_ASSERT(effects_digest(outcome) == world.digests[i]);
    }
    RC_ASSERT(state_hash(state) == state_hash(world.state));
  }
}

}  // namespace
}  // namespace preconf::tests
