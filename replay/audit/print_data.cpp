// The formats for programs.
#include <fmt/format.h>

#include <ostream>

#include "replay/audit/canonical_json.hpp"
#include "replay/audit/print.hpp"

namespace preconf::replay::audit {

std::string to_json(const AuditReport& report) { return canonical_json(report) + "\n"; }

std::string to_json_lines(const AuditReport& report) {
  AuditReport head = report;
  head.findings.clear();
  head.blocks.clear();
  head.windows.clear();
  head.signers.clear();
  std::string out = canonical_json(head) + "\n";
  for (const Finding& finding : report.findings) out += canonical_json(finding) + "\n";
  return out;
}

std::optional<Table> table_from(std::string_view name) {
  if (name == "findings") return Table::kFindings;
  if (name == "blocks") return Table::kBlocks;
  if (name == "windows") return Table::kWindows;
  return std::nullopt;
}

namespace {

constexpr const char* kLineEnd = "\r\n";

/// A field of text: quoted when it has to be. Text that a spreadsheet would run gets an apostrophe.
std::string text_field(const std::string& text) {
  const bool is_formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  std::string out = is_formula ? "'" + text : text;
  if (out.find_first_of(",\"\r\n") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char character : out) {
    if (character == '"') quoted += '"';
    quoted += character;
  }
  return quoted + "\"";
}

template <class T>
std::string field(const std::optional<T>& value) {
  return value ? leaf_text(*value) : std::string();
}

std::string seq_field(const std::optional<Moment>& moment) {
  return moment ? leaf_text(moment->seq) : std::string();
}

std::string wall_field(const std::optional<Moment>& moment) {
  return moment ? leaf_text(moment->wall) : std::string();
}

std::string joined(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : "; ") + value;
  return text_field(out);
}

std::string joined(const std::vector<core::Seq>& values) {
  std::string out;
  for (const core::Seq value : values) out += (out.empty() ? "" : " ") + leaf_text(value);
  return out;
}

std::string row(const BlockLife& life) {
  return fmt::format(
      "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}", life.number.value,
      leaf_text(life.preconf_hash), leaf_text(life.signer), life.window_end.value,
      life.timestamp.value, life.eop, life.eop_only, leaf_text(life.tx_list_hash),
      life.received.seq.value, leaf_text(life.received.wall), life.copies,
      core::name_of(life.decision), core::name_of(life.reason), seq_field(life.admitted),
      wall_field(life.admitted), seq_field(life.list_received), wall_field(life.list_received),
      seq_field(life.executed), wall_field(life.executed), field(life.block_hash),
      field(life.confirmed_hash), name_of(life.landing), joined(life.findings));
}

std::string row(const WindowSummary& window) {
  const WindowEnd& end = window.end;
  const LatencySummary& latency = window.latency;
  return fmt::format(
      "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
      window.window_end.value, leaf_text(window.signer), window.schedule_version, window.promises,
      window.admitted, window.executed, window.late, window.lists_missing,
      field(window.first_number), field(window.last_number), window.landing.honoured,
      window.landing.contradicted, window.landing.not_landed, window.landing.unknown,
      name_of(end.verdict), wall_field(end.eop_seen), field(end.eop_number), end.eop_only,
      end.eop_seen ? std::to_string(end.eop_before_end_ms) : std::string(), field(end.next_signer),
      latency.seen.p50, latency.seen.p90, latency.seen.p99, latency.seen.max, latency.admitted.p50,
      latency.executed.p50, latency.executed.p99, window.faults);
}

}  // namespace

std::string findings_csv(const AuditReport& report) {
  std::string out =
      "kind,class,verdict,signer,window_end,block_number,preconf_hash,from,to,first_seq,first_seen,"
      "seqs,reason,missing,actionability,text,id";
  out += kLineEnd;
  for (const Finding& finding : report.findings) {
    out += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}", name_of(finding.kind),
        name_of(finding.fault_class), name_of(finding.verdict), field(finding.signer),
        field(finding.window_end), field(finding.block_number), field(finding.preconf_hash),
        field(finding.from), field(finding.to), finding.first_seq.value,
        leaf_text(finding.first_seen), joined(finding.seqs), text_field(finding.reason),
        joined(finding.missing), name_of(finding.actionability), text_field(finding.text),
        text_field(finding.id));
    out += kLineEnd;
  }
  return out;
}

CsvSink::CsvSink(std::ostream& out, Table table, const Question& question)
    : out_(out), table_(table), question_(question) {
  if (table == Table::kBlocks) {
    out_ << "block_number,preconf_hash,signer,window_end,timestamp,eop,eop_only,tx_list_hash,"
            "first_seq,first_seen,copies,decision,reason,admitted_seq,admitted_at,list_seq,list_at,"
            "executed_seq,executed_at,block_hash,confirmed_hash,landing,findings";
  } else {
    out_ << "window_end,signer,schedule_version,promises,admitted,executed,late,lists_missing,"
            "first_block,last_block,honoured,contradicted,not_landed,landing_unknown,end_verdict,"
            "eop_seen,eop_block,eop_only,eop_before_end_ms,next_signer,seen_p50_ms,seen_p90_ms,"
            "seen_p99_ms,seen_max_ms,admitted_p50_ms,executed_p50_ms,executed_p99_ms,faults";
  }
  out_ << kLineEnd;
}

void CsvSink::on_block(const BlockLife& life) {
  if (table_ != Table::kBlocks) return;
  if (question_.signer && life.signer != *question_.signer) return;
  if (question_.number && life.number != *question_.number) return;
  out_ << row(life) << kLineEnd;
}

void CsvSink::on_window(const WindowSummary& window) {
  if (table_ != Table::kWindows) return;
  if (question_.signer && window.signer != *question_.signer) return;
  out_ << row(window) << kLineEnd;
}

}  // namespace preconf::replay::audit
