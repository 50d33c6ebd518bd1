#include "replay/replay.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "replay/event_stream.hpp"
#include "replay/fact_checker.hpp"
#include "replay/first_state.hpp"
#include "replay/history.hpp"
#include "replay/main_fold.hpp"
#include "replay/snapshots.hpp"
#include "storage/event_source.hpp"

namespace preconf::replay {
namespace {

using core::Seq;

ReplayReport failed(ReplayReport report, std::string message) {
  report.result = ReplayResult::kFailed;
  report.message = std::move(message);
  return report;
}

void take_facts(FactSummary summary, ReplayReport& report) {
  report.facts = summary.counts;
  for (auto& [seq, finding] : summary.findings) {
    if (seq > report.last_seq) break;
    if (finding.check.missing) {
      report.missing.push_back({seq, std::move(*finding.check.missing)});
      continue;
    }
    Divergence divergence = divergence_at(seq, core::name_of(finding.kind), Check::kFact);
    set_difference(divergence, std::move(*finding.check.difference));
    report.divergences.push_back(std::move(divergence));
  }
}

void conclude(ReplayReport& report, std::chrono::steady_clock::time_point start) {
  std::stable_sort(report.divergences.begin(), report.divergences.end(),
                   [](const Divergence& a, const Divergence& b) { return a.seq < b.seq; });
  if (!report.divergences.empty()) {
    report.result = ReplayResult::kDivergence;
  } else if (report.trouble || !report.missing.empty()) {
    report.result = ReplayResult::kDamaged;
  }
  report.elapsed_ms =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                     std::chrono::steady_clock::now() - start)
                                     .count());
}

/// Hands the runs on to the workers; the rules come with the log's first event.
void submit_facts(FactChecker& checker, const EventRunPtr& run) {
  const core::Event& first = run->front().event;
  const auto* genesis = std::get_if<core::events::GenesisRecorded>(&first.body);
  if (first.seq.value == 1 && genesis != nullptr) {
    checker.set_rules(Rules{genesis->chain, genesis->network});
  }
  checker.submit(run);
}

struct Inputs {
  std::unique_ptr<core::State> state;  ///< to begin with
  EventStream::Span span;
};

/// Everything that can refuse before the first event is read. A message, or inputs.
core::Result<Inputs, std::string> prepare(const ReplayOptions& options, const History& history,
                                          std::unique_ptr<core::State> first_state) {
  Inputs inputs;
  inputs.state = std::move(first_state);
  const Seq end = history.events->end().seq;
  if (end.value == 0) return core::Unexpected{std::string("the log is empty")};
  if (options.from_snapshot) {
    auto state = load_state(*history.events, *history.snapshots, *options.from_snapshot);
    if (!state) {
      return core::Unexpected{"the snapshot at " + std::to_string(options.from_snapshot->value) +
                              " " + state.error()};
    }
    inputs.state = std::move(state).value();
  }
  const Seq until = options.until.value_or(end);
  if (until > end || until < inputs.state->last_seq || until.value == 0) {
    return core::Unexpected{
        "--until-seq " + std::to_string(until.value) + " is outside " +
        std::to_string(std::max<std::uint64_t>(1, inputs.state->last_seq.value)) + ".." +
        std::to_string(end.value)};
  }
  inputs.span = EventStream::Span{core::next(inputs.state->last_seq), until};
  return inputs;
}

}  // namespace

ReplayReport replay(const ReplayOptions& options,
                    const std::function<void(const ReplayProgress&)>& on_progress) {
  const auto start = std::chrono::steady_clock::now();
  ReplayReport report;
  const auto history = open_readable(options.directory);
  if (!history) {
    report.result = result_of(history.error());
    if (report.result == ReplayResult::kFailed) return failed(report, history.error().detail);
    report.trouble = trouble_of(history.error());
    return report;
  }
  const storage::EventSource& log = *history->events;
  // Where older events are not here, the state after them takes their place.
  auto first = first_state(*history);
  if (!first) {
    report.result = result_of(first.error());
    report.trouble = trouble_of(first.error());
    return report;
  }
  auto inputs = prepare(options, *history, std::move(first->state));
  if (!inputs) {
    report = failed(std::move(report), inputs.error());
    if (!first->missing) return report;
    report.result = ReplayResult::kDamaged;
    report.trouble = trouble_of(*first->missing);
    return report;
  }

  const EventStream::Span span = inputs->span;
  report.started_after = inputs->state->last_seq;
  report.last_seq = report.started_after;
  const std::size_t workers =
      options.workers > 0 ? options.workers : std::max(1u, std::thread::hardware_concurrency());
  std::optional<FactChecker> checker;
  if (options.verify) {
    checker.emplace(log, workers);
    checker->set_rules(Rules{inputs->state->chain, inputs->state->network});
  }

  MainFold fold(*history->snapshots, std::move(inputs->state), options.expect_effects, report);
  EventStream stream(log, span);
  bool goes_on = true;
  while (goes_on) {
    const EventRunPtr run = stream.next();
    if (run == nullptr) break;
    if (checker) submit_facts(*checker, run);
    goes_on = fold.fold(run);
    if (on_progress) on_progress({report.last_seq, span.from, span.until});
  }
  if (goes_on && stream.failure()) {
    report.trouble = trouble_of(*stream.failure());
  } else if (goes_on && report.last_seq != span.until) {
    report.trouble = LogTrouble{"damaged", report.last_seq, "the log ends early"};
  }
  // Everything up to there was compared: the tail that is lost says that this is not all.
  if (!report.trouble && history->loss) report.trouble = trouble_of(history->loss->why);
  if (!report.trouble && first->missing) report.trouble = trouble_of(*first->missing);
  fold.finish();
  if (checker) take_facts(checker->finish(), report);
  conclude(report, start);
  return report;
}

}  // namespace preconf::replay
