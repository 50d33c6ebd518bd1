#include "core/protocol/lookahead_table.hpp"

#include <random>

#include "core/crypto/hash.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/whitelist.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using protocol::BlacklistChanged;
using protocol::EpochClock;
using protocol::EpochFact;
using protocol::FallbackOperator;
using protocol::FallbackSigner;
using protocol::LogDefect;
using protocol::LookaheadFact;
using protocol::LookaheadSlot;
using protocol::ScheduleFact;
using protocol::ScheduleFactBody;
using protocol::ScheduleHistory;
using protocol::SelectionFact;
using protocol::SlotDefect;
using protocol::SlotInfo;
using protocol::SlotKind;

constexpr std::uint64_t kGenesis = 1000;
constexpr std::uint64_t kEpoch = 384;

EpochClock test_clock() { return EpochClock{UnixSeconds{kGenesis}}; }
UnixSeconds epoch(std::uint64_t index) { return UnixSeconds{kGenesis + index * kEpoch}; }
UnixSeconds slot(std::uint64_t index, std::uint64_t number) {
  return UnixSeconds{epoch(index).value + number * 12};
}
FallbackOperator fallback(std::uint8_t name) {
  return FallbackOperator{filled<20>(name), filled<20>(static_cast<std::uint8_t>(name + 1))};
}
LookaheadSlot slot_of(std::uint8_t name, std::uint64_t index, std::uint64_t number) {
  return LookaheadSlot{filled<20>(name), slot(index, number), filled<32>(name), {}};
}

/// A history in which each fact has a block of its own.
struct Story {
  ScheduleHistory history;

  Story& at(std::uint64_t index, std::uint64_t number, const ScheduleFactBody& body) {
    ScheduleFact fact;
    fact.block_time = slot(index, number);
    fact.block_number = L1BlockNumber{(fact.block_time.value - kGenesis) / 12};
    fact.body = body;
    EXPECT_TRUE(protocol::append_fact(history, fact));
    return *this;
  }
  Story& posted(std::uint64_t index, const std::vector<LookaheadSlot>& slots,
                std::uint8_t fallback_name = 0xf0) {
    return at(index - 1, 5, LookaheadFact{{epoch(index), {}, slots}, fallback(fallback_name)});
  }
  [[nodiscard]] protocol::LookaheadTable table() const {
    return protocol::table_of(history, test_clock());
  }
  [[nodiscard]] SlotInfo info(std::uint64_t time) const {
    const auto found = protocol::slot_info(table(), UnixSeconds{time}, FallbackSigner::kProposer);
    EXPECT_TRUE(found.has_value()) << time;
    return found ? *found : SlotInfo{};
  }
  [[nodiscard]] protocol::Schedule schedule(std::uint64_t first, std::uint64_t end) const {
    return protocol::schedule_of(
        protocol::spans_of(table(), epoch(first), epoch(end), FallbackSigner::kProposer), 1);
  }
};

void expect_info(const SlotInfo& info, std::uint8_t signer, UnixSeconds end, SlotKind kind) {
  EXPECT_EQ(info.signer, filled<20>(signer));
  EXPECT_EQ(info.window_end, end);
  EXPECT_EQ(info.kind, kind);
}

TEST(Lookahead, TopicsAreTheHashesOfTheSignatures) {
  const auto keccak = [](std::string_view text) {
    return crypto::keccak256(
        BytesView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  };
  EXPECT_EQ(protocol::kLookaheadPostedTopic,
            keccak("LookaheadPosted(uint256,bytes32,(address,uint256,bytes32,uint256)[])"));
  EXPECT_EQ(protocol::kBlacklistedTopic, keccak("Blacklisted(bytes32,uint48)"));
  EXPECT_EQ(protocol::kUnblacklistedTopic, keccak("Unblacklisted(bytes32,uint48)"));
  EXPECT_EQ(protocol::kOperatorAddedTopic, keccak("OperatorAdded(address,address,uint256)"));
  EXPECT_EQ(protocol::kOperatorRemovedTopic, keccak("OperatorRemoved(address,address,uint256)"));
}

LogDefect posted_defect(const protocol::LookaheadPosted& posted) {
  const auto log = protocol::encode_lookahead_posted(posted);
  const auto read = protocol::read_lookahead_posted(log.topics, log.data, test_clock());
  EXPECT_TRUE(!read || *read == posted);
  return read ? LogDefect::kNone : read.error();
}

TEST(Lookahead, PostedLogs) {
  protocol::LookaheadPosted posted{epoch(3), filled<32>(9), {}};
  EXPECT_EQ(posted_defect(posted), LogDefect::kNone);
  posted.slots = {slot_of(1, 3, 0), slot_of(2, 3, 5), slot_of(1, 3, 31)};
  posted.slots[1].validator_leaf_index = U256{filled<32>(0xff)};
  EXPECT_EQ(posted_defect(posted), LogDefect::kNone);
  auto wrong = posted;
  wrong.epoch = UnixSeconds{epoch(3).value + 12};
  EXPECT_EQ(posted_defect(wrong), LogDefect::kEpochMisplaced);
  wrong.epoch = UnixSeconds{kGenesis - kEpoch};
  EXPECT_EQ(posted_defect(wrong), LogDefect::kEpochMisplaced);
  for (const UnixSeconds time :
       {slot(3, 0), slot(4, 0), slot(2, 31), UnixSeconds{slot(3, 6).value + 1}}) {
    wrong = posted;
    wrong.slots[1].timestamp = time;
    EXPECT_EQ(posted_defect(wrong), LogDefect::kSlotOrder) << time.value;
  }
  wrong = posted;
  wrong.slots.clear();
  for (std::uint64_t i = 0; i <= limits::kLookaheadSlotsMax; ++i) {
    wrong.slots.push_back(slot_of(1, 3, i));
  }
  EXPECT_EQ(posted_defect(wrong), LogDefect::kTooMany);
}

TEST(Lookahead, ChangedBitsAndCutsOfLogsAreRefusedOrSeen) {
  const protocol::LookaheadPosted posted{epoch(3), filled<32>(9), {slot_of(1, 3, 4)}};
  const auto log = protocol::encode_lookahead_posted(posted);
  for (std::size_t bit = 0; bit < 8 * log.data.size(); ++bit) {
    Bytes data = log.data;
    data[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const auto read = protocol::read_lookahead_posted(log.topics, data, test_clock());
    EXPECT_TRUE(!read || *read != posted) << bit;
  }
  for (std::size_t size = 0; size < log.data.size(); ++size) {
    const auto cut = BytesView(log.data).first(size);
    EXPECT_EQ(protocol::read_lookahead_posted(log.topics, cut, test_clock()).error(),
              LogDefect::kTruncated);
  }
  EXPECT_EQ(protocol::read_lookahead_posted({}, log.data, test_clock()).error(),
            LogDefect::kTopics);
}

TEST(Lookahead, BlacklistAndOperatorLogs) {
  for (const bool is_listed : {true, false}) {
    const BlacklistChanged changed{filled<32>(4), UnixSeconds{kUint48Max}, is_listed};
    const auto log = protocol::encode_blacklist_changed(changed);
    EXPECT_EQ(*protocol::read_blacklist_changed(log.topics, log.data), changed);
    EXPECT_EQ(protocol::read_blacklist_changed(log.topics, Bytes(64)).error(),
              LogDefect::kNotCanonical);
    EXPECT_EQ(protocol::read_blacklist_changed(log.topics, Bytes(32, 1)).error(),
              LogDefect::kDirtyPadding);
  }
  Hash32 proposer;
  proposer.bytes[31] = 7;
  Hash32 sequencer;
  sequencer.bytes[31] = 8;
  const std::vector<Hash32> topics{protocol::kOperatorRemovedTopic, proposer, sequencer};
  const auto read = protocol::read_operator_changed(topics, Bytes(32, 0xff));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->proposer.bytes[19], 7);
  EXPECT_EQ(read->sequencer.bytes[19], 8);
  EXPECT_FALSE(read->is_added);
  EXPECT_EQ(read->since, U256{filled<32>(0xff)});
}

TEST(Lookahead, WindowsAreLeftOpenAndRightClosed) {
  Story story;
  story.posted(3, {slot_of(1, 3, 4), slot_of(2, 3, 9)});
  expect_info(story.info(epoch(3).value), 1, slot(3, 4), SlotKind::kLookahead);
  expect_info(story.info(slot(3, 4).value), 1, slot(3, 4), SlotKind::kLookahead);
  expect_info(story.info(slot(3, 4).value + 1), 2, slot(3, 9), SlotKind::kLookahead);
  expect_info(story.info(slot(3, 9).value), 2, slot(3, 9), SlotKind::kLookahead);
  expect_info(story.info(slot(3, 9).value + 1), 0xf0, slot(3, 31), SlotKind::kFallback);
  const auto schedule = story.schedule(3, 4);
  ASSERT_EQ(schedule.windows.size(), 3U);
  EXPECT_EQ(protocol::check_schedule(schedule), protocol::ScheduleDefect::kNone);
  EXPECT_EQ(schedule.windows[1], (protocol::Window{slot(3, 4), slot(3, 9), filled<20>(2)}));
  EXPECT_EQ(schedule.windows[2], (protocol::Window{slot(3, 9), slot(3, 31), filled<20>(0xf0)}));
}

TEST(Lookahead, TheTailBelongsToTheFirstSlotOfTheNextEpoch) {
  Story story;
  story.posted(3, {slot_of(1, 3, 4)});
  expect_info(story.info(slot(3, 20).value), 0xf0, slot(3, 31), SlotKind::kFallback);
  const auto before = story.schedule(3, 5);
  story.posted(4, {slot_of(5, 4, 2)});
  // The same time has another answer as soon as the next lookahead is known.
  expect_info(story.info(slot(3, 20).value), 5, slot(4, 2), SlotKind::kCrossEpoch);
  expect_info(story.info(slot(4, 1).value), 5, slot(4, 2), SlotKind::kLookahead);
  const auto schedule = story.schedule(3, 5);
  EXPECT_NE(schedule, before);
  ASSERT_EQ(schedule.windows.size(), 3U);
  EXPECT_EQ(schedule.windows[1], (protocol::Window{slot(3, 4), slot(4, 2), filled<20>(5)}));
}

TEST(Lookahead, AnEmptyEpochIsTheFallbacksAndNeverBorrows) {
  Story story;
  story.posted(3, {}).posted(4, {slot_of(5, 4, 2)});
  expect_info(story.info(epoch(3).value), 0xf0, slot(3, 31), SlotKind::kFallback);
  expect_info(story.info(slot(3, 31).value), 0xf0, slot(3, 31), SlotKind::kFallback);
  // After the epoch's last slot the answer names a window that is over: no window at all.
  expect_info(story.info(slot(3, 31).value + 1), 0xf0, slot(3, 31), SlotKind::kFallback);
  const auto schedule = story.schedule(3, 5);
  EXPECT_FALSE(protocol::find_window(schedule, UnixSeconds{slot(3, 31).value + 1}).has_value());
  EXPECT_TRUE(protocol::find_window(schedule, epoch(3)).has_value());
  EXPECT_TRUE(protocol::find_window(schedule, epoch(4)).has_value());
}

TEST(Lookahead, AnEmptySuccessorLeavesTheTailToTheFallback) {
  Story story;
  story.posted(3, {slot_of(1, 3, 4)}).posted(4, {});
  expect_info(story.info(slot(3, 20).value), 0xf0, slot(3, 31), SlotKind::kFallback);
}

TEST(Lookahead, AnEpochThatNobodyPosted) {
  Story story;
  EXPECT_EQ(protocol::slot_info(story.table(), epoch(3), FallbackSigner::kProposer).error(),
            SlotDefect::kMissingLookahead);
  story.at(3, 1, EpochFact{epoch(3), fallback(0xe0)});
  expect_info(story.info(slot(3, 20).value), 0xe0, slot(3, 31), SlotKind::kFallback);
  // A lookahead that comes late takes the place; a later observation does not undo it.
  story.at(3, 2, LookaheadFact{{epoch(3), {}, {slot_of(1, 3, 31)}}, fallback(0xe0)});
  story.at(3, 3, EpochFact{epoch(3), fallback(0xe0)});
  expect_info(story.info(slot(3, 20).value), 1, slot(3, 31), SlotKind::kLookahead);
}

TEST(Lookahead, BlacklistedCommittersLoseTheirSlotFromThenOn) {
  Story story;
  story.posted(3, {slot_of(1, 3, 20)});
  story.at(3, 2, BlacklistChanged{filled<32>(1), slot(3, 10), true});
  expect_info(story.info(slot(3, 10).value - 1), 1, slot(3, 20), SlotKind::kLookahead);
  expect_info(story.info(slot(3, 10).value), 0xf0, slot(3, 20), SlotKind::kBlacklisted);
  // A window can not say that it ends before its end: only its last part is in the table.
  const auto schedule = story.schedule(3, 4);
  EXPECT_EQ(schedule.windows[0],
            (protocol::Window{UnixSeconds{slot(3, 10).value - 1}, slot(3, 20), filled<20>(0xf0)}));
  story.at(3, 4, BlacklistChanged{filled<32>(1), slot(3, 15), false});
  expect_info(story.info(slot(3, 15).value), 1, slot(3, 20), SlotKind::kLookahead);
  story.at(3, 5, BlacklistChanged{filled<32>(2), slot(3, 1), true});  // somebody else
  expect_info(story.info(slot(3, 16).value), 1, slot(3, 20), SlotKind::kLookahead);
}

TEST(Lookahead, TheFallbackFollowsTheWhitelist) {
  Story story;
  story.posted(3, {}, 0xf0).posted(4, {}, 0xf0);
  story.at(3, 10, SelectionFact{fallback(0xa0), fallback(0xb0)});
  expect_info(story.info(slot(3, 10).value - 1), 0xf0, slot(3, 31), SlotKind::kFallback);
  expect_info(story.info(slot(3, 10).value), 0xa0, slot(3, 31), SlotKind::kFallback);
  expect_info(story.info(epoch(4).value), 0xb0, slot(4, 31), SlotKind::kFallback);
  const auto sequencer = protocol::slot_info(story.table(), epoch(4), FallbackSigner::kSequencer);
  EXPECT_EQ(sequencer->signer, filled<20>(0xb1));
}

TEST(Lookahead, WithoutAnOperatorNobodyMaySign) {
  Story story;
  story.at(2, 5, LookaheadFact{{epoch(3), {}, {}}, FallbackOperator{}});
  EXPECT_TRUE(story.info(epoch(3).value).signer.is_zero());
  EXPECT_TRUE(story.schedule(3, 4).windows[0].committer.is_zero());
}

TEST(Lookahead, AskableTimes) {
  Story story;
  story.posted(2, {}).posted(3, {}).posted(4, {});
  const auto at = [&story](std::uint64_t time, UnixSeconds now) {
    const auto found =
        protocol::slot_info_at(story.table(), UnixSeconds{time}, now, FallbackSigner::kProposer);
    return found ? SlotDefect::kNone : found.error();
  };
  EXPECT_EQ(at(kGenesis - 1, slot(3, 7)), SlotDefect::kBeforeGenesis);
  EXPECT_EQ(at(epoch(2).value - 1, slot(3, 7)), SlotDefect::kTooOld);
  EXPECT_EQ(at(epoch(2).value, slot(3, 7)), SlotDefect::kNone);
  EXPECT_EQ(at(epoch(4).value - 1, slot(3, 7)), SlotDefect::kNone);
  EXPECT_EQ(at(epoch(4).value, slot(3, 7)), SlotDefect::kTooNew);
  EXPECT_EQ(at(epoch(4).value, epoch(4)), SlotDefect::kNone);
  EXPECT_EQ(at(kGenesis, UnixSeconds{0}), SlotDefect::kMissingLookahead);
}

TEST(Lookahead, HistoryIsOrderedAndBounded) {
  ScheduleHistory history;
  ScheduleFact fact;
  fact.block_number = L1BlockNumber{5};
  EXPECT_TRUE(protocol::append_fact(history, fact));
  fact.block_number = L1BlockNumber{4};
  EXPECT_FALSE(protocol::append_fact(history, fact));
  fact.block_number = L1BlockNumber{5};
  while (history.facts.size() < limits::kLookaheadFactsMax) {
    ASSERT_TRUE(protocol::append_fact(history, fact));
  }
  EXPECT_FALSE(protocol::append_fact(history, fact));
  EXPECT_EQ(protocol::undo_above(history, L1BlockNumber{5}), 0U);
  EXPECT_EQ(protocol::undo_above(history, L1BlockNumber{4}), limits::kLookaheadFactsMax);
}

/// Facts of every kind, one per block, over twelve epochs.
Story random_story(std::mt19937_64& random) {
  Story story;
  const auto below = [&random](std::uint64_t bound) { return random() % bound; };
  const auto name = [&below] { return static_cast<std::uint8_t>(1 + below(4)); };
  for (std::uint64_t block = 0; block < 12 * 32; block += 1 + below(12)) {
    const std::uint64_t index = block / 32;
    ScheduleFactBody body = SelectionFact{fallback(name()), fallback(name())};
    if (const auto kind = below(4); kind == 1) {
      std::vector<LookaheadSlot> slots;
      for (std::uint64_t i = below(33); i < 32; i += 1 + below(9)) {
        slots.push_back(slot_of(name(), index + 1, i));
      }
      body = LookaheadFact{{epoch(index + 1), {}, slots}, fallback(name())};
    } else if (kind == 2) {
      body = BlacklistChanged{filled<32>(name()), slot(index, block % 32), below(2) == 0};
    } else if (kind == 3) {
      body = EpochFact{epoch(index), fallback(name())};
    }
    story.at(index, block % 32, body);
  }
  return story;
}

std::vector<protocol::SlotSpan> spans(const ScheduleHistory& history, std::uint64_t first) {
  return protocol::spans_of(protocol::table_of(history, test_clock()), epoch(first), epoch(14),
                            FallbackSigner::kProposer);
}

TEST(LookaheadProperty, SpansSayWhatTheLookupSaysForEverySecond) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const Story story = random_story(random);
    const auto table = story.table();
    const auto found = spans(story.history, 0);
    std::size_t at = 0;
    for (std::uint64_t time = kGenesis; time < epoch(14).value; ++time) {
      while (at < found.size() && found[at].last.value < time) ++at;
      const bool covered = at < found.size() && found[at].after.value < time;
      const auto info = protocol::slot_info(table, UnixSeconds{time}, FallbackSigner::kProposer);
      ASSERT_EQ(covered, info.has_value()) << time;
      if (!covered) continue;
      ASSERT_EQ(found[at].info.signer, info->signer) << time;
      ASSERT_EQ(found[at].info.window_end, info->window_end) << time;
    }
  }
}

TEST(LookaheadProperty, EveryWindowOfTheScheduleIsAnAnswerOfTheLookup) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const Story story = random_story(random);
    const auto table = story.table();
    const auto schedule = story.schedule(0, 14);
    ASSERT_EQ(protocol::check_schedule(schedule), protocol::ScheduleDefect::kNone);
    for (const auto& window : schedule.windows) {
      for (std::uint64_t time = window.start.value + 1; time <= window.end.value; ++time) {
        const auto info = protocol::slot_info(table, UnixSeconds{time}, FallbackSigner::kProposer);
        if (!info) continue;  // the first slot of an epoch beyond the range
        ASSERT_EQ(info->signer, window.committer) << time;
        ASSERT_EQ(info->window_end, window.end) << time;
      }
    }
  }
}

TEST(LookaheadProperty, AReorgLeavesWhatOnlyTheKeptBlocksSaid) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const Story whole = random_story(random);
    Story kept;
    const L1BlockNumber fork{random() % (12 * 32)};
    for (const ScheduleFact& fact : whole.history.facts) {
      if (fact.block_number <= fork) kept.history.facts.push_back(fact);
    }
    ScheduleHistory undone = whole.history;
    EXPECT_EQ(protocol::undo_above(undone, fork),
              whole.history.facts.size() - kept.history.facts.size());
    EXPECT_EQ(undone, kept.history);
    // And the chain that wins: the same facts again give the same schedule.
    for (const ScheduleFact& fact : whole.history.facts) {
      if (fact.block_number <= fork) continue;
      EXPECT_TRUE(protocol::append_fact(undone, fact));
    }
    EXPECT_EQ(spans(undone, 0), spans(whole.history, 0));
  }
}

TEST(LookaheadProperty, PruningChangesNoAnswerAfterTheCutoffWhateverIsUndone) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const Story story = random_story(random);
    const std::uint64_t cutoff = 2 + random() % 8;
    const L1BlockNumber finalized{random() % (12 * 32)};
    ScheduleHistory pruned = story.history;
    protocol::prune(pruned, epoch(cutoff), finalized, test_clock());
    EXPECT_LE(pruned.facts.size(), story.history.facts.size());
    EXPECT_EQ(spans(pruned, cutoff), spans(story.history, cutoff));
    ScheduleHistory undone = story.history;
    const L1BlockNumber fork{finalized.value + random() % 64};
    protocol::undo_above(undone, fork);
    protocol::undo_above(pruned, fork);
    EXPECT_EQ(spans(pruned, cutoff), spans(undone, cutoff));
  }
}

TEST(Whitelist, SelectionOfTheContract) {
  const EpochClock mainnet = protocol::l1_deployment("mainnet")->clock;
  EXPECT_EQ(epoch_of(mainnet, UnixSeconds{1775200019}), UnixSeconds{1775199959});
  EXPECT_EQ(protocol::first_randomness_query(mainnet, UnixSeconds{1775199959}),
            UnixSeconds{1775199203});
  EXPECT_EQ(protocol::first_randomness_query(mainnet, UnixSeconds{700}), UnixSeconds{712});
  std::vector<protocol::WhitelistOperator> operators;
  const auto select = [&operators](const Hash32& root, std::uint64_t at, std::uint64_t latest) {
    return protocol::selected_operator(operators, root, UnixSeconds{at}, UnixSeconds{latest});
  };
  EXPECT_EQ(select({}, 100, 0), std::nullopt);
  for (const std::uint64_t since : {10U, 0U, 50U, 60U, 40U}) {
    operators.push_back({{}, {}, UnixSeconds{since}});
  }
  EXPECT_EQ(select({}, 100, 100), 0U);
  EXPECT_EQ(select(filled<32>(0xff), 100, 100), 0U);  // 2^256 - 1 is a multiple of 5
  EXPECT_EQ(select(U256::from_u64(13).be, 100, 100), 3U);
  // Before everybody is active: 0, 2 and 4 are at time 50.
  EXPECT_EQ(select(U256::from_u64(13).be, 50, 60), 2U);
  EXPECT_EQ(select(U256::from_u64(14).be, 50, 60), 4U);
  EXPECT_EQ(select({}, 9, 60), std::nullopt);
}

TEST(L1Deployment, ClockAndBuiltIns) {
  const auto mainnet = protocol::l1_deployment("mainnet");
  EXPECT_EQ(mainnet->l1_chain_id, 1U);
  EXPECT_EQ(hex(mainnet->inbox), "6f21c543a4af5189ebdb0723827577e1ef57ef1f");
  EXPECT_EQ(protocol::slot_of(mainnet->clock, UnixSeconds{1775200019}), 14031333U);
  EXPECT_EQ(protocol::slot_of(mainnet->clock, UnixSeconds{1606824022}), std::nullopt);
  EXPECT_EQ(protocol::l1_deployment("hoodi")->l1_chain_id, 560048U);
  EXPECT_FALSE(protocol::l1_deployment("devnet").has_value());
  EpochClock clock;
  EXPECT_TRUE(is_usable(clock));
  clock.slot_seconds = 0;
  EXPECT_FALSE(is_usable(clock));
  clock.slot_seconds = ~std::uint64_t{0};
  EXPECT_FALSE(is_usable(clock));
  EXPECT_EQ(epoch_of(test_clock(), UnixSeconds{5}), UnixSeconds{kGenesis});
  EXPECT_FALSE(is_epoch(test_clock(), UnixSeconds{5}));
}

}  // namespace
}  // namespace preconf::core::test
