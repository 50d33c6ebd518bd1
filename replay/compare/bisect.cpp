#include "replay/compare/bisect.hpp"

#include <fmt/format.h>

#include "core/base/hex.hpp"
#include "replay/leaf.hpp"
#include "replay/log_tools.hpp"
#include "replay/snapshots.hpp"
#include "replay/walker.hpp"
#include "replay/why/causes.hpp"

namespace preconf::replay {
namespace {

using core::Seq;
using core::Unexpected;

constexpr std::size_t kDeltaShownMax = 32;

Unexpected<BisectFailure> fail(const storage::StorageFailure& failure) {
  return {BisectFailure{failure.detail, failure}};
}
Unexpected<BisectFailure> fail(std::string message) {
  return {BisectFailure{std::move(message), std::nullopt}};
}

Seq before(Seq seq) { return Seq{seq.value == 0 ? 0 : seq.value - 1}; }

/// Describes event `seq` by folding it once more.
std::optional<storage::StorageFailure> describe(const History& history, Seq seq,
                                                BisectReport& report) {
  auto walker = Walker::start(history, before(seq));
  if (!walker) return walker.error();
  const auto state = std::make_unique<core::State>(walker->state());
  const auto more = walker->next();
  if (!more) return more.error();
  if (!*more) return std::nullopt;
  const core::Event& event = walker->event();
  report.found = true;
  report.seq = event.seq;
  report.time = event.wall;
  report.kind = core::name_of(core::kind_of(event.body));
  report.summary = summary_of(event.body);
  for (const core::Decision& decision : walker->outcome().decisions) {
    report.decisions.push_back(phrase_of(decision));
  }
  Changes changes = changes_between(field_of(*state), field_of(walker->state()), kDeltaShownMax);
  report.delta = std::move(changes.shown);
  report.delta_total = changes.total;
  return std::nullopt;
}

/// A snapshot that can be asked.
struct Anchor {
  Seq seq;
  bool holds = false;
};

/// The last snapshot in range at which `predicate` does not hold, assuming it stays true.
core::Result<std::optional<Anchor>, std::string> last_false(const History& history,
                                                            const Predicate& predicate,
                                                            BisectRange range,
                                                            BisectReport& report) {
  std::vector<Seq> seqs;
  for (const Seq seq : history.snapshots->list()) {
    if (seq >= range.from && seq <= range.to) seqs.push_back(seq);
  }
  std::optional<Anchor> found;
  std::size_t low = 0;
  std::size_t high = seqs.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const auto state = load_state(*history.events, *history.snapshots, seqs[middle]);
    if (!state) {
      // Unusable: it only costs time.
      seqs.erase(seqs.begin() + static_cast<std::ptrdiff_t>(middle));
      --high;
      continue;
    }
    ++report.probes;
    const auto holds = predicate.holds(&**state, core::Event{});
    if (!holds) return Unexpected{holds.error()};
    if (*holds) {
      high = middle;
    } else {
      found = Anchor{seqs[middle], false};
      low = middle + 1;
    }
  }
  return found;
}

}  // namespace

BisectResult bisect_predicate(const History& history, const Predicate& predicate, BisectRange range,
                              bool linear, const BisectProgress& progress) {
  constexpr std::uint64_t kProgressEvery = 4'096;
  BisectReport report;
  const bool every_event = linear || predicate.uses_event();
  Seq start = before(range.from);
  if (!every_event) {
    const auto anchor = last_false(history, predicate, range, report);
    if (!anchor) return fail(anchor.error());
    if (*anchor) start = (*anchor)->seq;
  }
  auto walker = Walker::start(history, start);
  if (!walker) return fail(walker.error());
  const bool is_at_begin = !every_event && start == before(range.from) && start.value != 0;
  if (is_at_begin) {
    ++report.probes;
    const auto holds = predicate.holds(&walker->state(), core::Event{});
    if (!holds) return fail(holds.error());
    if (*holds) {
      report.message = fmt::format("it holds already before event {}", range.from.value);
      return report;
    }
  }
  while (walker->seq() < range.to) {
    const auto more = walker->next();
    if (!more) return fail(more.error());
    if (!*more) break;
    ++report.events_folded;
    if (walker->seq().value % kProgressEvery == 0 && progress) progress(walker->seq());
    const auto holds = predicate.holds(&walker->state(), walker->event());
    if (!holds) return fail(holds.error());
    if (!*holds) continue;
    if (const auto failure = describe(history, walker->seq(), report)) return fail(*failure);
    report.message = fmt::format(
        "it holds after event {} for the first time{}", walker->seq().value,
        every_event ? "" : " (assuming that it stays true; --linear looks at every event)");
    return report;
  }
  report.message =
      fmt::format("it does not hold after any event that was looked at up to {}{}", range.to.value,
                  every_event ? "" : " (--linear looks at every event)");
  return report;
}

namespace {

/// First seq in range whose chains differ; none when the shorter one is a part of the other.
std::optional<Seq> first_other_chain(const History& ours, const History& theirs, BisectRange range,
                                     BisectReport& report) {
  const auto equal = [&](Seq seq) {
    ++report.probes;
    return ours.events->chain_at(seq) == theirs.events->chain_at(seq);
  };
  if (range.from > range.to || equal(range.to)) return std::nullopt;
  Seq low = range.from;
  Seq high = range.to;
  while (low < high) {
    const Seq middle{low.value + (high.value - low.value) / 2};
    if (equal(middle)) {
      low = core::next(middle);
    } else {
      high = middle;
    }
  }
  return low;
}

std::string text_of(const std::optional<core::Hash32>& hash) {
  return hash ? core::to_hex0x(hash->view()) : std::string("none");
}

}  // namespace

BisectResult bisect_logs(const History& ours, const History& theirs, BisectRange range,
                         const BisectProgress& progress) {
  constexpr std::uint64_t kProgressEvery = 4'096;
  BisectReport report;
  const Seq base = std::max(ours.events->base().seq, theirs.events->base().seq);
  range.from = std::max(range.from, core::next(base));
  range.to = std::min({range.to, ours.events->end().seq, theirs.events->end().seq});
  const auto parted = first_other_chain(ours, theirs, range, report);
  const Seq same_until = parted ? before(*parted) : range.to;
  const auto mine = ours.events->read(range.from);
  const auto other = theirs.events->read(range.from);
  storage::LoggedEvent left;
  storage::LoggedEvent right;
  for (;;) {
    const auto more = mine->next_into(left);
    if (!more) return fail(more.error());
    if (!*more || left.event.seq > same_until) break;
    const auto more_other = other->next_into(right);
    if (!more_other) return fail(more_other.error());
    if (!*more_other) break;
    ++report.events_folded;
    if (left.event.seq.value % kProgressEvery == 0 && progress) progress(left.event.seq);
    const bool both = left.effects_digest && right.effects_digest;
    if (!both || *left.effects_digest == *right.effects_digest) continue;
    if (const auto failure = describe(ours, left.event.seq, report)) return fail(*failure);
    report.ours = text_of(left.effects_digest);
    report.theirs = text_of(right.effects_digest);
    report.message =
        fmt::format("same events up to here, but event {} caused other effects (digests differ)",
                    left.event.seq.value);
    return report;
  }
  if (!parted) {
    report.message =
        fmt::format("no difference in events {}..{}", range.from.value, range.to.value);
    return report;
  }
  if (const auto failure = describe(ours, *parted, report)) return fail(*failure);
  report.ours = text_of(ours.events->chain_at(*parted));
  report.theirs = text_of(theirs.events->chain_at(*parted));
  report.message = fmt::format("the events themselves differ from event {} on", parted->value);
  return report;
}

BisectResult bisect_program(const History& history, const StateHashOf& other, BisectRange range,
                            const BisectProgress& progress) {
  BisectReport report;
  std::optional<storage::StorageFailure> failure;
  std::string trouble;
  core::Hash32 ours;
  core::Hash32 theirs;
  const auto equal = [&](Seq seq) {
    ++report.probes;
    if (progress) progress(seq);
    const auto state = state_after(*history.events, *history.snapshots, seq);
    if (!state) {
      failure = state.error();
      return false;
    }
    const auto hash = other(seq);
    if (!hash) {
      trouble = hash.error();
      return false;
    }
    const core::Hash32 mine = core::state_hash(**state);
    if (mine == *hash) return true;
    ours = mine;
    theirs = *hash;
    return false;
  };
  const auto has_failed = [&] { return failure || !trouble.empty(); };
  const auto failed = [&]() -> BisectResult {
    if (failure) return fail(*failure);
    return fail(trouble);
  };
  const bool is_same = equal(range.to);
  if (has_failed()) return failed();
  if (is_same) {
    report.message = fmt::format("the state hashes after event {} are equal", range.to.value);
    return report;
  }
  Seq low = range.from;
  Seq high = range.to;
  while (low < high) {
    const Seq middle{low.value + (high.value - low.value) / 2};
    const bool is_equal = equal(middle);
    if (has_failed()) return failed();
    if (is_equal) {
      low = core::next(middle);
    } else {
      high = middle;
    }
  }
  if (const auto error = describe(history, low, report)) return fail(*error);
  report.ours = core::to_hex0x(ours.view());
  report.theirs = core::to_hex0x(theirs.view());
  report.message = fmt::format(
      "state hashes differ after event {} for the first time (assuming that they stay different)",
      low.value);
  return report;
}

std::string to_text(const BisectReport& report) {
  std::string out = report.message + "\n";
  if (report.seq) {
    out += fmt::format("event {}  {}  {}\n  {}\n", report.seq->value,
                       report.time ? utc_time(*report.time) : "", report.kind, report.summary);
  }
  for (const std::string& decision : report.decisions) out += "  => " + decision + "\n";
  for (const Change& change : report.delta) {
    out += fmt::format("  {}: {} -> {}\n", change.path, change.before, change.after);
  }
  if (report.delta_total > report.delta.size()) {
    out += fmt::format("  ... {} changes in all\n", report.delta_total);
  }
  if (!report.ours.empty()) {
    out += fmt::format("  ours   {}\n  theirs {}\n", report.ours, report.theirs);
  }
  return out +
         fmt::format("{} probes, {} events folded or read\n", report.probes, report.events_folded);
}

}  // namespace preconf::replay
