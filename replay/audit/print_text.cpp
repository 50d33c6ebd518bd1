// The report for a person.
#include <fmt/format.h>

#include "core/reducer.hpp"
#include "replay/audit/print.hpp"
#include "replay/audit/print_coverage.hpp"
#include "replay/leaf.hpp"

namespace preconf::replay::audit {
namespace {

constexpr std::size_t kLinesMax = 200;  ///< of one list; the other formats have all

std::string more(std::size_t size) {
  if (size <= kLinesMax) return {};
  return fmt::format("  ... and {} more (see --format json)\n", size - kLinesMax);
}

std::string finding_text(const Finding& finding) {
  std::string out = fmt::format("{} {} ({})", name_of(finding.verdict), name_of(finding.kind),
                                name_of(finding.fault_class));
  if (finding.block_number) out += fmt::format("  block {}", finding.block_number->value);
  if (finding.window_end) out += fmt::format("  window {}", finding.window_end->value);
  if (finding.from) out += fmt::format("  events {}..{}", finding.from->value, finding.to->value);
  out += "\n";
  if (finding.signer) out += fmt::format("  signer   {}\n", leaf_text(*finding.signer));
  if (finding.preconf_hash) out += fmt::format("  preconf  {}\n", leaf_text(*finding.preconf_hash));
  std::string seqs;
  for (const core::Seq seq : finding.seqs) seqs += " " + std::to_string(seq.value);
  out += fmt::format("  what     {}\n  when     {}, events{}\n", finding.text,
                     utc_time(finding.first_seen), seqs);
  if (!finding.reason.empty()) out += "  excused  " + finding.reason + "\n";
  for (const std::string& what : finding.missing) out += "  missing  " + what + "\n";
  out += fmt::format("  on chain {} ({})\n", name_of(finding.actionability),
                     finding.actionability_reason);
  return out;
}

std::string findings_text(const AuditReport& report) {
  std::string out;
  for (std::size_t i = 0; i < report.findings.size() && i < kLinesMax; ++i) {
    out += finding_text(report.findings[i]);
  }
  return out + more(report.findings.size());
}

std::string counts_text(const AuditReport& report) {
  std::string out =
      fmt::format("{:<18} {:>8} {:>8} {:>8}\n", "findings", "fault", "excused", "unknown");
  for (std::size_t i = 0; i < kKindCount; ++i) {
    const char* kind = name_of(static_cast<Kind>(i));
    const auto found = report.counts.find(kind);
    if (found == report.counts.end()) continue;
    const KindCounts& counts = found->second;
    out += fmt::format("  {:<16} {:>8} {:>8} {:>8}", kind, counts.faults, counts.excused,
                       counts.unknown);
    if (counts.not_listed > 0) out += fmt::format("  ({} not listed)", counts.not_listed);
    out += "\n";
  }
  return out;
}

/// On whose word the landings rest.
std::string source_text(const LandingCounts& landing) {
  const std::uint64_t all = landing.honoured + landing.contradicted + landing.not_landed;
  if (landing.from_l1 == 0) return "from the engine's answers";
  if (landing.from_l1 >= all) return "from L1";
  return fmt::format("{} from L1, {} from the engine's answers", landing.from_l1,
                     all - landing.from_l1);
}

std::string landing_text(const AuditReport& report) {
  const LandingCounts& landing = report.landing;
  std::string out = fmt::format(
      "landing    {} honoured, {} contradicted, {} not landed, {} unknown ({})\n", landing.honoured,
      landing.contradicted, landing.not_landed, landing.unknown, source_text(landing));
  if (landing.not_read > 0) {
    out += fmt::format("  {} unknown because nobody read L1 as far as they may land\n",
                       landing.not_read);
    const auto& absences = report.coverage.l1_not_followed;
    const bool is_open = !absences.empty() && absences.back().to.value == 0;
    if (is_open) out += absence_text(absences.back());
  }
  for (const auto& [name, counts] : report.predicates) {
    out += fmt::format("  {:<36} {} true, {} false, {} unknown\n", name, counts.is_true,
                       counts.is_false, counts.unknown);
  }
  return out;
}

std::string moment_text(const char* name, const std::optional<Moment>& moment,
                        const Moment& first) {
  if (!moment) return fmt::format("  {:<10} never in this log\n", name);
  const std::uint64_t later = moment->wall < first.wall ? 0 : moment->wall.value - first.wall.value;
  return fmt::format("  {:<10} {} (event {}, +{}.{:06} ms)\n", name, utc_time(moment->wall),
                     moment->seq.value, later / 1'000'000, later % 1'000'000);
}

std::string block_text(const BlockLife& life) {
  std::string out = fmt::format(
      "block {}{}  {}\n  signer     {} for window {}, timestamp {}\n", life.number.value,
      life.eop_only ? " (EOP-only)" : (life.eop ? " (EOP)" : ""), leaf_text(life.preconf_hash),
      leaf_text(life.signer), life.window_end.value, life.timestamp.value);
  out += fmt::format("  parent     {}\n  schedule   version {}\n",
                     leaf_text(life.parent_preconf_hash), life.schedule_version);
  out += fmt::format("  first seen {} (event {}, from {}#{}), {} copies\n",
                     utc_time(life.received.wall), life.received.seq.value,
                     replay::name_of(life.source), life.source_id, life.copies);
  out += fmt::format("  decision   {} ({})\n", core::name_of(life.decision),
                     core::name_of(life.reason));
  out += moment_text("admitted", life.admitted, life.received);
  if (!life.eop_only) {
    out += life.list_before
               ? fmt::format("  list       before this log (event {})\n", life.list_before->value)
               : moment_text("list", life.list_received, life.received);
    out += moment_text("executed", life.executed, life.received);
  }
  if (life.block_hash) out += fmt::format("  as block   {}\n", leaf_text(*life.block_hash));
  out += fmt::format("  on L1      {}", name_of(life.landing));
  if (life.confirmed_hash) out += " as " + leaf_text(*life.confirmed_hash);
  if (!life.landing_missing.empty()) out += ", missing: " + life.landing_missing;
  out += "\n";
  if (life.on_l1) {
    const L1Verdict& said = *life.on_l1;
    out += fmt::format("             proposal {}", said.proposal.value);
    if (!said.l1_block.is_zero()) out += " in L1 block " + leaf_text(said.l1_block);
    out += fmt::format(" (event {})\n", said.seq.value);
    for (const PromiseDifference& one : said.differences) {
      out += fmt::format("             {}: promised {}, on L1 {}\n", one.field, one.promised,
                         one.on_l1);
    }
  }
  for (const PredicateCheck& check : life.predicates) {
    out += fmt::format("  {:<36} {}{}\n", name_of(check.predicate), name_of(check.truth),
                       check.missing.empty() ? "" : ", needs " + check.missing);
  }
  for (const std::string& id : life.findings) out += "  finding    " + id + "\n";
  return out;
}

/// The promises that did not land, or landed differently.
std::string landings_text(const AuditReport& report) {
  std::string out;
  for (std::size_t i = 0; i < report.blocks.size() && i < kLinesMax; ++i) {
    const BlockLife& life = report.blocks[i];
    out += fmt::format("  {:<12} block {} {} of {}, event {}\n", name_of(life.landing),
                       life.number.value, leaf_text(life.preconf_hash), leaf_text(life.signer),
                       life.received.seq.value);
  }
  return out + more(report.blocks.size());
}

std::string blocks_text(const AuditReport& report) {
  std::string out;
  for (std::size_t i = 0; i < report.blocks.size() && i < kLinesMax; ++i) {
    out += block_text(report.blocks[i]);
  }
  return out + more(report.blocks.size());
}

std::string percentiles_text(const Percentiles& values) {
  return fmt::format("{:>7} {:>7} {:>7} {:>8}", values.p50, values.p90, values.p99, values.max);
}

std::string windows_text(const AuditReport& report) {
  std::string out = fmt::format("{:<11} {:<42} {:>6} {:>6} {:>6}  {:<8} {:>9}  next signer\n",
                                "window end", "signer", "seen", "adm.", "exec.", "ended", "EOP ms");
  for (std::size_t i = 0; i < report.windows.size() && i < kLinesMax; ++i) {
    const WindowSummary& window = report.windows[i];
    const WindowEnd& end = window.end;
    out += fmt::format("{:<11} {} {:>6} {:>6} {:>6}  {:<8} {:>9}  {}\n", window.window_end.value,
                       leaf_text(window.signer), window.promises, window.admitted, window.executed,
                       name_of(end.verdict),
                       end.eop_seen ? std::to_string(end.eop_before_end_ms) : "-",
                       end.next_signer ? leaf_text(*end.next_signer) : std::string("unknown"));
  }
  return out + more(report.windows.size());
}

std::string latency_text(const AuditReport& report) {
  std::string out =
      "milliseconds: first arrival minus block timestamp, admission and execution minus arrival\n";
  const auto line = [&out](const std::string& name, const LatencySummary& latency) {
    out += fmt::format("{}\n  seen     {}\n  admitted {}\n  executed {}\n", name,
                       percentiles_text(latency.seen), percentiles_text(latency.admitted),
                       percentiles_text(latency.executed));
  };
  out += fmt::format("{:<10} {:>7} {:>7} {:>7} {:>8}\n", "", "p50", "p90", "p99", "max");
  for (std::size_t i = 0; i < report.signers.size() && i < kLinesMax; ++i) {
    line(leaf_text(report.signers[i].signer), report.signers[i].latency);
  }
  for (std::size_t i = 0; i < report.windows.size() && i < kLinesMax; ++i) {
    const WindowSummary& window = report.windows[i];
    line(fmt::format("window {} of {}", window.window_end.value, leaf_text(window.signer)),
         window.latency);
  }
  return out + more(report.windows.size());
}

std::string rules_text(const AuditReport& report) {
  if (!report.rules) return {};
  const RulesAnswer& rules = *report.rules;
  std::string out = fmt::format(
      "under the rules of its time (version {}): {} recorded effects compared, {} different\n"
      "under version {}: {} of {} events decided otherwise\n",
      rules.then, rules.digests_compared, rules.digests_different, rules.now, rules.events_changed,
      rules.events);
  for (std::size_t i = 0; i < rules.changes.size() && i < kLinesMax; ++i) {
    const ChangedDecision& change = rules.changes[i];
    out += fmt::format("  event {}: {} then, {} now\n", change.seq.value, change.then, change.now);
  }
  return out + more(rules.changes.size());
}

std::string window_phrase(const core::protocol::Window& window) {
  return fmt::format("{} ({}, {}]", leaf_text(window.committer), window.start.value,
                     window.end.value);
}

/// What one table says; nothing it says is about a time that it does not cover.
std::string entry_phrase(const ScheduleEntry& entry) {
  if (!entry.covers) {
    const std::string windows =
        entry.begins ? fmt::format("({}, {}]", entry.begins->value, entry.ends->value)
                     : std::string("nothing");
    return fmt::format("not covered by version {}, which has {}", entry.version, windows);
  }
  return fmt::format("{}, then {}", entry.window ? window_phrase(*entry.window) : "nobody",
                     entry.next ? window_phrase(*entry.next) : "no further window");
}

std::string schedule_text(const AuditReport& report) {
  if (!report.schedule_at) return {};
  const ScheduleAnswer& answer = *report.schedule_at;
  std::string out = fmt::format("scheduled at {}:\n", answer.time.value);
  for (const ScheduleEntry& entry : answer.tables) {
    out += fmt::format("  {} {} (schedule version {}, event {}, from {})\n",
                       entry.in_force ? "in force:" : "         ", entry_phrase(entry),
                       entry.version, entry.seq.value, utc_time(entry.wall));
  }
  if (answer.tables.empty()) out += "  unknown: the log has no schedule table\n";
  if (!answer.tables_agree) {
    out += "  the tables of this log do not agree about that time: they name different signers\n";
  }
  return out;
}

const char* conclusion(AuditResult result, Topic topic) {
  switch (result) {
    case AuditResult::kClean:
      return topic == Topic::kAll ? "clean: no faults in what this log covers\n"
                                  : "no faults in this answer; others were not looked for\n";
    case AuditResult::kFailed:
      return "";
    case AuditResult::kFaults:
      return "FAULTS FOUND. First-seen times are this node's; what one node did not see may still "
             "have been published\n";
    case AuditResult::kDivergence:
      return "DIVERGENCE: recorded effects or facts are not those that follow from the events\n";
    case AuditResult::kDamaged:
      return "DAMAGED OR INCOMPLETE: judged as far as the log can be read\n";
  }
  return "";
}

}  // namespace

std::string to_text(const AuditReport& report, Topic topic) {
  std::string out = identity_text(report) + coverage_text(report, topic == Topic::kCoverage);
  switch (topic) {
    case Topic::kAll:
      out += landing_text(report) + counts_text(report) + findings_text(report);
      break;
    case Topic::kBlock:
      out += report.blocks.empty() ? "no promise of a scheduled signer for it in this log\n"
                                   : blocks_text(report);
      out += findings_text(report);
      break;
    case Topic::kLanding:
      out += landing_text(report) + landings_text(report) + findings_text(report);
      break;
    case Topic::kEop:
      out += windows_text(report) + findings_text(report);
      break;
    case Topic::kDefence:
      out += coverage_text(report, true) + windows_text(report) + latency_text(report) +
             findings_text(report) + blocks_text(report);
      break;
    case Topic::kLatency:
      out += latency_text(report) + findings_text(report);
      break;
    case Topic::kRules:
      out += rules_text(report);
      break;
    case Topic::kScheduleAt:
      out += schedule_text(report);
      break;
    case Topic::kEquivocations:
    case Topic::kWithheld:
    case Topic::kReorgs:
    case Topic::kCoverage:
      out += findings_text(report);
      break;
  }
  return out + conclusion(report.result, topic);
}

}  // namespace preconf::replay::audit
