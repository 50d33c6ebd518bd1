#include "replay/cli/inspection.hpp"

#include <algorithm>
#include <ostream>

#include "replay/first_state.hpp"
#include "replay/leaf.hpp"
#include "replay/position.hpp"
#include "replay/progress.hpp"
#include "replay/report.hpp"
#include "storage/storage_error.hpp"

namespace preconf::replay {

using core::Seq;

namespace {

std::string text_of(const storage::StorageFailure& failure) {
  std::string text = storage::name_of(failure.code);
  if (failure.seq.value != 0) text += " at event " + std::to_string(failure.seq.value);
  text += ": ";
  append_quoted(text, failure.detail);
  return text;
}

bool is_damage(const storage::StorageFailure& failure) {
  return result_of(failure) == ReplayResult::kDamaged;
}

}  // namespace

void Inspection::say(const std::string& message) {
  streams_.err << "preconf " << tool_ << ": " << message << '\n';
}

void Inspection::fail(const std::string& message, ExitCode code) {
  say(message);
  if (code_ != ExitCode::kDamaged) code_ = code;
}

void Inspection::fail(const storage::StorageFailure& failure) {
  fail(text_of(failure), static_cast<ExitCode>(result_of(failure)));
}

bool Inspection::open(const std::string& path, Needs needs) {
  auto history = open_readable(path);
  if (!history) {
    fail(history.error());
    return false;
  }
  history_ = std::move(history).value();
  last_ = history_->events->end().seq;
  if (last_ < first()) {
    const bool was_lost = history_->loss.has_value();
    was_lost ? fail(history_->loss->why) : fail("the log is empty");
    return false;
  }
  if (history_->loss) tell_loss();
  const bool can_fold = find_first_known();
  if (needs == Needs::kStates) return can_fold;
  missing_.reset();
  return true;
}

bool Inspection::find_first_known() {
  first_known_ = first();
  auto state = first_state(*history_);
  if (!state) {
    fail(state.error());
    return false;
  }
  first_known_ = core::next(state->state->last_seq);
  missing_ = std::move(state->missing);
  if (missing_) fail(*missing_);
  return true;
}

void Inspection::tell_loss() {
  const Loss& loss = *history_->loss;
  code_ = ExitCode::kDamaged;
  say("THE LOG IS NOT WHOLE: " + text_of(loss.why));
  std::string rest = "events up to " + std::to_string(last_.value) + " can be read";
  if (loss.witnessed > last_) {
    rest += "; " + std::to_string(last_.value + 1) + ".." + std::to_string(loss.witnessed.value) +
            " and what may have followed are lost";
  }
  say(rest);
}

bool Inspection::note_failure(Seq last, const storage::StorageFailure& why) {
  if (!is_damage(why) || last < first()) {
    fail(why);
    return false;
  }
  last_ = std::min(last_, last);
  end_after(*history_, last_, why);
  tell_loss();
  return true;
}

bool Inspection::retreat(const storage::StorageFailure& failure) {
  const Seq before{failure.seq.value == 0 ? 0 : failure.seq.value - 1};
  const bool leaves_enough = before >= first() && before < last_ && before >= wanted_;
  return is_damage(failure) && leaves_enough && note_failure(before, failure);
}

bool Inspection::has_retreated(const storage::StorageFailure& failure) {
  if (retreat(failure)) return true;
  fail(failure);
  return false;
}

std::optional<Seq> Inspection::position(const std::optional<std::string>& text, Seq otherwise) {
  if (!text) return otherwise;
  const auto seq = resolve_position(*history_, *text);
  if (seq && missing_ && *seq < first_known_) {
    fail("event " + std::to_string(seq->value) + " lies before the first known state",
         ExitCode::kDamaged);
    return std::nullopt;
  }
  if (seq) {
    wanted_ = std::max(wanted_, *seq);
    return *seq;
  }
  const auto named = numbered_position(*history_, *text);
  const bool was_lost = named && is_lost(*history_, *named);
  fail(seq.error(), was_lost ? ExitCode::kDamaged : ExitCode::kFailed);
  return std::nullopt;
}

std::optional<EventRange> Inspection::range(const std::optional<std::string>& from,
                                            const std::optional<std::string>& to) {
  const auto low = position(from, first());
  if (!low) return std::nullopt;
  const auto high = position(to, last_);
  if (!high) return std::nullopt;
  if (*low <= *high) return EventRange{*low, *high};
  fail("the range is empty: it begins at event " + std::to_string(low->value) +
       ", behind its end, event " + std::to_string(high->value));
  return std::nullopt;
}

std::optional<Walker> Inspection::stand_at(const std::optional<std::string>& text) {
  const auto seq = position(text, last_);
  if (!seq) return std::nullopt;
  auto walker = stand_after(*seq);
  // Damage on the way has brought last() nearer.
  if (walker || text || last_ >= *seq) return walker;
  return stand_after(last_);
}

std::optional<Walker> Inspection::stand_before(Seq seq) {
  if (seq > first_known_) return stand_after(Seq{seq.value - 1});
  auto walker = walk_from_start(*history_);
  if (walker) return std::move(walker).value();
  fail(walker.error());
  return std::nullopt;
}

std::optional<Walker> Inspection::stand_after(Seq seq) {
  // From the nearest snapshot on the walk is done here, where progress can be shown.
  Seq start = history_->events->base().seq;
  const std::vector<Seq> snapshots = history_->snapshots->list();
  const auto above = std::upper_bound(snapshots.begin(), snapshots.end(), seq);
  if (above != snapshots.begin()) start = std::max(start, *std::prev(above));
  auto walker = Walker::start(*history_, start);
  if (!walker) {
    if (!retreat(walker.error())) fail(walker.error());
    return std::nullopt;
  }
  if (!fold(*walker, seq, [](const Walker&) { return true; })) return std::nullopt;
  if (walker->seq() == seq) return std::move(walker).value();
  if (last_ < seq) return std::nullopt;  // told
  const bool is_in_gap = walker->seq() > seq;
  fail({storage::StorageError::kDamaged, seq,
        is_in_gap ? "the event was lost: the log has a gap there" : "the log ends early"});
  return std::nullopt;
}

bool Inspection::fold(Walker& walker, Seq until, const Visit& visit) {
  constexpr std::uint64_t kProgressEvery = 4'096;
  const Seq start = walker.seq();
  ProgressLine progress(*streams_.terminal, streams_.err_is_terminal && !is_quiet_);
  while (walker.seq() < until) {
    const auto more = walker.next();
    if (!more) {
      progress.clear();
      return note_failure(walker.seq(), more.error());
    }
    if (!*more || !visit(walker)) break;
    if (walker.seq().value % kProgressEvery == 0) {
      progress.show(walker.seq().value - start.value, until.value - start.value);
    }
  }
  progress.clear();
  return true;
}

std::optional<core::WallNanos> Inspection::time_of(Seq seq) {
  const auto read = history_->events->read(seq)->next();
  if (!read) {
    fail(read.error());
    return std::nullopt;
  }
  if (!read->has_value() || (**read).event.seq != seq) {
    fail({storage::StorageError::kDamaged, seq, "the event is missing"});
    return std::nullopt;
  }
  return (**read).event.wall;
}

}  // namespace preconf::replay
