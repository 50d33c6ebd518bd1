#include "replay/compare/diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/base/hex.hpp"
#include "replay/leaf.hpp"

namespace preconf::replay {
namespace {

constexpr std::size_t kShownMax = 100;

std::string verdict_text(const Item& item) {
  if (!item.is_judged) return {};
  std::string out = core::name_of(item.verdict);
  if (item.reason != core::Reason::kNone) out += std::string(" ") + core::name_of(item.reason);
  return out;
}

/// Does the verdict depend on when the input came, or on how far the node was?
bool rests_on_time(const Item& item) {
  if (!item.is_judged) return true;
  switch (item.verdict) {
    case core::Verdict::kStale:
    case core::Verdict::kEvicted:
    case core::Verdict::kPendingParent:
    case core::Verdict::kPendingSchedule:
      return true;
    default:
      return item.reason == core::Reason::kNoWindow || item.reason == core::Reason::kBeforeSchedule;
  }
}

core::WallNanos time_of(const Item& item) {
  return item.is_judged ? item.decided : item.first_seen;
}

/// How high the head of a node was, over time.
class Heights {
 public:
  explicit Heights(const Ledger& ledger) {
    for (const auto& [number, block] : ledger.blocks) points_.push_back({block.time, number});
    std::ranges::sort(points_, {}, &Point::time);
    for (std::size_t i = 1; i < points_.size(); ++i) {
      points_[i].number = std::max(points_[i].number, points_[i - 1].number);
    }
  }
  [[nodiscard]] core::BlockNumber at(core::WallNanos time) const {
    const auto after = std::ranges::upper_bound(points_, time, {}, &Point::time);
    return after == points_.begin() ? core::BlockNumber{} : std::prev(after)->number;
  }
  /// When, in this life, the node was as high as the other one; none: never.
  [[nodiscard]] std::optional<core::WallNanos> caught_up(const RunSpan& life,
                                                         const Heights& other) const {
    if (at(life.from) >= other.at(life.from)) return life.from;
    auto point = std::ranges::upper_bound(points_, life.from, {}, &Point::time);
    for (; point != points_.end() && point->time <= life.to; ++point) {
      if (point->number >= other.at(point->time)) return point->time;
    }
    return std::nullopt;
  }

 private:
  struct Point {
    core::WallNanos time;
    core::BlockNumber number;
  };
  std::vector<Point> points_;
};

/// When the node ran and was, since its start, once as high as the other one.
RunSpans up_to_date(const Ledger& own, const Ledger& other) {
  const Heights heights(own);
  const Heights others(other);
  return own.runs.from([&](const RunSpan& life) { return heights.caught_up(life, others); });
}

std::optional<Running> running_of(const RunSpans& runs) {
  if (runs.spans().empty()) return std::nullopt;
  return Running{runs.spans().front().from, runs.spans().back().to, runs.spans().size()};
}

DiffSide side_of(const Item& item) {
  return {true, item.is_judged ? item.decided_seq : item.first_seq, item.first_seen,
          verdict_text(item)};
}

core::Hash32 subject_of(const ItemKey& key, const Item& item) {
  return item.subject.is_zero() ? key.hash : item.subject;
}

DiffEntry only(const ItemKey& key, const Item& item, bool is_first) {
  DiffEntry entry{name_of(key.kind),
                  subject_of(key, item),
                  item.number,
                  is_first ? "only_in_1" : "only_in_2",
                  {},
                  {},
                  {}};
  (is_first ? entry.one : entry.two) = side_of(item);
  (is_first ? entry.one : entry.two).seq = item.first_seq;
  return entry;
}

LatencyDelta summary_of(std::vector<std::int64_t>& deltas) {
  LatencyDelta out;
  out.items = deltas.size();
  if (deltas.empty()) return out;
  const auto middle = deltas.begin() + static_cast<std::ptrdiff_t>(deltas.size() / 2);
  std::nth_element(deltas.begin(), middle, deltas.end());
  out.median_ns = *middle;
  out.max_ns = *std::max_element(deltas.begin(), deltas.end(), [](auto a, auto b) {
    return (a < 0 ? -a : a) < (b < 0 ? -b : b);
  });
  return out;
}

class Comparison {
 public:
  Comparison(const Ledger& one, const Ledger& two)
      : one_(one),
        two_(two),
        one_up_to_date_(up_to_date(one, two)),
        two_up_to_date_(up_to_date(two, one)) {}

  DiffReport run() {
    report_.events_1 = one_.events;
    report_.events_2 = two_.events;
    report_.running_1 = running_of(one_.runs);
    report_.running_2 = running_of(two_.runs);
    report_.left_out = one_.items_left_out + two_.items_left_out;
    for (const auto& [key, item] : one_.items) match(key, item);
    for (const auto& [key, item] : two_.items) {
      if (one_.items.contains(key)) continue;
      ++report_.only_in_2[name_of(key.kind)];
    }
    compare_blocks();
    compare_engines();
    for (auto& [kind, deltas] : deltas_) report_.latency[kind] = summary_of(deltas);
    conclude();
    return std::move(report_);
  }

 private:
  void match(const ItemKey& key, const Item& item) {
    const auto other = two_.items.find(key);
    if (other == two_.items.end()) {
      ++report_.only_in_1[name_of(key.kind)];
      return;
    }
    ++report_.in_both;
    deltas_[name_of(key.kind)].push_back(static_cast<std::int64_t>(other->second.first_seen.value) -
                                         static_cast<std::int64_t>(item.first_seen.value));
    const Item& theirs = other->second;
    const bool is_same = item.is_judged == theirs.is_judged && item.verdict == theirs.verdict &&
                         item.reason == theirs.reason;
    if (is_same) return;
    const bool is_excused = (rests_on_time(item) || rests_on_time(theirs)) &&
                            !both_ran_between(time_of(item), time_of(theirs));
    if (!is_excused) ++report_.same_input_other_decision;
    add({name_of(key.kind), subject_of(key, item), item.number, "verdict", cause_of(is_excused),
         side_of(item), side_of(theirs)});
  }

  [[nodiscard]] bool both_ran_between(core::WallNanos a, core::WallNanos b) const {
    const auto [from, to] = std::minmax(a, b);
    return one_up_to_date_.cover(from, to) && two_up_to_date_.cover(from, to);
  }
  static const char* cause_of(bool is_excused) { return is_excused ? "one_not_running" : ""; }

  void compare_blocks() {
    for (const auto& [number, block] : one_.blocks) {
      const auto other = two_.blocks.find(number);
      if (other == two_.blocks.end() || other->second.hash == block.hash) continue;
      const ExecutedAt& theirs = other->second;
      // Whoever had its block first would have had to follow.
      const bool is_excused =
          block.time < theirs.time ? !one_.runs.covers(theirs.time) : !two_.runs.covers(block.time);
      if (!is_excused) ++report_.blocks_different;
      add({"block",
           {},
           number,
           "block",
           cause_of(is_excused),
           {true, block.seq, block.time, core::to_hex0x(block.hash.view())},
           {true, theirs.seq, theirs.time, core::to_hex0x(theirs.hash.view())}});
    }
  }

  void compare_engines() {
    for (const auto& [key, said] : one_.engine) {
      const auto other = two_.engine.find(key);
      if (other == two_.engine.end()) continue;
      ++report_.engine_in_both;
      if (other->second.text == said.text) continue;
      ++report_.engine_different;
      const EngineSaid& theirs = other->second;
      add({name_of(key.kind),
           key.hash,
           said.number,
           "engine",
           {},
           {true, said.seq, said.time, said.text},
           {true, theirs.seq, theirs.time, theirs.text}});
    }
  }

  static bool is_earlier(const DiffEntry& a, const DiffEntry& b) { return a.one.seq < b.one.seq; }

  /// Keeps the earliest ones in the order of log 1.
  void add(DiffEntry entry) {
    const bool is_excused = !entry.cause.empty();
    ++(is_excused ? report_.one_not_running : report_.decisions_different);
    std::vector<DiffEntry>& kept = is_excused ? excused_ : decisions_;
    kept.push_back(std::move(entry));
    if (kept.size() >= 2 * kShownMax) keep_first(kept);
  }
  static void keep_first(std::vector<DiffEntry>& entries) {
    std::sort(entries.begin(), entries.end(), is_earlier);
    entries.resize(std::min(entries.size(), kShownMax));
  }

  void conclude() {
    report_.agree = decisions_.empty();
    keep_first(decisions_);
    keep_first(excused_);
    if (!report_.agree) find_first();
    report_.shown = std::move(decisions_);
    report_.shown.insert(report_.shown.end(), excused_.begin(), excused_.end());
  }

  void find_first() {
    report_.first_decision = decisions_.front();
    const DiffSide one = decisions_.front().one;
    const DiffSide two = decisions_.front().two;
    for (const auto& [key, item] : one_.items) {
      if (item.first_seq < one.seq && !two_.items.contains(key)) offer(only(key, item, true));
    }
    for (const auto& [key, item] : two_.items) {
      if (item.first_seq < two.seq && !one_.items.contains(key)) offer(only(key, item, false));
    }
  }

  void offer(DiffEntry input) {
    const auto time = [](const DiffEntry& entry) {
      return entry.one.present ? entry.one.time : entry.two.time;
    };
    if (!report_.first_input || time(input) < time(*report_.first_input)) {
      report_.first_input = std::move(input);
    }
  }

  const Ledger& one_;
  const Ledger& two_;
  const RunSpans one_up_to_date_;
  const RunSpans two_up_to_date_;
  DiffReport report_;
  std::vector<DiffEntry> decisions_;
  std::vector<DiffEntry> excused_;
  std::map<std::string, std::vector<std::int64_t>> deltas_;
};

std::string text_of(const char* name, const DiffSide& side, const char* when) {
  if (!side.present) return fmt::format("    {}  not there\n", name);
  const std::string time = fmt::format("  {} {}", when, utc_time(side.time));
  return fmt::format("    {}  event {}  {}{}\n", name, side.seq.value, side.verdict, time);
}

std::string text_of(const DiffEntry& entry) {
  std::string out = "  " + entry.kind;
  if (entry.number.value != 0) out += fmt::format(" of block {}", entry.number.value);
  if (!entry.subject.is_zero()) out += " " + core::to_hex0x(entry.subject.view());
  const char* when = entry.how == "block" || entry.how == "engine" ? "at" : "first seen";
  return out + " (" + entry.how + ")\n" + text_of("1", entry.one, when) +
         text_of("2", entry.two, when);
}

std::string running_text(const char* name, const std::optional<Running>& running) {
  if (!running) return fmt::format("running     {}  never\n", name);
  return fmt::format("running     {}  {} to {}{}\n", name, utc_time(running->from),
                     utc_time(running->to),
                     running->lives == 1 ? "" : fmt::format(", {} lives", running->lives));
}

std::string text_of(const std::map<std::string, std::uint64_t>& counts) {
  std::string out;
  for (const auto& [kind, count] : counts) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, kind);
  }
  return out.empty() ? "nothing" : out;
}

}  // namespace

DiffReport compare(const Ledger& one, const Ledger& two) { return Comparison(one, two).run(); }

std::string to_text(const DiffReport& report) {
  std::string out;
  if (report.agree) {
    out += report.one_not_running == 0 ? "the nodes agree: " : "the nodes agree where both ran: ";
    out += "no decision about a common input differs, no executed block, no answer of the engine\n";
  } else {
    out += fmt::format(
        "the nodes DISAGREE: {} decisions differ ({} about the same input, {} "
        "blocks, {} answers of the engine)\nfirst decision that differs\n",
        report.decisions_different, report.same_input_other_decision, report.blocks_different,
        report.engine_different);
    out += text_of(*report.first_decision);
    out += "first input that differs before it\n";
    out += report.first_input ? text_of(*report.first_input)
                              : "  none: the same inputs, perhaps in another order\n";
  }
  if (report.one_not_running > 0) {
    out +=
        fmt::format("one node was down or catching up: {} decisions differ for that; the first\n",
                    report.one_not_running);
    const auto first = std::ranges::find(report.shown, "one_not_running", &DiffEntry::cause);
    if (first != report.shown.end()) out += text_of(*first);
  }
  out += running_text("1", report.running_1) + running_text("2", report.running_2);
  out += fmt::format("events      {} and {}\n", report.events_1, report.events_2);
  out += fmt::format("inputs      {} in both; only in 1: {}; only in 2: {}\n", report.in_both,
                     text_of(report.only_in_1), text_of(report.only_in_2));
  out += fmt::format("engines     {} questions in both, {} answered otherwise\n",
                     report.engine_in_both, report.engine_different);
  for (const auto& [kind, delta] : report.latency) {
    out += fmt::format("first seen  {}: 2 after 1 by {} us (median of {}), {} us at most\n", kind,
                       delta.median_ns / 1000, delta.items, delta.max_ns / 1000);
  }
  if (report.left_out != 0) {
    out += fmt::format("NOT COMPARED: {} inputs above the bound of {}\n", report.left_out,
                       Ledger::kItemsMax);
  }
  return out;
}

}  // namespace preconf::replay
