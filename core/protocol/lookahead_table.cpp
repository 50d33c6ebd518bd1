#include "core/protocol/lookahead_table.hpp"

#include <algorithm>
#include <set>

#include "core/base/assert.hpp"
#include "core/limits.hpp"

namespace preconf::core::protocol {
namespace {

/// Last value set at or before `time`.
template <class Value>
const Value* value_at(const std::map<UnixSeconds, Value>& timeline, UnixSeconds time) {
  const auto after = timeline.upper_bound(time);
  return after == timeline.begin() ? nullptr : &std::prev(after)->second;
}

class Builder {
 public:
  explicit Builder(LookaheadTable& table) : table_(table) {}

  void add(const ScheduleFact& fact) {
    if (const auto* posted = std::get_if<LookaheadFact>(&fact.body)) {
      table_.epochs[posted->posted.epoch] = posted->posted.slots;
      table_.fallback[posted->posted.epoch] = posted->fallback;
    } else if (const auto* changed = std::get_if<BlacklistChanged>(&fact.body)) {
      table_.blacklist[changed->registration_root][changed->since] = changed->is_listed;
    } else if (const auto* selection = std::get_if<SelectionFact>(&fact.body)) {
      table_.fallback[fact.block_time] = selection->current;
      table_.fallback[next_epoch(table_.clock, fact.block_time)] = selection->next;
    } else if (const auto* seen = std::get_if<EpochFact>(&fact.body)) {
      // A lookahead that came before stays; one that comes later takes the place.
      table_.epochs.try_emplace(seen->epoch);
      table_.fallback[fact.block_time] = seen->fallback;
    }
  }

 private:
  LookaheadTable& table_;
};

class Lookup {
 public:
  Lookup(const LookaheadTable& table, FallbackSigner signer) : table_(table), signer_(signer) {}

  [[nodiscard]] Result<SlotInfo, SlotDefect> at(UnixSeconds time) const {
    if (time < table_.clock.genesis) return Unexpected{SlotDefect::kBeforeGenesis};
    const UnixSeconds epoch = epoch_of(table_.clock, time);
    const auto current = table_.epochs.find(epoch);
    if (current == table_.epochs.end()) return Unexpected{SlotDefect::kMissingLookahead};
    const auto& slots = current->second;
    // An epoch without slots is the fallback's as a whole: it never borrows from the next.
    if (slots.empty()) return fallback(epoch, time);
    for (const LookaheadSlot& slot : slots) {
      if (time <= slot.timestamp) return of_slot(slot, time, SlotKind::kLookahead);
    }
    const auto next = table_.epochs.find(next_epoch(table_.clock, epoch));
    if (next != table_.epochs.end() && !next->second.empty()) {
      return of_slot(next->second.front(), time, SlotKind::kCrossEpoch);
    }
    return fallback(epoch, time);
  }

  /// Times after the start of `epoch` and inside it from which on an answer may differ.
  [[nodiscard]] std::set<UnixSeconds> changes_in(UnixSeconds epoch) const {
    std::set<UnixSeconds> out;
    const UnixSeconds end = next_epoch(table_.clock, epoch);
    const auto add = [&out, epoch, end](UnixSeconds time) {
      if (time > epoch && time < end) out.insert(time);
    };
    for (const UnixSeconds of : {epoch, end}) {
      const auto found = table_.epochs.find(of);
      if (found == table_.epochs.end()) continue;
      for (const LookaheadSlot& slot : found->second) {
        add(next(slot.timestamp));
        const auto listed = table_.blacklist.find(slot.registration_root);
        if (listed == table_.blacklist.end()) continue;
        for (const auto& [time, is_listed] : listed->second) add(time);
      }
    }
    for (const auto& [time, who] : table_.fallback) add(time);
    return out;
  }

 private:
  [[nodiscard]] Address fallback_at(UnixSeconds time) const {
    const FallbackOperator* who = value_at(table_.fallback, time);
    // Before the first thing known, the first thing known is the best guess that peers make.
    if (who == nullptr && !table_.fallback.empty()) who = &table_.fallback.begin()->second;
    if (who == nullptr) return {};
    return signer_ == FallbackSigner::kProposer ? who->proposer : who->sequencer;
  }
  [[nodiscard]] SlotInfo fallback(UnixSeconds epoch, UnixSeconds time) const {
    const UnixSeconds last_slot{next_epoch(table_.clock, epoch).value - table_.clock.slot_seconds};
    return SlotInfo{fallback_at(time), last_slot, SlotKind::kFallback};
  }
  [[nodiscard]] SlotInfo of_slot(const LookaheadSlot& slot, UnixSeconds time, SlotKind kind) const {
    const auto listed = table_.blacklist.find(slot.registration_root);
    if (listed != table_.blacklist.end()) {
      const bool* is_listed = value_at(listed->second, time);
      if (is_listed != nullptr && *is_listed) {
        return SlotInfo{fallback_at(time), slot.timestamp, SlotKind::kBlacklisted};
      }
    }
    return SlotInfo{slot.committer, slot.timestamp, kind};
  }

  const LookaheadTable& table_;
  FallbackSigner signer_;
};

/// Do the two answers ask for the same commitment?
bool is_same_window(const SlotInfo& a, const SlotInfo& b) {
  return a.signer == b.signer && a.window_end == b.window_end;
}

void append_span(std::vector<SlotSpan>& spans, const SlotSpan& span) {
  if (!spans.empty() && spans.back().last == span.after &&
      is_same_window(spans.back().info, span.info)) {
    spans.back().last = span.last;
    return;
  }
  spans.push_back(span);
}

}  // namespace

LookaheadTable table_of(const ScheduleHistory& history, const EpochClock& clock) {
  PRECONF_ASSERT(is_usable(clock));
  LookaheadTable table;
  table.clock = clock;
  Builder builder(table);
  for (const ScheduleFact& fact : history.facts) builder.add(fact);
  return table;
}

Result<SlotInfo, SlotDefect> slot_info(const LookaheadTable& table, UnixSeconds time,
                                       FallbackSigner signer) {
  return Lookup(table, signer).at(time);
}

Result<SlotInfo, SlotDefect> slot_info_at(const LookaheadTable& table, UnixSeconds time,
                                          UnixSeconds now, FallbackSigner signer) {
  if (time < table.clock.genesis) return Unexpected{SlotDefect::kBeforeGenesis};
  const UnixSeconds current = epoch_of(table.clock, now);
  const std::uint64_t epoch_seconds = table.clock.epoch_seconds();
  if (time.value < current.value - std::min(current.value, epoch_seconds)) {
    return Unexpected{SlotDefect::kTooOld};
  }
  if (time >= next_epoch(table.clock, now)) return Unexpected{SlotDefect::kTooNew};
  return slot_info(table, time, signer);
}

std::vector<SlotSpan> spans_of(const LookaheadTable& table, UnixSeconds first, UnixSeconds end,
                               FallbackSigner signer) {
  const Lookup lookup(table, signer);
  std::vector<SlotSpan> spans;
  for (auto known = table.epochs.lower_bound(first);
       known != table.epochs.end() && known->first < end; ++known) {
    const UnixSeconds epoch = known->first;
    std::set<UnixSeconds> starts = lookup.changes_in(epoch);
    starts.insert(epoch);
    starts.insert(next_epoch(table.clock, epoch));
    for (auto from = starts.begin(); std::next(from) != starts.end(); ++from) {
      const auto info = lookup.at(*from);
      if (!info) continue;  // before genesis
      const UnixSeconds last{std::next(from)->value - 1};
      const UnixSeconds after{from->value - std::min<std::uint64_t>(from->value, 1)};
      append_span(spans, SlotSpan{after, last, *info});
    }
  }
  return spans;
}

Schedule schedule_of(const std::vector<SlotSpan>& spans, std::uint64_t version) {
  Schedule schedule;
  schedule.version = version;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const SlotSpan& span = spans[i];
    if (span.after >= span.info.window_end) continue;
    // The first window of the next epoch may not be among the spans: nobody contradicts then.
    const bool is_cut =
        span.last < span.info.window_end && i + 1 < spans.size() && spans[i + 1].after == span.last;
    if (is_cut) continue;
    if (schedule.windows.size() == limits::kScheduleWindowsMax) break;
    schedule.windows.push_back(Window{span.after, span.info.window_end, span.info.signer});
  }
  return schedule;
}

const char* name_of(FallbackSigner signer) {
  switch (signer) {
    case FallbackSigner::kProposer:
      return "proposer";
    case FallbackSigner::kSequencer:
      return "sequencer";
  }
  return "unknown";
}

const char* name_of(SlotDefect defect) {
  // clang-format off
  switch (defect) {
    case SlotDefect::kNone: return "none";
    case SlotDefect::kBeforeGenesis: return "before_genesis";
    case SlotDefect::kTooOld: return "too_old";
    case SlotDefect::kTooNew: return "too_new";
    case SlotDefect::kMissingLookahead: return "missing_lookahead";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core::protocol
