// Logs that make the schedule, and histories of them. The first byte chooses: one log (as
// fuzz_proposed), or a history, where each fact takes a few bytes.
#include <algorithm>
#include <vector>

#include "core/base/assert.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/lookahead_table.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::core;  // NOLINT: one translation unit

namespace {

using protocol::EpochClock;
using protocol::ScheduleHistory;

constexpr std::uint64_t kGenesis = 1000;
constexpr std::uint64_t kEpochs = 6;
const EpochClock kClock{UnixSeconds{kGenesis}};

void check_log(unsigned choice, BytesView rest) {
  constexpr std::size_t kIndexed[] = {1, 1, 2};
  const Hash32 kTopics[] = {protocol::kLookaheadPostedTopic, protocol::kBlacklistedTopic,
                            protocol::kOperatorAddedTopic};
  std::vector<Hash32> topics{kTopics[choice]};
  for (std::size_t i = 0; i < kIndexed[choice] && rest.size() >= Hash32::kSize; ++i) {
    topics.push_back(Hash32::from(rest));
    rest = rest.subspan(Hash32::kSize);
  }
  if (const auto read = protocol::read_lookahead_posted(topics, rest, kClock)) {
    PRECONF_ASSERT(read->slots.size() <= limits::kLookaheadSlotsMax);
    const auto again = protocol::encode_lookahead_posted(*read);
    PRECONF_ASSERT(again.topics == topics && std::ranges::equal(again.data, rest));
  }
  if (const auto read = protocol::read_blacklist_changed(topics, rest)) {
    const auto again = protocol::encode_blacklist_changed(*read);
    PRECONF_ASSERT(again.topics == topics && std::ranges::equal(again.data, rest));
  }
  static_cast<void>(protocol::read_operator_changed(topics, rest).has_value());
}

protocol::FallbackOperator operator_of(unsigned name) {
  protocol::FallbackOperator out;
  out.proposer.bytes.fill(static_cast<std::uint8_t>(name % 4));
  return out;
}

/// Three bytes: kind and name, epoch and L1 slot, slots of a lookahead.
protocol::ScheduleFact fact_of(BytesView three, L1BlockNumber number) {
  protocol::ScheduleFact fact;
  fact.block_number = number;
  const std::uint64_t epoch = kGenesis + 384 * (three[1] / 32U % kEpochs);
  fact.block_time = UnixSeconds{epoch + 12 * (three[1] % 32U)};
  const unsigned name = three[0] / 4U;
  switch (three[0] % 4) {
    case 0: {
      protocol::LookaheadFact posted{{UnixSeconds{epoch}, {}, {}}, operator_of(name)};
      for (std::uint64_t i = three[2] % 33; i < 32; i += 1 + three[2] / 33U) {
        protocol::LookaheadSlot slot;
        slot.committer = operator_of(static_cast<unsigned>(i) + name).proposer;
        slot.registration_root.bytes.fill(slot.committer.bytes[0]);
        slot.timestamp = UnixSeconds{epoch + 12 * i};
        posted.posted.slots.push_back(slot);
      }
      fact.body = posted;
      break;
    }
    case 1: {
      protocol::BlacklistChanged changed;
      changed.registration_root.bytes.fill(static_cast<std::uint8_t>(name % 4));
      changed.since = UnixSeconds{fact.block_time.value + three[2]};
      changed.is_listed = name % 8 < 5;
      fact.body = changed;
      break;
    }
    case 2:
      fact.body = protocol::SelectionFact{operator_of(name), operator_of(three[2])};
      break;
    default:
      fact.body = protocol::EpochFact{UnixSeconds{epoch}, operator_of(name)};
  }
  return fact;
}

std::vector<protocol::SlotSpan> spans(const ScheduleHistory& history, UnixSeconds first) {
  return protocol::spans_of(protocol::table_of(history, kClock), first,
                            UnixSeconds{kGenesis + 384 * kEpochs},
                            protocol::FallbackSigner::kProposer);
}

void check_history(BytesView rest) {
  ScheduleHistory history;
  std::uint64_t number = 0;
  for (; rest.size() >= 3 && number < limits::kLookaheadFactsMax; rest = rest.subspan(3)) {
    PRECONF_ASSERT(protocol::append_fact(history, fact_of(rest, L1BlockNumber{number++})));
  }
  const auto all = spans(history, UnixSeconds{kGenesis});
  const auto table = protocol::table_of(history, kClock);
  for (const auto& span : all) {
    for (const UnixSeconds time : {next(span.after), span.last}) {
      const auto info = protocol::slot_info(table, time, protocol::FallbackSigner::kProposer);
      PRECONF_ASSERT(info && info->signer == span.info.signer);
      PRECONF_ASSERT(info->window_end == span.info.window_end);
    }
  }
  const auto schedule = protocol::schedule_of(all, 1);
  PRECONF_ASSERT(protocol::check_schedule(schedule) == protocol::ScheduleDefect::kNone);

  const UnixSeconds cutoff{kGenesis + 384 * (number % kEpochs)};
  const L1BlockNumber finalized{number / 2};
  ScheduleHistory pruned = history;
  protocol::prune(pruned, cutoff, finalized, kClock);
  PRECONF_ASSERT(spans(pruned, cutoff) == spans(history, cutoff));
  protocol::undo_above(history, L1BlockNumber{number * 3 / 4});
  protocol::undo_above(pruned, L1BlockNumber{number * 3 / 4});
  PRECONF_ASSERT(spans(pruned, cutoff) == spans(history, cutoff));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView rest = BytesView(data, size).subspan(1);
  if (data[0] % 4 < 3) {
    check_log(data[0] % 4, rest);
  } else {
    check_history(rest.first(std::min<std::size_t>(rest.size(), 180)));
  }
  return 0;
}
