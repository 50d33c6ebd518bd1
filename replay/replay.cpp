#include "replay/replay.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "core/codec/canonical.hpp"
#include "core/invariants.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/event_stream.hpp"
#include "replay/fact_checker.hpp"
#include "replay/history.hpp"
#include "replay/json_printer.hpp"
#include "replay/snapshot_fold.hpp"
#include "replay/snapshots.hpp"
#include "storage/event_source.hpp"

namespace preconf::replay {
namespace {

using core::Seq;

/// Checking invariants is linear in the state: rarely enough not to be felt.
constexpr std::uint64_t kInvariantsEvery = 65'536;

/// The fold from the start, with every comparison but that of facts.
class MainFold {
 public:
  MainFold(const storage::SnapshotSource& store, std::unique_ptr<core::State> state,
           bool expect_effects, ReplayReport& report)
      : store_(store), report_(report), state_(std::move(state)), expect_effects_(expect_effects) {
    for (const Seq seq : store_.list()) {
      report_.snapshots.push_back({seq, SnapshotHealth::kNotReached});
      if (seq <= state_->last_seq) ++next_snapshot_;
    }
  }

  [[nodiscard]] const core::State& state() const { return *state_; }

  /// False: stop here.
  [[nodiscard]] bool fold(const EventRunPtr& run) {
    std::size_t handed_over = 0;
    for (std::size_t i = 0; i < run->size(); ++i) {
      const storage::LoggedEvent& logged = (*run)[i];
      if (!accepts(logged.event)) return false;
      core::reduce(*state_, logged.event, outcome_);
      report_.last_seq = logged.event.seq;
      report_.chain = logged.chain;
      ++report_.events;
      if (!digest_agrees(logged) || !invariants_hold(logged.event, kInvariantsEvery)) return false;
      if (is_at_snapshot(logged.event.seq)) {
        second_.fold(run, handed_over, i + 1);
        handed_over = i + 1;
        if (!snapshot_agrees(logged)) return false;
      }
    }
    second_.fold(run, handed_over, run->size());
    last_kind_ = run->empty() ? last_kind_ : core::kind_of(run->back().event.body);
    return true;
  }

  /// After the last event: the final state and what the second fold found.
  void finish() {
    const bool has_diverged = !report_.divergences.empty();
    if (!has_diverged) check_invariants(core::name_of(last_kind_));
    if (!has_diverged && second_.is_started()) second_.expect(encoded());
    if (auto mismatch = second_.finish()) {
      Divergence divergence = diverge(mismatch->at, "", Check::kSnapshotFold);
      divergence.event = "fold from the snapshot at " + std::to_string(mismatch->from.value);
      set(divergence, std::move(mismatch->difference));
      report_.divergences.push_back(std::move(divergence));
    }
    report_.state_hash = core::state_hash(*state_);
  }

 private:
  static Divergence diverge(Seq seq, std::string event, Check check) {
    Divergence divergence;
    divergence.seq = seq;
    divergence.event = std::move(event);
    divergence.check = check;
    return divergence;
  }
  static void set(Divergence& divergence, Difference difference) {
    divergence.field = std::move(difference.path);
    divergence.recorded = std::move(difference.recorded);
    divergence.recomputed = std::move(difference.recomputed);
  }

  /// Has this program the rules by which `event` and what follows must be judged?
  bool accepts(const core::Event& event) {
    auto refusal = core::refusal_of(*state_, event);
    if (!refusal) return true;
    if (!refusal->is_divergence) {
      const char* what = event.seq.value == 1 ? "genesis" : "reducer_version";
      report_.trouble = LogTrouble{what, event.seq, std::move(refusal->detail)};
      return false;
    }
    const auto& barrier = std::get<core::events::ReducerActivated>(event.body);
    Divergence divergence =
        diverge(event.seq, core::name_of(core::kind_of(event.body)), Check::kSnapshot);
    set(divergence,
        *first_difference(barrier.state_hash, core::state_hash(*state_), "state_hash"));
    report_.divergences.push_back(std::move(divergence));
    return false;
  }

  bool digest_agrees(const storage::LoggedEvent& logged) {
    if (!logged.effects_digest && !expect_effects_) return true;
    const core::Hash32 digest = core::effects_digest(outcome_);
    if (logged.effects_digest) {
      ++report_.digests_compared;
      report_.digests_until = logged.event.seq;
      if (digest == *logged.effects_digest) return true;
    }
    Divergence divergence = diverge(
        logged.event.seq, core::name_of(core::kind_of(logged.event.body)), Check::kEffectsDigest);
    divergence.field = "effects_digest";
    divergence.recorded =
        logged.effects_digest ? core::to_hex0x(logged.effects_digest->view()) : "nothing";
    divergence.recomputed = core::to_hex0x(digest.view());
    divergence.outcome = to_json(outcome_);
    report_.divergences.push_back(std::move(divergence));
    return false;
  }

  bool invariants_hold(const core::Event& event, std::uint64_t every) {
    if (event.seq.value % every != 0) return true;
    return check_invariants(core::name_of(core::kind_of(event.body)));
  }
  bool check_invariants(const char* event) {
    const char* broken = core::broken_invariant(*state_);
    if (broken == nullptr) return true;
    Divergence divergence = diverge(state_->last_seq, event, Check::kInvariant);
    divergence.field = broken;
    divergence.recorded = "holds";
    divergence.recomputed = "broken";
    report_.divergences.push_back(std::move(divergence));
    return false;
  }

  [[nodiscard]] bool is_at_snapshot(Seq seq) const {
    return next_snapshot_ < report_.snapshots.size() &&
           report_.snapshots[next_snapshot_].seq == seq;
  }

  [[nodiscard]] std::shared_ptr<const core::Bytes> encoded() const {
    return std::make_shared<const core::Bytes>(core::codec::canonical_bytes(*state_));
  }

  bool snapshot_agrees(const storage::LoggedEvent& logged) {
    SnapshotCheck& check = report_.snapshots[next_snapshot_++];
    const auto bytes = encoded();
    second_.expect(bytes);
    SnapshotJudgement judgement =
        judge_snapshot(store_.load(check.seq), FoldedState{logged.chain, *state_, *bytes});
    check.health = judgement.health;
    if (judgement.state != nullptr) second_.start(std::move(judgement.state));
    if (!judgement.difference) return true;
    Divergence divergence =
        diverge(check.seq, core::name_of(core::kind_of(logged.event.body)), Check::kSnapshot);
    set(divergence, std::move(*judgement.difference));
    report_.divergences.push_back(std::move(divergence));
    return false;
  }

  const storage::SnapshotSource& store_;
  ReplayReport& report_;
  std::unique_ptr<core::State> state_;
  const bool expect_effects_;
  core::Outcome outcome_;
  std::size_t next_snapshot_ = 0;  ///< into report_.snapshots
  core::EventKind last_kind_ = core::EventKind::kGenesisRecorded;
  SnapshotFold second_;
};

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
    Divergence divergence;
    divergence.seq = seq;
    divergence.event = core::name_of(finding.kind);
    divergence.check = Check::kFact;
    divergence.field = std::move(finding.check.difference->path);
    divergence.recorded = std::move(finding.check.difference->recorded);
    divergence.recomputed = std::move(finding.check.difference->recomputed);
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
  const auto history = open_history(options.directory);
  if (!history) {
    report.result = result_of(history.error());
    if (report.result == ReplayResult::kFailed) return failed(report, history.error().detail);
    report.trouble = trouble_of(history.error());
    return report;
  }
  const storage::EventSource& log = *history->events;
  // Where older events are not here, the state after them takes their place.
  auto first_state = state_after(log, *history->snapshots, log.base().seq);
  if (!first_state) {
    report.result = result_of(first_state.error());
    report.trouble = trouble_of(first_state.error());
    return report;
  }
  auto inputs = prepare(options, *history, std::move(first_state).value());
  if (!inputs) return failed(std::move(report), inputs.error());

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
  fold.finish();
  if (checker) take_facts(checker->finish(), report);
  conclude(report, start);
  return report;
}

}  // namespace preconf::replay
