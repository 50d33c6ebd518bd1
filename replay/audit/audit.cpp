#include "replay/audit/audit.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/audit/auditor.hpp"
#include "replay/event_stream.hpp"
#include "replay/fact_checker.hpp"
#include "replay/first_state.hpp"
#include "replay/history.hpp"
#include "replay/report.hpp"
#include "replay/snapshots.hpp"

namespace preconf::replay::audit {

const char* name_of(AuditResult result) {
  // clang-format off
  switch (result) {
    case AuditResult::kClean: return "clean";
    case AuditResult::kFailed: return "failed";
    case AuditResult::kFaults: return "faults";
    case AuditResult::kDivergence: return "divergence";
    case AuditResult::kDamaged: return "damaged";
  }
  // clang-format on
  return "unknown";
}

namespace {

using core::Seq;

Trouble trouble_from(const storage::StorageFailure& failure) {
  return {storage::name_of(failure.code), failure.seq, failure.detail};
}

class Run {
 public:
  Run(const AuditOptions& options, const History& history, std::unique_ptr<core::State> state,
      AuditReport& report)
      : history_(history),
        state_(std::move(state)),
        report_(report),
        auditor_(*history.events, report, options.sink) {
    const std::size_t workers =
        options.workers > 0 ? options.workers : std::max(1u, std::thread::hardware_concurrency());
    if (options.compare_rules) rules_.emplace(*options.compare_rules);
    if (options.schedule_at) report.schedule_at = ScheduleAnswer{*options.schedule_at, {}, true};
    if (options.verification == Verification::kNone) return;
    checker_.emplace(*history.events, workers);
    if (options.verification == Verification::kSignatures) {
      checker_->set_scope(FactKind::kCommitment);
    }
    checker_->set_rules(Rules{state_->chain, state_->network});
  }

  /// `missing_base`: why the fold does not begin where the log does.
  void run(const std::optional<storage::StorageFailure>& missing_base,
           const std::function<void(const AuditProgress&)>& on_progress) {
    const storage::EventSource& log = *history_.events;
    report_.coverage.base = state_->last_seq;
    auditor_.begin(*state_);
    if (const auto id = log.log_id()) report_.log.id = *id;
    const EventStream::Span span{core::next(state_->last_seq), log.end().seq};
    EventStream stream(log, span);
    while (const EventRunPtr run = stream.next()) {
      if (!fold(run)) break;
      if (on_progress) on_progress({state_->last_seq, span.from, span.until});
    }
    const std::optional<Loss>& loss = history_.loss;
    if (missing_base && !report_.coverage.trouble) {
      report_.coverage.trouble = trouble_from(*missing_base);
    }
    if (stream.failure()) report_.coverage.trouble = trouble_from(*stream.failure());
    if (loss) report_.coverage.trouble = trouble_from(loss->why);
    const bool is_cut = stream.failure() || loss;
    const Seq witnessed = loss ? loss->witnessed : log.end().seq;
    if (is_cut && state_->last_seq < witnessed) {
      auditor_.note_lost(core::next(state_->last_seq), witnessed, report_.coverage.trouble->detail);
    }
    if (checker_) take_facts(checker_->finish());
    take_rules();
    auditor_.finish();
  }

 private:
  bool fold(const EventRunPtr& run) {
    const core::Event& first = run->front().event;
    const auto* genesis = std::get_if<core::events::GenesisRecorded>(&first.body);
    if (checker_ && first.seq.value == 1 && genesis != nullptr) {
      checker_->set_rules(Rules{genesis->chain, genesis->network});
    }
    if (checker_) checker_->submit(run);
    for (const storage::LoggedEvent& logged : *run) {
      if (auto refusal = core::refusal_of(*state_, logged.event)) {
        report_.coverage.trouble = Trouble{"rules", logged.event.seq, std::move(refusal->detail)};
        return false;
      }
      core::reduce(*state_, logged.event, outcome_);
      auditor_.note(logged, outcome_, *state_);
      answer_extras(logged.event);
    }
    return true;
  }

  void answer_extras(const core::Event& event) {
    if (rules_) rules_->note(event, outcome_, state_->reducer_version);
    if (!report_.schedule_at) return;
    for (const core::Decision& decision : outcome_.decisions) {
      const bool is_new_table = decision.verdict == core::Verdict::kScheduleAccepted ||
                                decision.verdict == core::Verdict::kScheduleDerived;
      if (!is_new_table) continue;
      note_table(*report_.schedule_at, state_->schedule, event.seq, event.wall);
    }
  }

  void take_rules() {
    if (!rules_) return;
    report_.rules = rules_->answer();
    report_.rules->digests_compared = report_.coverage.digests_compared;
    report_.rules->digests_different = report_.coverage.digests_different;
  }

  void take_facts(const FactSummary& summary) {
    FactCoverage& facts = report_.coverage.facts;
    facts.recomputed = true;
    facts.commitments = summary.counts.commitments;
    facts.tx_lists = summary.counts.tx_lists;
    facts.payloads = summary.counts.payloads;
    facts.blobs = summary.counts.blobs;
    facts.sources = summary.counts.sources;
    facts.different = summary.counts.different;
    facts.missing = summary.counts.missing;
    for (const auto& [seq, finding] : summary.findings) {
      if (finding.check.difference) facts.different_at.push_back(seq);
    }
  }

  const History& history_;
  std::unique_ptr<core::State> state_;
  AuditReport& report_;
  Auditor auditor_;
  std::optional<FactChecker> checker_;
  std::optional<RulesComparison> rules_;
  core::Outcome outcome_;
};

/// Findings that rest on bytes which do not give the recorded facts are no accusations.
void doubt_forged(AuditReport& report) {
  const auto& forged = report.coverage.facts.different_at;
  if (forged.empty()) return;
  for (Finding& finding : report.findings) {
    const bool rests_on_forged = std::ranges::any_of(finding.seqs, [&forged](Seq seq) {
      return std::binary_search(forged.begin(), forged.end(), seq);
    });
    if (!rests_on_forged || finding.verdict == Verdict::kUnknown) continue;
    KindCounts& counts = report.counts.at(name_of(finding.kind));
    --(finding.verdict == Verdict::kFault ? counts.faults : counts.excused);
    ++counts.unknown;
    finding.verdict = Verdict::kUnknown;
    finding.missing.push_back("signed bytes that give the recorded facts");
  }
}

AuditResult result_of(const AuditReport& report) {
  const Coverage& coverage = report.coverage;
  const bool has_gap = report.counts.at(name_of(Kind::kLogGap)).faults > 0;
  if (coverage.trouble || has_gap || coverage.facts.missing > 0) return AuditResult::kDamaged;
  if (coverage.digests_different > 0 || coverage.facts.different > 0) {
    return AuditResult::kDivergence;
  }
  for (const auto& [kind, counts] : report.counts) {
    if (counts.faults > 0) return AuditResult::kFaults;
  }
  return AuditResult::kClean;
}

AuditReport failed(AuditReport report, std::string message) {
  report.result = AuditResult::kFailed;
  report.message = std::move(message);
  return report;
}

/// Everything that can refuse before the first event is read.
std::optional<std::string> refuse(const AuditOptions& options, const History& history) {
  if (!options.compare_rules) return std::nullopt;
  const Seq base = history.events->base().seq;
  if (base.value > 0) {
    return "--rules compares from event 1 on, and events up to " + std::to_string(base.value) +
           " are not in this log (pruned, or not captured): ask a log or capture that begins with "
           "event 1";
  }
  if (*options.compare_rules == 0 || *options.compare_rules > core::kReducerVersion) {
    return "this program has reducer versions 1 to " + std::to_string(core::kReducerVersion);
  }
  return std::nullopt;
}

AuditReport audit_opened(const History& history, const AuditOptions& options,
                         const std::function<void(const AuditProgress&)>& on_progress) {
  AuditReport report;
  report.bounds = options.bounds;
  if (auto reason = refuse(options, history)) return failed(std::move(report), std::move(*reason));
  auto first = first_state(history);
  if (!first) {
    report.coverage.base = history.events->base().seq;
    report.coverage.trouble = trouble_from(first.error());
    report.result = AuditResult::kDamaged;
    return report;
  }
  Run run(options, history, std::move(first->state), report);
  run.run(first->missing, on_progress);
  doubt_forged(report);
  report.result = result_of(report);
  return report;
}

}  // namespace

AuditReport audit(const History& history, const AuditOptions& options) {
  return audit_opened(history, options, {});
}

AuditReport audit(const AuditOptions& options,
                  const std::function<void(const AuditProgress&)>& on_progress) {
  const auto opened = open_readable(options.path);
  if (opened) return audit_opened(*opened, options, on_progress);
  AuditReport report;
  report.bounds = options.bounds;
  report.coverage.trouble = trouble_from(opened.error());
  if (replay::result_of(opened.error()) == ReplayResult::kFailed) {
    return failed(std::move(report), opened.error().detail);
  }
  report.result = AuditResult::kDamaged;
  return report;
}

}  // namespace preconf::replay::audit
