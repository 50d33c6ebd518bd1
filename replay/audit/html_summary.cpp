#include "replay/audit/html_summary.hpp"

#include <algorithm>

#include "replay/audit/html_text.hpp"
#include "replay/leaf.hpp"

namespace preconf::replay::audit {
namespace {

constexpr std::size_t kStaticFindings = 200;
constexpr std::size_t kStaticSigners = 100;
constexpr std::size_t kStaticGaps = 50;

void append_pair(std::string& out, std::string_view name, std::string_view value,
                 std::string_view style = {}) {
  out += "<div><dt>";
  append_html(out, name);
  out += "</dt><dd";
  if (!style.empty()) {
    out += " class=\"";
    out += style;
    out += '"';
  }
  out += '>';
  append_html(out, value);
  out += "</dd></div>\n";
}

void append_cell(std::string& out, std::string_view value, const char* style = "") {
  out += *style == '\0' ? "<td>" : std::string("<td class=\"") + style + "\">";
  append_html(out, value);
  out += "</td>";
}
void append_cell(std::string& out, std::uint64_t value) {
  append_cell(out, std::to_string(value), value == 0 ? "num zero" : "num");
}

void append_head(std::string& out, std::initializer_list<const char*> names) {
  out += "<thead><tr>";
  for (const char* name : names) out += std::string("<th scope=\"col\">") + name + "</th>";
  out += "</tr></thead>\n";
}

void append_not_shown(std::string& out, std::uint64_t count, const char* what) {
  if (count == 0) return;
  out += "<p class=\"cut\">not shown: " + std::to_string(count) + " " + what + "</p>\n";
}

std::string joined(const std::vector<std::uint32_t>& values) {
  std::string out;
  for (const std::uint32_t value : values) {
    if (!out.empty()) out += ", ";
    out += std::to_string(value);
  }
  return out;
}

std::string seconds_text(std::uint64_t nanos) {
  return std::to_string(nanos / 1'000'000'000) + "." +
         std::to_string(1000 + nanos / 1'000'000 % 1000).substr(1) + " s";
}

void append_outages(std::string& out, const Coverage& coverage) {
  if (coverage.outages.empty()) return;
  out += "<table><caption>Times in which this node saw nothing</caption>";
  append_head(out, {"from", "to", "how long", "events", "how it ended"});
  out += "<tbody>\n";
  const std::size_t shown = std::min(coverage.outages.size(), kStaticGaps);
  for (std::size_t i = 0; i < shown; ++i) {
    const Outage& outage = coverage.outages[i];
    out += "<tr>";
    append_cell(out, utc_time(outage.from));
    append_cell(out, utc_time(outage.to));
    append_cell(out, seconds_text(core::distance(outage.from, outage.to)), "num");
    append_cell(out,
                std::to_string(outage.before.value) + " to " + std::to_string(outage.after.value));
    append_cell(out, outage.is_clean ? "shutdown was requested" : "the process just ended");
    out += "</tr>\n";
  }
  out += "</tbody></table>\n";
  append_not_shown(out, coverage.outages.size() - shown, "outages");
}

void append_l1_absences(std::string& out, const Coverage& coverage) {
  const auto& absences = coverage.l1_not_followed;
  if (absences.empty()) return;
  out += "<table><caption>Times in which L1 was not followed</caption>";
  append_head(out, {"from", "to", "how long", "events", "why"});
  out += "<tbody>\n";
  const std::size_t shown = std::min(absences.size(), kStaticGaps);
  for (std::size_t i = 0; i < shown; ++i) {
    const L1Absence& absence = absences[i];
    out += "<tr>";
    append_cell(out, utc_time(absence.since));
    append_cell(out, utc_time(absence.until));
    append_cell(out, seconds_text(core::distance(absence.since, absence.until)), "num");
    append_cell(out, std::to_string(absence.from.value) + " to " +
                         (absence.to.value == 0 ? "the end" : std::to_string(absence.to.value)));
    append_cell(out, absence.why);
    out += "</tr>\n";
  }
  out += "</tbody></table>\n";
  append_not_shown(out, absences.size() - shown, "times in which L1 was not followed");
}

void append_gaps(std::string& out, const Coverage& coverage) {
  if (coverage.gaps.empty()) return;
  out += "<table><caption>Events that are missing</caption>";
  append_head(out, {"from", "to", "why"});
  out += "<tbody>\n";
  const std::size_t shown = std::min(coverage.gaps.size(), kStaticGaps);
  for (std::size_t i = 0; i < shown; ++i) {
    const Gap& gap = coverage.gaps[i];
    out += "<tr>";
    append_cell(out, gap.from.value);
    append_cell(out, gap.to.value);
    append_cell(out, gap.why);
    out += "</tr>\n";
  }
  out += "</tbody></table>\n";
  append_not_shown(out, coverage.gaps.size() - shown, "gaps");
}

bool is_whole(const Coverage& coverage) {
  return coverage.base.value == 0 && coverage.gaps.empty() && !coverage.trouble;
}

std::string coverage_text(const Coverage& coverage) {
  std::string out = std::to_string(coverage.events) + " events";
  if (coverage.base.value > 0) {
    out += ", none before event " + std::to_string(coverage.base.value + 1);
  }
  out += coverage.gaps.empty() ? ", no gap" : ", gaps: " + std::to_string(coverage.gaps.size());
  out += ", times without this node: " + std::to_string(coverage.outages.size());
  if (coverage.trouble) out += "; not readable whole: " + coverage.trouble->code;
  return out;
}

std::string removed_text(const Coverage& coverage) {
  std::string out;
  for (const auto& [cause, count] : coverage.content_removed) {
    if (count > 0) out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + cause;
  }
  return out.empty() ? "none" : out;
}

std::string clock_text(const Coverage& coverage) {
  if (coverage.boots == 0) return "not known: no boot in this range";
  std::string out;
  if (coverage.clock_error_ns) {
    out = "at most " + std::to_string((*coverage.clock_error_ns + 999) / 1'000) +
          " µs, as estimated at boot";
  }
  if (coverage.boots_without_clock_error > 0) {
    if (!out.empty()) out += "; ";
    out += "not known for " + std::to_string(coverage.boots_without_clock_error) + " of " +
           std::to_string(coverage.boots) + " boots";
  }
  return out;
}

}  // namespace

void append_html_identity(std::string& out, const AuditReport& report) {
  const LogIdentity& log = report.log;
  out += "<dl class=\"facts\">\n";
  append_pair(out, "log", core::to_hex0x(log.id.view()), "hash");
  append_pair(out, "chain head", core::to_hex0x(log.chain.view()), "hash");
  append_pair(out, "events",
              std::to_string(log.first.value) + " to " + std::to_string(log.last.value));
  append_pair(out, "time",
              utc_time(report.coverage.first_wall) + " to " + utc_time(report.coverage.last_wall));
  append_pair(out, "coverage", coverage_text(report.coverage),
              is_whole(report.coverage) ? "" : "bad");
  append_pair(out, "L2 chain id", std::to_string(log.chain_id));
  append_pair(out, "rules (SHA-256)", core::to_hex0x(log.rules_hash.view()), "hash");
  append_pair(out, "signing domain", core::to_hex0x(log.signing_domain.view()), "hash");
  append_pair(out, "reducer version", joined(log.reducer_versions));
  append_pair(out, "fault taxonomy", report.taxonomy);
  append_pair(out, "report schema", std::to_string(report.schema_version));
  out += "</dl>\n";
}

void append_html_coverage(std::string& out, const AuditReport& report) {
  const Coverage& coverage = report.coverage;
  out += "<dl class=\"facts\">\n";
  append_pair(out, "begins after event", std::to_string(coverage.base.value));
  append_pair(out, "boots", std::to_string(coverage.boots));
  append_pair(out, "clock error", clock_text(coverage));
  append_pair(out, "clock steps back", std::to_string(coverage.clock_steps_back));
  append_pair(out, "effects compared",
              std::to_string(coverage.digests_compared) +
                  ", different: " + std::to_string(coverage.digests_different));
  const FactCoverage& facts = coverage.facts;
  append_pair(out, "signatures",
              facts.recomputed ? std::to_string(facts.commitments) +
                                     " recomputed, different: " + std::to_string(facts.different) +
                                     ", bytes missing: " + std::to_string(facts.missing)
                               : "taken from the log, not recomputed");
  append_pair(out, "content that is not here", removed_text(coverage));
  append_pair(out, "not judged",
              std::to_string(coverage.defective) + " defective, " +
                  std::to_string(coverage.other_slasher) + " of another network, " +
                  std::to_string(coverage.no_schedule) + " outside any known window, " +
                  std::to_string(coverage.window_mismatch) + " with another window end, " +
                  std::to_string(report.beyond_horizon) + " beyond the horizon");
  for (const auto& [reason, count] : coverage.ingress_rejected) {
    append_pair(out, "refused before the log: " + reason, std::to_string(count));
  }
  if (coverage.trouble) {
    append_pair(out, "the log could not be read whole",
                coverage.trouble->code + " at event " +
                    std::to_string(coverage.trouble->seq.value) + ": " + coverage.trouble->detail,
                "bad");
  }
  out += "</dl>\n";
  append_gaps(out, coverage);
  append_outages(out, coverage);
  append_l1_absences(out, coverage);
}

void append_html_totals(std::string& out, const AuditReport& report) {
  out += "<div class=\"side\"><table><caption>Findings</caption>";
  append_head(out, {"kind", "class", "fault", "excused", "unknown"});
  out += "<tbody>\n";
  for (std::size_t i = 0; i < kKindCount; ++i) {
    const auto kind = static_cast<Kind>(i);
    const auto found = report.counts.find(name_of(kind));
    const KindCounts counts = found == report.counts.end() ? KindCounts{} : found->second;
    out += "<tr>";
    append_cell(out, name_of(kind));
    append_cell(out, name_of(class_of(kind)));
    append_cell(out, std::to_string(counts.faults), counts.faults > 0 ? "num fault" : "num zero");
    append_cell(out, counts.excused);
    append_cell(out, counts.unknown);
    out += "</tr>\n";
  }
  out += "</tbody></table>\n<table><caption>Promises on the confirmed chain</caption>";
  append_head(out, {"landing", "promises"});
  out += "<tbody>\n";
  const std::pair<const char*, std::uint64_t> landings[] = {
      {"honoured", report.landing.honoured},
      {"contradicted", report.landing.contradicted},
      {"not landed", report.landing.not_landed},
      {"unknown", report.landing.unknown}};
  for (const auto& [name, count] : landings) {
    out += "<tr>";
    append_cell(out, name);
    append_cell(out, count);
    out += "</tr>\n";
  }
  out += "</tbody></table>\n<table><caption>Predicates of the slashing contract</caption>";
  append_head(out, {"predicate", "true", "false", "unknown"});
  out += "<tbody>\n";
  for (const auto& [name, counts] : report.predicates) {
    out += "<tr>";
    append_cell(out, name);
    append_cell(out, counts.is_true);
    append_cell(out, counts.is_false);
    append_cell(out, counts.unknown);
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
}

void append_html_static_tables(std::string& out, const AuditReport& report) {
  out += "<h2>Findings</h2>\n<table>";
  append_head(out, {"kind", "verdict", "first seen", "event", "what"});
  out += "<tbody>\n";
  const std::size_t findings = std::min(report.findings.size(), kStaticFindings);
  for (std::size_t i = 0; i < findings; ++i) {
    const Finding& finding = report.findings[i];
    out += "<tr>";
    append_cell(out, name_of(finding.kind));
    append_cell(out, name_of(finding.verdict));
    append_cell(out, utc_time(finding.first_seen));
    append_cell(out, finding.first_seq.value);
    append_cell(out, finding.text);
    out += "</tr>\n";
  }
  out += "</tbody></table>\n";
  append_not_shown(out, report.findings.size() - findings, "findings without JavaScript");
  out += "<h2>Signers</h2>\n<table>";
  append_head(out, {"signer", "windows", "promises", "late", "seen p50 ms", "seen p99 ms"});
  out += "<tbody>\n";
  const std::size_t signers = std::min(report.signers.size(), kStaticSigners);
  for (std::size_t i = 0; i < signers; ++i) {
    const SignerSummary& signer = report.signers[i];
    out += "<tr>";
    append_cell(out, core::to_hex0x(signer.signer.view()), "hash");
    append_cell(out, signer.windows);
    append_cell(out, signer.promises);
    append_cell(out, signer.late);
    append_cell(out, signer.latency.seen.p50);
    append_cell(out, signer.latency.seen.p99);
    out += "</tr>\n";
  }
  out += "</tbody></table>\n";
  append_not_shown(out, report.signers.size() - signers, "signers without JavaScript");
}

}  // namespace preconf::replay::audit
