#include <fmt/format.h>

#include <ostream>

#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/history.hpp"
#include "replay/json_printer.hpp"
#include "replay/line_printer.hpp"
#include "replay/log_tools.hpp"
#include "replay/report.hpp"
#include "replay/snapshots.hpp"
#include "replay/why/causes.hpp"
#include "storage/event_source.hpp"

namespace preconf::replay {
namespace {

/// An event with its place in the log and what it caused.
struct Shown {
  core::Event event;
  core::Hash32 chain;
  std::optional<core::Hash32> recorded_digest;
  std::optional<core::Hash32> recomputed_digest;  ///< none with --raw
  std::optional<core::Outcome> outcome;           ///< none with --raw
  std::vector<std::vector<Operand>> operands;     ///< of each decision, by name
  PRECONF_FIELDS(Shown, event, chain, recorded_digest, recomputed_digest, outcome, operands);
};

int fail(std::ostream& err, const storage::StorageFailure& failure) {
  err << "preconf log show: " << storage::name_of(failure.code) << " at event " << failure.seq.value
      << ": " << failure.detail << '\n';
  return static_cast<int>(result_of(failure));
}

/// What the event caused, by folding everything before it.
std::optional<storage::StorageFailure> reduce_into(const storage::EventSource& log,
                                                   const storage::SnapshotSource& store,
                                                   Shown& shown) {
  const core::Seq seq = shown.event.seq;
  auto state = state_after(log, store, core::Seq{seq.value - 1});
  if (!state) return state.error();
  if (auto failure = refuse(**state, shown.event)) return failure;
  core::reduce(**state, shown.event, shown.outcome.emplace());
  shown.recomputed_digest = core::effects_digest(*shown.outcome);
  for (const core::Decision& decision : shown.outcome->decisions) {
    shown.operands.push_back(operands_of(decision));
  }
  return std::nullopt;
}

std::string text_of(const Shown& shown) {
  const core::Event& event = shown.event;
  std::string out = fmt::format("event {}  {}  {}\n", event.seq.value, utc_time(event.wall),
                                core::name_of(core::kind_of(event.body)));
  out += summary_of(event.body) + "\n\n" + to_lines(event, 2);
  LinePrinter printer(out, 2);
  printer.put("chain", shown.chain);
  printer.put("effects_digest", shown.recorded_digest);
  if (!shown.outcome) return out;
  if (shown.recorded_digest && *shown.recorded_digest != *shown.recomputed_digest) {
    out += "\nDIVERGENCE: this program causes other effects than were recorded\n";
    printer.put("recomputed_digest", *shown.recomputed_digest);
  }
  out += fmt::format("\ncaused {} commands and {} decisions\n", shown.outcome->commands.size(),
                     shown.outcome->decisions.size());
  for (const core::Decision& decision : shown.outcome->decisions) {
    out += "  => " + phrase_of(decision) + "\n";
  }
  return out + to_lines(*shown.outcome, 2);
}

}  // namespace

int log_show(const LogShowOptions& options, std::ostream& out, std::ostream& err) {
  const auto history = open_history(options.directory);
  if (!history) return fail(err, history.error());
  const storage::EventSource& log = *history->events;
  const core::Seq end = log.end().seq;
  if (options.seq.value == 0 || options.seq > end) {
    err << "preconf log show: no event " << options.seq.value << ", the log has 1.." << end.value
        << '\n';
    return static_cast<int>(ReplayResult::kFailed);
  }
  auto read = log.read(options.seq)->next();
  if (!read) return fail(err, read.error());
  if (!read->has_value()) {
    return fail(err, {storage::StorageError::kDamaged, options.seq, "the log ends early"});
  }
  Shown shown;
  shown.event = std::move((**read).event);
  shown.chain = (**read).chain;
  shown.recorded_digest = (**read).effects_digest;
  if (!options.raw) {
    const auto failure = reduce_into(log, *history->snapshots, shown);
    if (failure) return fail(err, *failure);
  }
  out << (options.json ? to_json(shown) + "\n" : text_of(shown));
  const bool diverges = shown.recomputed_digest && shown.recorded_digest &&
                        *shown.recomputed_digest != *shown.recorded_digest;
  return static_cast<int>(diverges ? ReplayResult::kDivergence : ReplayResult::kClean);
}

}  // namespace preconf::replay
