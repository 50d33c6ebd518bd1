// Driver effect T3 in a model world: what L1 says of lookaheads, blacklist and whitelist becomes
// windows, and commitments are judged by them again.
#include <gtest/gtest.h>

#include "tests/support/model_l1.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;
using protocol::LookaheadSlot;

constexpr std::uint64_t kEpoch = ModelL1::kGenesisTime;
constexpr std::uint64_t kEpochSeconds = 384;
constexpr std::uint64_t kMiddle = kEpoch + 192;
constexpr std::uint64_t kLastSlot = kEpoch + kEpochSeconds - ModelL1::kSlot;

protocol::FallbackOperator operator_of(std::uint8_t proposer) {
  return {address_number(proposer), address_number(static_cast<std::uint8_t>(proposer + 1))};
}
LookaheadSlot slot_of(std::uint8_t committer, std::uint64_t time) {
  LookaheadSlot slot;
  slot.committer = address_number(committer);
  slot.timestamp = UnixSeconds{time};
  slot.registration_root.bytes.fill(committer);
  return slot;
}
/// Two slots of this epoch, 0x40 being the whitelist's operator.
protocol::LookaheadFact lookahead(std::uint8_t first, std::uint8_t second) {
  protocol::LookaheadFact fact;
  fact.posted.epoch = UnixSeconds{kEpoch};
  fact.posted.slots = {slot_of(first, kMiddle), slot_of(second, kLastSlot)};
  fact.fallback = operator_of(0x40);
  return fact;
}
/// What a preconfer believes who may sign alone, up to `end`.
protocol::Schedule belief(std::uint8_t signer, std::uint64_t after, std::uint64_t end) {
  return {1, {{UnixSeconds{after}, UnixSeconds{end}, address_number(signer)}}};
}

/// A node that follows an L1 with both contracts, and was given no schedule.
struct ScheduleFromL1 : ::testing::Test {
  ScheduleFromL1() {
    world.feed(ev::BootStarted{});
    ev::L1DeploymentRecorded recorded;
    recorded.deployment.l1_chain_id = 31'337;
    recorded.deployment.clock.genesis = UnixSeconds{kEpoch};
    recorded.deployment.inbox = address_number(0x10);
    recorded.deployment.preconf_whitelist = address_number(0x11);
    recorded.deployment.lookahead_store = address_number(0x12);
    world.feed(recorded);
    world.answer_l1 = [this](const CommandBody& command) { return l1.perform(command); };
    world.settle();
    l1.mine();
    catch_up();
  }
  void catch_up() {
    l1.tell(world);
    world.settle();
  }
  void say(ev::L1FactBody fact) {
    l1.mine_with(std::move(fact));
    catch_up();
  }
  void promise(const Promise& promise) {
    world.promise(promise);
    world.settle();
  }
  /// The verdicts on a promise, in their order.
  [[nodiscard]] std::vector<Verdict> verdicts(const Promise& promise) const {
    std::vector<Verdict> out;
    for (const Decision& one : world.decisions) {
      const bool is_judgement = one.verdict == Verdict::kPendingSchedule ||
                                one.verdict == Verdict::kAdmitted ||
                                one.verdict == Verdict::kRejected;
      if (is_judgement && one.subject == promise.facts.preconf_hash) out.push_back(one.verdict);
    }
    return out;
  }
  [[nodiscard]] Reason last_reason(const Promise& promise) const {
    Reason reason = Reason::kNone;
    for (const Decision& one : world.decisions) {
      if (one.subject == promise.facts.preconf_hash) reason = one.reason;
    }
    return reason;
  }
  [[nodiscard]] std::optional<protocol::Window> window_at(std::uint64_t time) const {
    const auto& schedule = world.state.schedule;
    const auto index = protocol::find_window(schedule, UnixSeconds{time});
    if (!index) return std::nullopt;
    return schedule.windows[*index];
  }

  ModelEngine engine{167001};
  World world{engine};
  ModelL1 l1;
};

using Verdicts = std::vector<Verdict>;

TEST_F(ScheduleFromL1, ACommitmentWaitsUntilALookaheadGivesItsWindow) {
  Preconfer preconfer(belief(1, kEpoch, kMiddle));
  const Promise first = preconfer.next_block();
  promise(first);
  ASSERT_EQ(verdicts(first), Verdicts{Verdict::kPendingSchedule});
  EXPECT_EQ(engine.head().number, BlockNumber{0});
  say(lookahead(1, 2));
  EXPECT_EQ(window_at(kEpoch + 2),
            (protocol::Window{UnixSeconds{kEpoch - 1}, UnixSeconds{kMiddle}, address_number(1)}));
  EXPECT_EQ(window_at(kMiddle + 1),
            (protocol::Window{UnixSeconds{kMiddle}, UnixSeconds{kLastSlot}, address_number(2)}));
  EXPECT_EQ(verdicts(first), (Verdicts{Verdict::kPendingSchedule, Verdict::kAdmitted}));
  EXPECT_EQ(engine.head(), preconfer.tip);
}

TEST_F(ScheduleFromL1, AReorgTakesTheWindowBack) {
  Preconfer preconfer(belief(1, kEpoch, kMiddle));
  say(lookahead(1, 2));
  const Promise first = preconfer.next_block();
  promise(first);
  ASSERT_EQ(verdicts(first), Verdicts{Verdict::kAdmitted});
  const std::uint64_t version = world.state.schedule.version;
  l1.reorg(1);
  l1.mine();
  catch_up();
  EXPECT_TRUE(world.state.schedule.windows.empty());
  EXPECT_GT(world.state.schedule.version, version);
  const Promise second = preconfer.next_block();
  promise(second);
  EXPECT_EQ(verdicts(second), Verdicts{Verdict::kPendingSchedule});
  // What was executed under the window that L1 took back stays until L1 says something else.
  EXPECT_EQ(engine.head().number, BlockNumber{1});
  say(lookahead(1, 2));
  EXPECT_EQ(verdicts(second), (Verdicts{Verdict::kPendingSchedule, Verdict::kAdmitted}));
  EXPECT_EQ(engine.head(), preconfer.tip);
}

TEST_F(ScheduleFromL1, TheOtherBranchMayNameSomebodyElse) {
  Preconfer preconfer(belief(1, kEpoch, kMiddle));
  say(lookahead(1, 2));
  promise(preconfer.next_block());
  l1.reorg(1);
  say(lookahead(3, 2));
  const Promise second = preconfer.next_block();
  promise(second);
  EXPECT_EQ(verdicts(second), Verdicts{Verdict::kRejected});
  EXPECT_EQ(last_reason(second), Reason::kSignerMismatch);
}

TEST_F(ScheduleFromL1, ABlacklistedCommittersSlotIsTheFallbacks) {
  say(lookahead(1, 2));
  Preconfer listed(belief(2, kMiddle, kLastSlot));
  Preconfer fallback(belief(0x40, kMiddle, kLastSlot));
  protocol::BlacklistChanged changed;
  changed.registration_root.bytes.fill(2);
  changed.since = UnixSeconds{kMiddle + 1};
  changed.is_listed = true;
  say(changed);
  EXPECT_EQ(window_at(kEpoch + 2)->committer, address_number(1));
  EXPECT_EQ(window_at(kMiddle + 2)->committer, address_number(0x40));
  const Promise refused = listed.next_block();
  promise(refused);
  EXPECT_EQ(verdicts(refused), Verdicts{Verdict::kRejected});
  EXPECT_EQ(last_reason(refused), Reason::kSignerMismatch);
  const Promise taken = fallback.next_block(2, 1);
  promise(taken);
  EXPECT_EQ(verdicts(taken), Verdicts{Verdict::kAdmitted});
  l1.reorg(1);
  l1.mine();
  catch_up();
  EXPECT_EQ(window_at(kMiddle + 2)->committer, address_number(2)) << "L1 took it back";
}

TEST_F(ScheduleFromL1, TheWhitelistsSelectionIsTheFallback) {
  say(protocol::EpochFact{UnixSeconds{kEpoch}, operator_of(0x40)});
  ASSERT_EQ(window_at(kMiddle), (protocol::Window{UnixSeconds{kEpoch - 1}, UnixSeconds{kLastSlot},
                                                  address_number(0x40)}));
  const protocol::SelectionFact selection{operator_of(0x50), operator_of(0x60)};
  l1.mine_with(selection);
  const UnixSeconds since = l1.chain().back().timestamp;
  catch_up();
  EXPECT_EQ(window_at(kMiddle), (protocol::Window{UnixSeconds{since.value - 1},
                                                  UnixSeconds{kLastSlot}, address_number(0x50)}));
  EXPECT_FALSE(window_at(since.value - 2)) << "a window that ends early can not be stated";
  Preconfer preconfer(belief(0x50, kEpoch, kLastSlot));
  preconfer.clock = since;
  const Promise taken = preconfer.next_block();
  promise(taken);
  EXPECT_EQ(verdicts(taken), Verdicts{Verdict::kAdmitted});
}

// The seconds after an epoch's last slot, when nobody of the next epoch has them: deployed peers
// name a window that is over, which no commitment can state.
TEST_F(ScheduleFromL1, TheTailOfAnEpochHasNoWindowOfItsOwn) {
  say(lookahead(1, 2));
  Preconfer preconfer(belief(0x40, kLastSlot, kLastSlot + 12));
  const Promise early = preconfer.next_block();
  promise(early);
  EXPECT_EQ(verdicts(early), Verdicts{Verdict::kPendingSchedule}) << "nothing later is known";
  protocol::LookaheadFact empty;
  empty.posted.epoch = UnixSeconds{kEpoch + kEpochSeconds};
  empty.fallback = operator_of(0x40);
  say(empty);
  EXPECT_FALSE(window_at(kLastSlot + 1));
  EXPECT_EQ(window_at(kEpoch + kEpochSeconds)->committer, address_number(0x40));
  EXPECT_EQ(verdicts(early), (Verdicts{Verdict::kPendingSchedule, Verdict::kRejected}));
  EXPECT_EQ(last_reason(early), Reason::kNoWindow);
}

TEST_F(ScheduleFromL1, TheTailIsTheNextEpochsFirstCommitters) {
  say(lookahead(1, 2));
  Preconfer preconfer(belief(5, kLastSlot, kEpoch + kEpochSeconds + 24));
  const Promise early = preconfer.next_block();
  promise(early);
  ASSERT_EQ(verdicts(early), Verdicts{Verdict::kPendingSchedule});
  protocol::LookaheadFact following;
  following.posted.epoch = UnixSeconds{kEpoch + kEpochSeconds};
  following.posted.slots = {slot_of(5, kEpoch + kEpochSeconds + 24)};
  following.fallback = operator_of(0x40);
  say(following);
  EXPECT_EQ(verdicts(early), (Verdicts{Verdict::kPendingSchedule, Verdict::kAdmitted}));
}

}  // namespace
}  // namespace preconf::tests
