// Driver effect E12: what the engine says wins, and links between commitments and blocks survive.
#include <gtest/gtest.h>

#include "core/status.hpp"
#include "tests/support/world.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

class EngineConsistency : public ::testing::Test {
 protected:
  void start_with_blocks(int count) {
    world.start();
    for (int i = 0; i < count; ++i) world.promise(preconfer.next_block());
    world.settle();
    ASSERT_EQ(world.state.heads.unsafe->number.value, static_cast<std::uint64_t>(count));
  }
  [[nodiscard]] bool decided(Verdict verdict, Reason reason = Reason::kNone) const {
    return std::ranges::any_of(world.decisions, [=](const Decision& decision) {
      return decision.verdict == verdict && decision.reason == reason;
    });
  }
  void poll() {
    ASSERT_TRUE(world.fire_next_timer());
    world.settle_with_retries();
  }

  ModelEngine engine{167001};
  World world{engine};
  Preconfer preconfer;
};

TEST_F(EngineConsistency, engine_with_an_older_head_gets_the_lost_blocks_again) {
  start_with_blocks(6);
  engine.lose_blocks(3);
  poll();
  EXPECT_TRUE(decided(Verdict::kHeadAdopted, Reason::kEngineOlderHead));
  EXPECT_TRUE(decided(Verdict::kReopened, Reason::kEngineOlderHead));
  EXPECT_EQ(world.state.heads.unsafe->hash, preconfer.tip.hash);
  EXPECT_EQ(engine.head().hash, preconfer.tip.hash);
}

TEST_F(EngineConsistency, engine_that_lost_everything_is_rebuilt_from_genesis) {
  start_with_blocks(4);
  engine.lose_blocks(4);
  poll();
  EXPECT_EQ(engine.head().hash, preconfer.tip.hash);
}

TEST_F(EngineConsistency, foreign_block_at_our_height_is_adopted) {
  start_with_blocks(2);
  protocol::HeaderFacts foreign = engine.head();
  foreign.hash.bytes.fill(0xee);
  engine.blocks[foreign.hash] = foreign;
  engine.adopt(foreign.hash);
  poll();
  EXPECT_TRUE(decided(Verdict::kHeadAdopted, Reason::kEngineOtherHead));
  EXPECT_EQ(world.state.heads.unsafe->hash, foreign.hash);
  EXPECT_TRUE(world.state.heads.executed.at(foreign.number).preconf_hash.is_zero());
}

TEST_F(EngineConsistency, foreign_block_above_us_is_adopted_with_its_parent_time) {
  start_with_blocks(1);
  protocol::HeaderFacts child = engine.head();
  for (std::uint8_t i = 1; i <= 3; ++i) {
    protocol::HeaderFacts block = child;
    block.number = next(child.number);
    block.parent_hash = child.hash;
    block.timestamp = UnixSeconds{child.timestamp.value + i};
    block.hash.bytes.fill(static_cast<std::uint8_t>(0xe0 + i));
    engine.blocks[block.hash] = block;
    child = block;
  }
  engine.adopt(child.hash);
  poll();
  EXPECT_EQ(world.state.heads.unsafe->hash, child.hash);
  EXPECT_EQ(world.state.heads.unsafe_parent_time, (UnixSeconds{child.timestamp.value - 3}));
}

TEST_F(EngineConsistency, another_block_where_ours_should_go_is_found_by_the_probe) {
  start_with_blocks(1);
  const Promise ours = preconfer.variant(2, 7);
  protocol::HeaderFacts foreign = engine.head();
  foreign.number = next(foreign.number);
  foreign.parent_hash = engine.head().hash;
  foreign.timestamp = UnixSeconds{foreign.timestamp.value + 1};
  foreign.hash.bytes.fill(0xdd);
  engine.blocks[foreign.hash] = foreign;
  engine.adopt(foreign.hash);
  const std::uint64_t writes = engine.writes;
  world.promise(ours);
  world.settle_with_retries();
  EXPECT_EQ(world.state.heads.unsafe->hash, foreign.hash);
  EXPECT_EQ(engine.writes, writes) << "a known block must not be replaced by a preconfirmation";
}

TEST_F(EngineConsistency, wrong_chain_is_fatal_and_stops_engine_commands) {
  engine.chain_id = 1;
  world.start();
  world.settle();
  EXPECT_TRUE(decided(Verdict::kEngineFatal, Reason::kEngineWrongChain));
  EXPECT_TRUE(world.outstanding.empty());
  EXPECT_EQ(world.state.gate.reason, Reason::kGateStopped);
  engine.chain_id = 167001;
  world.start();
  world.settle();
  EXPECT_TRUE(world.state.gate.open) << "a new life asks again";
}

TEST_F(EngineConsistency, missing_latest_block_is_an_error_not_zero) {
  world.start();
  ev::HeadsRead nothing;
  nothing.chain_id = 167001;
  world.answer_next_with(nothing);
  EXPECT_TRUE(decided(Verdict::kReadDeferred, Reason::kEngineMissingHead));
  EXPECT_FALSE(world.state.heads.unsafe.has_value());
  world.settle_with_retries();
  EXPECT_TRUE(world.state.gate.open);
}

/// Milliseconds of virtual time until the engine's head is known. The engine takes connections and
/// answers nothing for `hung_calls` calls, each of which ends after kEngineRequestTimeout of
/// io/engine/engine_client.hpp; after that it answers at once.
struct HungStart {
  std::uint64_t failing_ms = 0;  ///< not usable from here on; 0: it never was
  std::uint64_t back_ms = 0;     ///< longest time from its return to the known head
};
HungStart start_on_hung_engine(World& world, std::uint32_t hung_calls) {
  constexpr std::uint64_t kNanosPerMilli = 1'000'000;
  constexpr std::uint64_t kRequestTimeoutMs = 12'000;
  HungStart out;
  world.start();
  const std::uint64_t began = world.now_ns;
  std::uint64_t last_call = began;
  for (std::uint32_t i = 0; i < hung_calls; ++i) {
    EXPECT_EQ(world.outstanding.size(), 1U) << "one read at a time";
    last_call = world.now_ns;
    world.now_ns += kRequestTimeoutMs * kNanosPerMilli;
    world.answer_next_with(
        ev::EngineFailed{ev::EngineFailureKind::kTimeout, ev::Certainty::kUnknown, 0, ""});
    EXPECT_FALSE(is_ready(make_status(world.state)));
    const bool is_failing = world.state.consistency_backoff.failures >= kEngineFailuresReadyMax;
    if (is_failing && out.failing_ms == 0) {
      out.failing_ms = (world.now_ns - began) / kNanosPerMilli;
    }
    EXPECT_TRUE(world.state.consistency_backoff.waiting);
    while (world.state.consistency_backoff.waiting) world.fire_next_timer();
  }
  world.settle();
  EXPECT_TRUE(world.state.heads.unsafe.has_value());
  // At worst it came back just after it had swallowed the last call.
  out.back_ms = (world.now_ns - last_call) / kNanosPerMilli;
  return out;
}

// docs/rpc.md promises both bounds.
TEST_F(EngineConsistency, hung_engine_at_start_is_failing_after_three_calls_and_found_within_two) {
  const HungStart short_one = start_on_hung_engine(world, 3);
  EXPECT_GE(short_one.failing_ms, 36'750U) << "three calls, and two delays";
  EXPECT_LE(short_one.failing_ms, 36'800U);
  EXPECT_TRUE(is_ready(make_status(world.state)));
  World other(engine);
  const HungStart long_one = start_on_hung_engine(other, 40);
  EXPECT_GE(long_one.back_ms, 24'000U) << "the longest delay has been reached";
  EXPECT_LE(long_one.back_ms, 24'050U) << "one call that is not answered, one delay";
  EXPECT_TRUE(is_ready(make_status(other.state)));
}

TEST_F(EngineConsistency, unauthorized_is_retried_at_the_longest_delay) {
  world.start();
  world.answer_next_with(
      ev::EngineFailed{ev::EngineFailureKind::kUnauthorized, ev::Certainty::kAnswered, 401, ""});
  EXPECT_EQ(world.decisions.back().b, 12'000U);
}

// With a wrong JWT secret reads worked, every block was deferred, and the node called itself ready.
TEST_F(EngineConsistency, engine_that_refuses_our_writes_makes_the_node_unready) {
  start_with_blocks(1);
  EXPECT_TRUE(is_ready(make_status(world.state)));
  world.promise(preconfer.next_block());
  const ev::EngineFailed refused{ev::EngineFailureKind::kUnauthorized, ev::Certainty::kAnswered,
                                 401, ""};
  for (std::uint32_t i = 0; i < kEngineFailuresReadyMax; ++i) {
    while (std::string_view(name_of(world.outstanding.front().body)) != "start_payload") {
      world.answer_next();
    }
    world.answer_next_with(refused);
    while (world.state.apply_backoff.waiting) {
      world.fire_next_timer();
      if (world.state.apply_backoff.waiting) world.settle();
    }
  }
  EXPECT_FALSE(is_ready(make_status(world.state)));
  world.settle_with_retries();
  EXPECT_TRUE(is_ready(make_status(world.state)));
}

TEST_F(EngineConsistency, commitments_below_a_raised_boundary_go_stale) {
  start_with_blocks(3);
  world.promise(preconfer.next_block());
  engine.head_l1_origin = BlockNumber{2};
  poll();
  EXPECT_TRUE(decided(Verdict::kBoundaryMoved));
  EXPECT_EQ(world.state.book.by_height.begin()->number, BlockNumber{3});
  world.promise(preconfer.next_block());
  world.settle_with_retries();
  EXPECT_EQ(engine.head().hash, preconfer.tip.hash) << "the chain goes on above the boundary";
}

// The engine's latest showed another hash once; the chain came back and the node stayed where it
// was.
TEST_F(EngineConsistency, head_that_comes_back_finds_its_commitment_again) {
  start_with_blocks(3);
  const protocol::HeaderFacts ours = engine.head();
  protocol::HeaderFacts other = ours;
  other.hash.bytes.fill(0xee);
  engine.blocks[other.hash] = other;
  engine.adopt(other.hash);
  poll();
  ASSERT_EQ(world.state.heads.unsafe->hash, other.hash);
  engine.adopt(ours.hash);
  poll();
  world.promise(preconfer.next_block());
  world.settle_with_retries();
  EXPECT_EQ(world.state.heads.unsafe->hash, preconfer.tip.hash);
}

// Another node drove the same engine ahead while only the commitments were here, not their lists.
TEST_F(EngineConsistency, head_from_elsewhere_is_identified_when_its_list_arrives) {
  start_with_blocks(1);
  std::vector<Promise> ahead;
  for (int i = 0; i < 3; ++i) ahead.push_back(preconfer.next_block());
  for (const Promise& promise : ahead) world.commitment(promise.facts);
  {
    World driver(engine);
    driver.state = world.state;
    driver.start();
    for (const Promise& promise : ahead) driver.promise(promise);
    driver.settle_with_retries();
    ASSERT_EQ(engine.head().hash, preconfer.tip.hash);
  }
  poll();
  ASSERT_EQ(world.state.heads.unsafe->hash, preconfer.tip.hash);
  for (const Promise& promise : ahead) world.txlist(promise.list);
  world.settle_with_retries();
  world.promise(preconfer.next_block());
  world.settle_with_retries();
  EXPECT_EQ(world.state.heads.unsafe->hash, preconfer.tip.hash);
}

// A block with the promised header and another list is not the promised one: its children wait.
TEST_F(EngineConsistency, head_with_the_same_header_fields_and_another_list_is_not_taken_for_it) {
  start_with_blocks(1);
  const Promise promised = preconfer.variant(2, 0);
  Promise imposter = preconfer.variant(2, 77);
  {
    World driver(engine);
    driver.state = world.state;
    driver.start();
    driver.promise(imposter);
    driver.settle_with_retries();
  }
  world.commitment(promised.facts);
  poll();
  world.txlist(promised.list);
  world.settle_with_retries();
  const auto key = CommitmentKey{promised.facts.preconf_hash, promised.facts.signer};
  EXPECT_EQ(world.state.book.find(key)->phase, Phase::kAdmitted);
  EXPECT_EQ(world.state.book.find(key)->not_block, engine.head().hash);
  EXPECT_TRUE(world.outstanding.empty()) << "asked once, not for ever";
}

// latest and the block by number contradicted each other: thousands of calls per second.
TEST_F(EngineConsistency, engine_that_contradicts_itself_is_asked_with_growing_delays) {
  start_with_blocks(1);
  world.promise(preconfer.next_block());
  protocol::HeaderFacts foreign = engine.head();
  foreign.number = BlockNumber{2};
  foreign.hash.bytes.fill(0xdd);
  std::uint64_t waited_ns = world.now_ns;
  for (int i = 0; i < 8; ++i) {
    ASSERT_FALSE(world.outstanding.empty());
    while (!std::holds_alternative<commands::ReadBlock>(world.outstanding.front().body)) {
      world.answer_next();
    }
    ev::BlockRead read;
    read.number = BlockNumber{2};
    read.block = foreign;
    world.answer_next_with(read);
    ASSERT_TRUE(world.outstanding.empty()) << "no call without a delay";
    while (world.state.apply_backoff.waiting) {
      world.fire_next_timer();
      if (world.state.apply_backoff.waiting) world.settle();
    }
  }
  EXPECT_GT(world.now_ns - waited_ns, 30'000'000'000U);
}

// An absurd head L1 origin was believed once and erased every held commitment.
TEST_F(EngineConsistency, boundary_above_the_engines_head_refuses_but_forgets_nothing) {
  start_with_blocks(1);
  world.feed(ev::L1SyncObserved{false, ProposalId{0}, std::nullopt});
  world.promise(preconfer.next_block());
  engine.head_l1_origin = BlockNumber{~std::uint64_t{0}};
  poll();
  world.feed(ev::L1SyncObserved{true, ProposalId{0}, std::nullopt});
  world.settle();
  EXPECT_EQ(world.state.heads.unsafe->number, BlockNumber{1});
  engine.head_l1_origin.reset();
  poll();
  EXPECT_EQ(world.state.heads.unsafe->hash, preconfer.tip.hash);
}

}  // namespace
}  // namespace preconf::tests
