// Rules change at barriers only; gaps are crashes; what may be ignored is ignored.
#include <gtest/gtest.h>

#include "core/codec/canonical.hpp"
#include "tests/support/world.hpp"

namespace preconf::core {
namespace {

namespace ev = events;
using tests::World;

/// A world under the rules of `version`, in its first boot.
struct OldWorld {
  explicit OldWorld(std::uint32_t version) : world(engine) {
    world.state.reducer_version = version;
    world.start();
    world.settle();
  }
  tests::ModelEngine engine{167001};
  World world;
};

Decision late_answer(World& world) {
  const Outcome& outcome =
      world.feed(ev::EngineAnswered{{Seq{2}, 5}, 1, ev::EngineResult{ev::EngineFailed{}}});
  EXPECT_EQ(outcome.decisions.size(), 1u);
  EXPECT_EQ(outcome.decisions.at(0).reason, Reason::kLateAnswer);
  return outcome.decisions.at(0);
}

TEST(Versions, a_late_answer_names_its_command_from_version_2_on) {
  OldWorld old(1);
  EXPECT_EQ(late_answer(old.world).a, 0u);
  EXPECT_EQ(late_answer(old.world).b, 0u);
  OldWorld young(2);
  EXPECT_EQ(late_answer(young.world).a, 2u);
  EXPECT_EQ(late_answer(young.world).b, 5u);
}

TEST(Versions, a_barrier_changes_the_rules_and_nothing_else) {
  OldWorld old(1);
  World& world = old.world;
  const State before = world.state;
  const Outcome& outcome = world.feed(ev::ReducerActivated{1, 2, state_hash(before)});
  EXPECT_TRUE(outcome.commands.empty());
  ASSERT_EQ(outcome.decisions.size(), 1u);
  EXPECT_EQ(outcome.decisions[0].verdict, Verdict::kRulesChanged);
  State expected = before;
  expected.reducer_version = 2;
  expected.last_seq = world.state.last_seq;
  expected.last_wall = world.state.last_wall;
  expected.counters[counter_key(Verdict::kRulesChanged, Reason::kNone)] = 1;
  EXPECT_EQ(world.state, expected);
  EXPECT_EQ(late_answer(world).a, 2u);
}

TEST(Versions, the_state_hash_is_that_of_the_rules_in_force) {
  OldWorld old(1);
  State other = old.world.state;
  other.reducer_version = 2;
  EXPECT_NE(state_hash(old.world.state), state_hash(other));
}

Event event_of(const State& state, EventBody body) {
  Event event;
  event.seq = next(state.last_seq);
  event.body = std::move(body);
  return event;
}

TEST(Versions, what_can_not_be_folded_is_refused) {
  OldWorld old(1);
  const State& state = old.world.state;
  const Hash32 hash = state_hash(state);
  EXPECT_FALSE(refusal_of(state, event_of(state, ev::ReducerActivated{1, 2, hash})));
  EXPECT_FALSE(refusal_of(state, event_of(state, ev::BootStarted{})));

  const auto newer = refusal_of(state, event_of(state, ev::ReducerActivated{1, 99, hash}));
  ASSERT_TRUE(newer.has_value());
  EXPECT_FALSE(newer->is_divergence);
  EXPECT_NE(newer->detail.find("99"), std::string::npos) << newer->detail;
  EXPECT_TRUE(refusal_of(state, event_of(state, ev::ReducerActivated{2, 3, hash})).has_value());
  EXPECT_TRUE(refusal_of(state, event_of(state, ev::ReducerActivated{1, 1, hash})).has_value());
  EXPECT_TRUE(refusal_of(state, event_of(state, ev::ReducerActivated{1, 0, hash})).has_value());

  const auto elsewhere = refusal_of(state, event_of(state, ev::ReducerActivated{1, 2, Hash32{}}));
  ASSERT_TRUE(elsewhere.has_value());
  EXPECT_TRUE(elsewhere->is_divergence);

  ev::GenesisRecorded genesis = tests::model_genesis_event();
  for (const std::uint32_t version : {0u, kReducerVersion + 1}) {
    genesis.reducer_version = version;
    EXPECT_TRUE(refusal_of(State{}, event_of(State{}, genesis)).has_value());
  }
  EXPECT_TRUE(refusal_of(State{}, event_of(State{}, ev::BootStarted{})).has_value());
}

/// The reducer is total: without that check a barrier it can not follow is no barrier.
TEST(Versions, an_impossible_barrier_is_ignored) {
  OldWorld old(1);
  const Outcome& outcome = old.world.feed(ev::ReducerActivated{1, 99, Hash32{}});
  ASSERT_EQ(outcome.decisions.size(), 1u);
  EXPECT_EQ(outcome.decisions[0].verdict, Verdict::kIgnored);
  EXPECT_EQ(old.world.state.reducer_version, 1u);
}

TEST(Versions, an_ignorable_event_moves_position_and_clock_only) {
  OldWorld young(2);
  World& world = young.world;
  const State before = world.state;
  const Outcome& outcome = world.feed(ev::IgnorableRecorded{999, 1, {}});
  EXPECT_TRUE(outcome.commands.empty() && outcome.decisions.empty());
  State expected = before;
  expected.last_seq = world.state.last_seq;
  expected.last_wall = world.state.last_wall;
  EXPECT_NE(expected.last_wall, before.last_wall);
  EXPECT_EQ(world.state, expected);
}

/// A log of older rules may have been continued by a younger program, up to its barrier.
TEST(Versions, events_of_l1_change_no_plan_before_version_4) {
  OldWorld old(3);
  World& world = old.world;
  const State before = world.state;
  for (const EventBody& body :
       {EventBody{ev::L1DeploymentRecorded{}}, EventBody{ev::L1BlockObserved{}},
        EventBody{ev::L1TagsObserved{}}, EventBody{ev::BlobReceived{}}, EventBody{ev::L1Answered{}},
        EventBody{ev::CheckpointReached{}}}) {
    const Outcome& outcome = world.feed(body);
    EXPECT_TRUE(outcome.commands.empty()) << name_of(kind_of(body));
  }
  State expected = before;
  expected.last_seq = world.state.last_seq;
  expected.last_wall = world.state.last_wall;
  expected.counters = world.state.counters;
  EXPECT_EQ(world.state, expected);
}

TEST(Gap, is_a_crash_until_the_next_boot) {
  tests::ModelEngine engine{167001};
  World world(engine);
  tests::Preconfer preconfer;
  world.start();
  world.settle();
  world.promise(preconfer.next_block());
  ASSERT_FALSE(world.state.in_flight.empty());

  Event event = event_of(world.state, ev::LogGapRecorded{next(world.state.last_seq), Seq{500},
                                                         std::nullopt, "test", true});
  event.seq = Seq{501};
  event.wall = world.state.last_wall;
  Outcome outcome;
  reduce(world.state, event, outcome);
  EXPECT_EQ(world.state.last_seq, Seq{501});
  EXPECT_TRUE(outcome.commands.empty());
  EXPECT_TRUE(world.state.in_flight.empty());
  EXPECT_FALSE(world.state.gate.open);
  ASSERT_FALSE(outcome.decisions.empty());
  EXPECT_EQ(outcome.decisions[0].verdict, Verdict::kEventsLost);
  EXPECT_EQ(outcome.decisions[0].b, 500u);

  world.outstanding.clear();
  world.feed(ev::BootStarted{});
  world.feed(ev::L1SyncObserved{true, ProposalId{0}, std::nullopt});
  world.settle_with_retries();
  EXPECT_EQ(world.state.heads.unsafe->number, BlockNumber{1}) << "the promise is kept after all";
}

}  // namespace
}  // namespace preconf::core
