#include "replay/position.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

#include "replay/leaf.hpp"
#include "replay/snapshots.hpp"
#include "replay/time_text.hpp"
#include "replay/walker.hpp"

namespace preconf::replay {
namespace {

using core::BlockNumber;
using core::Seq;
using core::Unexpected;
using Resolved = core::Result<Seq, std::string>;

Unexpected<std::string> refuse(std::string why) { return Unexpected{std::move(why)}; }

Unexpected<std::string> refuse(const storage::StorageFailure& failure) {
  return refuse(
      fmt::format("the log can not be read at event {}: {}", failure.seq.value, failure.detail));
}

/// Events that are there: (first - 1, last].
struct Span {
  Seq base;
  Seq end;
};

std::string text_of(const Span& span) {
  if (span.base == span.end) return "the log is empty";
  return fmt::format("the log has events {} to {}", span.base.value + 1, span.end.value);
}

std::optional<std::uint64_t> number_from(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct Stamped {
  Seq seq;
  core::WallNanos wall;
};

/// The event at `seq`, or the first one after it when it was lost.
core::Result<Stamped, std::string> stamp_from(const History& history, Seq seq) {
  const auto read = history.events->read(seq)->next();
  if (!read) return refuse(read.error());
  if (!read->has_value()) return refuse(fmt::format("event {} is missing", seq.value));
  return Stamped{(**read).event.seq, (**read).event.wall};
}

/// The last event stamped at or before `time`.
Resolved event_at(const History& history, const Span& span, core::WallNanos time) {
  // Before `low` all stamps are at or before `time`, from `high` on they are after it.
  std::uint64_t low = span.base.value + 1;
  std::uint64_t high = span.end.value + 1;
  Seq found;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto stamp = stamp_from(history, Seq{middle});
    if (!stamp) return refuse(stamp.error());
    if (stamp->wall <= time) {
      found = stamp->seq;
      low = found.value + 1;
    } else {
      high = middle;
    }
  }
  if (found.value != 0) return found;
  const auto first = stamp_from(history, Seq{low});
  return refuse(fmt::format("no event at or before {}: the first one is of {}", utc_time(time),
                            first ? utc_time(first->wall) : "an unknown time"));
}

/// Finds when a height was the executed head for the first time.
class BlockSearch {
 public:
  BlockSearch(const History& history, const Span& span, BlockNumber number)
      : history_(history), span_(span), number_(number) {
    for (const Seq seq : history.snapshots->list()) {
      if (seq > span.base && seq < span.end) snapshots_.push_back(seq);
    }
  }

  Resolved find() {
    std::size_t at = first_interesting_snapshot();
    Mark before = at == 0 ? Mark{} : mark_at(at - 1).value_or(Mark{});
    for (; at < snapshots_.size(); ++at) {
      const auto mark = mark_at(at);
      if (!mark) continue;  // an unusable snapshot: its interval joins the next one
      if (may_lie_between(before, *mark)) {
        auto found = fold(before.seq, mark->seq);
        if (!found) return refuse(found.error());
        if (*found) return **found;
      }
      before = *mark;
    }
    auto found = fold(before.seq, span_.end);
    if (!found) return refuse(found.error());
    if (*found) return **found;
    return refuse(fmt::format("block {} was never the executed head up to event {}", number_.value,
                              span_.end.value));
  }

 private:
  /// What a state tells about the past of the head: it rises but where it was moved back.
  struct Mark {
    Seq seq;
    std::optional<BlockNumber> head;
    std::uint64_t moved_back = 0;
  };

  static Mark mark_of(const core::State& state) {
    Mark mark{state.last_seq, std::nullopt, 0};
    if (state.heads.unsafe) mark.head = state.heads.unsafe->number;
    const auto key = core::counter_key(core::Verdict::kHeadAdopted, core::Reason::kEngineOlderHead);
    const auto counted = state.counters.find(key);
    if (counted != state.counters.end()) mark.moved_back = counted->second;
    return mark;
  }

  [[nodiscard]] std::optional<Mark> mark_at(std::size_t index) const {
    const auto state = load_state(*history_.events, *history_.snapshots, snapshots_[index]);
    return state ? std::optional(mark_of(**state)) : std::nullopt;
  }

  [[nodiscard]] bool may_lie_between(const Mark& before, const Mark& after) const {
    if (before.moved_back != after.moved_back) return true;
    const bool was_below = !before.head || *before.head < number_;
    return was_below && after.head && *after.head >= number_;
  }

  /// The first snapshot after which the height may have been reached; as long as the head was never
  /// moved back it only rises, which bisection needs.
  [[nodiscard]] std::size_t first_interesting_snapshot() const {
    std::size_t low = 0;
    std::size_t high = snapshots_.size();
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      const auto mark = mark_at(middle);
      if (!mark) return low;  // from here on one after the other
      if (may_lie_between(Mark{}, *mark)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  [[nodiscard]] core::Result<std::optional<Seq>, std::string> fold(Seq after, Seq until) const {
    auto walker = Walker::start(history_, std::max(after, span_.base));
    if (!walker) return refuse(walker.error());
    while (walker->seq() < until) {
      const auto more = walker->next();
      if (!more) return refuse(more.error());
      if (!*more) break;
      const auto& head = walker->state().heads.unsafe;
      if (head && head->number == number_) return std::optional(walker->seq());
    }
    return std::optional<Seq>();
  }

  const History& history_;
  const Span span_;
  const BlockNumber number_;
  std::vector<Seq> snapshots_;
};

Resolved event_before_head(const Span& span, std::string_view text) {
  if (text.empty()) return span.end;
  const auto back = text.front() == '~' ? number_from(text.substr(1)) : std::nullopt;
  if (!back) return refuse("after head comes ~ and a number of events, as in head~100");
  if (*back >= span.end.value - span.base.value) {
    return refuse(
        fmt::format("there are no {} events before the last one: {}", *back, text_of(span)));
  }
  return Seq{span.end.value - *back};
}

Resolved event_numbered(const Span& span, std::string_view text) {
  const auto number = number_from(text);
  if (!number) {
    std::string quoted;
    append_quoted(quoted, text.substr(0, 80));
    return refuse(quoted +
                  " is no position: use a sequence number, @TIME, block:N, head or head~N");
  }
  if (*number <= span.base.value || *number > span.end.value) {
    return refuse(fmt::format("no event {}: {}", *number, text_of(span)));
  }
  return Seq{*number};
}

/// A log that lost events tells so in a gap; nobody can stand in one.
Resolved outside_of_gaps(const History& history, Resolved seq) {
  if (!seq || !is_lost(history, *seq)) return seq;
  return refuse(fmt::format("event {} was lost: the log has a gap there", seq->value));
}

}  // namespace

bool is_lost(const History& history, Seq seq) {
  const bool is_inside = seq > history.events->base().seq && seq <= history.events->end().seq;
  return is_inside && !history.events->chain_at(seq);
}

std::optional<Seq> numbered_position(const History& history, const std::string& text) {
  const std::string_view view = text;
  if (!view.starts_with("head")) {
    const auto number = number_from(view);
    return number ? std::optional(Seq{*number}) : std::nullopt;
  }
  const Span span{history.events->base().seq, history.events->end().seq};
  const auto seq = event_before_head(span, view.substr(4));
  return seq ? std::optional(*seq) : std::nullopt;
}

core::Result<Seq, std::string> resolve_position(const History& history, const std::string& text) {
  const Span span{history.events->base().seq, history.events->end().seq};
  if (span.base == span.end) return refuse(text_of(span));
  const std::string_view view = text;
  if (view.starts_with("@")) {
    const auto time = time_from(view.substr(1));
    if (!time) {
      return refuse("after @ comes a time: seconds since 1970, or as in @2026-08-12T06:00:00Z");
    }
    return event_at(history, span, *time);
  }
  if (view.starts_with("block:")) {
    const auto number = number_from(view.substr(6));
    if (!number) return refuse("after block: comes an L2 block number");
    return BlockSearch(history, span, BlockNumber{*number}).find();
  }
  if (view.starts_with("head"))
    return outside_of_gaps(history, event_before_head(span, view.substr(4)));
  return outside_of_gaps(history, event_numbered(span, view));
}

}  // namespace preconf::replay
