#include "replay/audit/print_coverage.hpp"

#include <fmt/format.h>

#include "replay/leaf.hpp"

namespace preconf::replay::audit {
namespace {

std::string quoted(const std::string& text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

std::string facts_text(const FactCoverage& facts) {
  if (!facts.recomputed) return "facts      trusted as recorded, signatures not recomputed\n";
  return fmt::format(
      "facts      recomputed: {} commitments, {} transaction lists, {} payloads, {} blobs, "
      "sources of {} proposals; {} differ, bytes of {} missing\n",
      facts.commitments, facts.tx_lists, facts.payloads, facts.blobs, facts.sources,
      facts.different, facts.missing);
}

std::string removed_text(const Coverage& coverage) {
  std::string out;
  for (const auto& [cause, count] : coverage.content_removed) {
    if (count > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, cause);
  }
  return out.empty() ? "" : "content    not here: " + out + "\n";
}

std::string clock_text(const Coverage& coverage) {
  std::string out = "clock      error ";
  out += coverage.clock_error_ns ? fmt::format("at most {} ns at boot", *coverage.clock_error_ns)
                                 : std::string("unknown");
  if (coverage.clock_error_ns && coverage.boots_without_clock_error > 0) {
    out += fmt::format(", unknown for {} boots", coverage.boots_without_clock_error);
  }
  return out + fmt::format("; {} steps back\n", coverage.clock_steps_back);
}

}  // namespace

std::string absence_text(const L1Absence& absence) {
  const std::string end =
      absence.to.value == 0 ? "the end of this log" : fmt::format("event {}", absence.to.value);
  return fmt::format("  L1 not followed {} to {} (event {} to {}, {})\n", utc_time(absence.since),
                     utc_time(absence.until), absence.from.value, end, absence.why);
}

std::string identity_text(const AuditReport& report) {
  const LogIdentity& log = report.log;
  std::string versions;
  for (const std::uint32_t version : log.reducer_versions) {
    versions += (versions.empty() ? "" : ", ") + std::to_string(version);
  }
  return fmt::format(
      "log        {}\nchain      {} at event {}\nL2 chain   {}, rules {}\nreducer    version {}\n"
      "taxonomy   {}\n",
      leaf_text(log.id), leaf_text(log.chain), log.last.value, log.chain_id,
      leaf_text(log.rules_hash), versions, report.taxonomy);
}

std::string coverage_text(const AuditReport& report, bool in_full) {
  const Coverage& coverage = report.coverage;
  std::string out = fmt::format("events     {}..{} ({}), {} to {}\n", report.log.first.value,
                                report.log.last.value, coverage.events,
                                utc_time(coverage.first_wall), utc_time(coverage.last_wall));
  if (coverage.base.value > 0) {
    out += fmt::format("base       events up to {} are not in this log\n", coverage.base.value);
  }
  out += fmt::format("boots      {}, {} times in which the node did not run\n", coverage.boots,
                     coverage.outages.size());
  for (const Outage& outage : coverage.outages) {
    if (!in_full) break;
    out += fmt::format("  not running {} to {} (events {}..{}, {})\n", utc_time(outage.from),
                       utc_time(outage.to), outage.before.value, outage.after.value,
                       outage.is_clean ? "shut down" : "ended without a shutdown");
  }
  if (!coverage.l1_not_followed.empty()) {
    out += fmt::format("L1         {} times in which it was not followed\n",
                       coverage.l1_not_followed.size());
  }
  for (const L1Absence& absence : coverage.l1_not_followed) {
    if (!in_full) break;
    out += absence_text(absence);
  }
  for (const Gap& gap : coverage.gaps) {
    out += fmt::format("gap        events {}..{}: {}\n", gap.from.value, gap.to.value,
                       quoted(gap.why));
  }
  out += fmt::format("effects    {} digests compared, {} different\n", coverage.digests_compared,
                     coverage.digests_different);
  out += facts_text(coverage.facts) + removed_text(coverage) + clock_text(coverage);
  const std::uint64_t not_judged = coverage.defective + coverage.other_slasher +
                                   coverage.no_schedule + coverage.window_mismatch +
                                   report.beyond_horizon;
  if (not_judged > 0 || in_full) {
    out += fmt::format(
        "not judged {} defective, {} of another slasher, {} without a schedule, {} with another "
        "window end, {} for windows closed already\n",
        coverage.defective, coverage.other_slasher, coverage.no_schedule, coverage.window_mismatch,
        report.beyond_horizon);
  }
  if (coverage.lists_cut > 0) {
    out += fmt::format("not listed {} outages, gate or schedule changes\n", coverage.lists_cut);
  }
  if (coverage.trouble) {
    out += fmt::format("log {} at event {}: {}\n", coverage.trouble->code,
                       coverage.trouble->seq.value, quoted(coverage.trouble->detail));
  }
  if (!in_full) return out;
  for (const GateChange& change : coverage.gate) {
    out += fmt::format("  gate {} at {} (event {}{}{})\n", change.open ? "open" : "closed",
                       utc_time(change.wall), change.seq.value, change.open ? "" : ", ",
                       change.open ? "" : core::name_of(change.reason));
  }
  for (const ScheduleChange& change : coverage.schedules) {
    out += fmt::format("  schedule version {}, {} windows, {} at {} (event {})\n", change.version,
                       change.windows, change.accepted ? "accepted" : "refused",
                       utc_time(change.wall), change.seq.value);
  }
  return out;
}

}  // namespace preconf::replay::audit
