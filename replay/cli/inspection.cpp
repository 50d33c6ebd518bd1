#include "replay/cli/inspection.hpp"

#include <algorithm>
#include <ostream>

#include "replay/leaf.hpp"
#include "replay/position.hpp"
#include "replay/progress.hpp"
#include "replay/report.hpp"
#include "storage/storage_error.hpp"

namespace preconf::replay {

using core::Seq;

void Inspection::fail(const std::string& message, ExitCode code) {
  streams_.err << "preconf " << tool_ << ": " << message << '\n';
  code_ = code;
}

void Inspection::fail(const storage::StorageFailure& failure) {
  std::string message = storage::name_of(failure.code);
  if (failure.seq.value != 0) message += " at event " + std::to_string(failure.seq.value);
  message += ": ";
  append_quoted(message, failure.detail);
  fail(message, static_cast<ExitCode>(result_of(failure)));
}

bool Inspection::open(const std::string& path) {
  auto history = open_history(path);
  if (!history) {
    fail(history.error());
    return false;
  }
  history_ = std::move(history).value();
  last_ = history_->events->end().seq;
  if (last_ >= first()) return true;
  fail("the log is empty");
  return false;
}

std::optional<Seq> Inspection::position(const std::optional<std::string>& text, Seq otherwise) {
  if (!text) return otherwise;
  const auto seq = resolve_position(*history_, *text);
  if (seq) return *seq;
  fail(seq.error());
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
    fail(walker.error());
    return std::nullopt;
  }
  if (!fold(*walker, seq, [](const Walker&) { return true; })) return std::nullopt;
  if (walker->seq() == seq) return std::move(walker).value();
  const bool is_in_gap = walker->seq() > seq;
  fail({storage::StorageError::kDamaged, seq,
        is_in_gap ? "the event was lost: the log has a gap there" : "the log ends early"});
  return std::nullopt;
}

bool Inspection::fold(Walker& walker, Seq until, const Visit& visit) {
  constexpr std::uint64_t kProgressEvery = 4'096;
  const Seq start = walker.seq();
  ProgressLine progress(streams_.err, streams_.err_is_terminal && !is_quiet_);
  while (walker.seq() < until) {
    const auto more = walker.next();
    if (!more) {
      progress.clear();
      fail(more.error());
      return false;
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
