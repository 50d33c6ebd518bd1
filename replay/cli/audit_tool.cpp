// `preconf audit`.
#include <charconv>
#include <fstream>
#include <ostream>

#include "core/base/hex.hpp"
#include "core/reducer.hpp"
#include "replay/audit/html_report.hpp"
#include "replay/audit/print.hpp"
#include "replay/cli/all_tools.hpp"
#include "replay/cli/options.hpp"
#include "replay/history.hpp"
#include "replay/progress.hpp"
#include "replay/time_text.hpp"

namespace preconf::replay {
namespace {

using audit::Topic;

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

enum class Format : std::uint8_t { kText, kJson, kJsonLines, kCsv, kHtml };

core::Address address_from(const std::string& option, const std::string& text) {
  const auto address = core::fixed_from_hex<20>(text);
  if (!address) refuse_value(option, "an address of 20 bytes, in hex");
  return *address;
}

class AuditTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    add_questions(app);
    add_option_function(
        app, "--signer",
        [this](const std::string& text) { question_.signer = address_from("--signer", text); },
        "only what concerns this signer");
    add_option_function(
        app, "--kind",
        [this](const std::string& text) {
          question_.kind = audit::finding_kind_from(text);
          if (!question_.kind) refuse_value("--kind", "no such kind of finding");
        },
        "only findings of this kind");
    add_formats(app);
    const OptionRef all = add_flag(app, "--verify", verify_all_,
                                   "recompute every fact from bytes, not only the signed ones");
    add_flag(app, "--trust-facts", trust_, "recompute no signatures: quick, but proves less")
        .excludes(all);
  }

  ExitCode run(Streams streams) override {
    if (out_path_.empty()) return run(streams, streams.out);
    std::ofstream file(out_path_, std::ios::binary | std::ios::trunc);
    const ExitCode code = file ? run(streams, file) : ExitCode::kFailed;
    file.close();
    if (file) return code;
    streams.err << "preconf audit: " << out_path_ << " can not be written\n";
    return ExitCode::kFailed;
  }

 private:
  void add_topic(CLI::App& app, const std::string& name, Topic topic, const std::string& help) {
    add_flag_callback(
        app, name, [this, topic] { ask(topic); }, help);
  }
  void ask(Topic topic) {
    if (question_.topic != Topic::kAll) {
      refuse_value("audit", "one question at a time");
    }
    question_.topic = topic;
  }

  void add_questions(CLI::App& app) {
    add_topic(app, "--equivocations", Topic::kEquivocations,
              "who signed two different things for one block and window?");
    add_option_function(
        app, "--block", [this](const std::string& text) { ask_block(text); },
        "N or HASH (preconfirmation, list or block): who promised it, when was it seen, what was "
        "decided, and why?");
    add_topic(app, "--landing", Topic::kLanding, "which promises did not land on L1 as promised?");
    add_topic(app, "--eop", Topic::kEop, "did each window end with an EOP, and who was next?");
    add_topic(app, "--withheld", Topic::kWithheld, "which transaction lists never came?");
    add_topic(app, "--reorgs", Topic::kReorgs, "when and from where was the head replaced?");
    add_topic(app, "--rules", Topic::kRules,
              "was the node right, under the rules of the time and under those of --reducer?");
    add_number_option(
        app, "--reducer", {1, core::kReducerVersion},
        [this](std::uint64_t version) { reducer_ = static_cast<std::uint32_t>(version); },
        "version of the rules to compare with (" + std::to_string(core::kReducerVersion) + ")");
    add_option_function(
        app, "--defence",
        [this](const std::string& text) {
          ask(Topic::kDefence);
          if (text == "self") {
            is_self_ = true;
          } else {
            question_.signer = address_from("--defence", text);
          }
        },
        "SIGNER or self: was it synced and in its window, what did it send, when was it seen?");
    add_topic(app, "--coverage", Topic::kCoverage, "how reliable and how complete is this log?");
    add_topic(app, "--latency", Topic::kLatency,
              "how late were commitments, admission and execution?");
    add_option_function(
        app, "--schedule-at",
        [this](const std::string& text) {
          ask(Topic::kScheduleAt);
          // As a position writes it, or bare.
          const bool is_position = text.starts_with('@');
          const auto time = time_from(std::string_view(text).substr(is_position ? 1 : 0));
          if (!time) refuse_value("--schedule-at", "no time: " + text);
          options_.schedule_at = core::UnixSeconds{time->value / kNanosPerSecond};
        },
        "TIME or @TIME: who should have been sequencing?");
  }

  void ask_block(const std::string& text) {
    ask(Topic::kBlock);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) {
      question_.number = core::BlockNumber{number};
      return;
    }
    question_.hash = core::fixed_from_hex<32>(text);
    if (!question_.hash) refuse_value("--block", "a number or a hash of 32 bytes");
  }

  void add_formats(CLI::App& app) {
    add_option_function(
        app, "--format",
        [this](const std::string& text) {
          if (text == "text") {
            format_ = Format::kText;
          } else if (text == "json") {
            format_ = Format::kJson;
          } else if (text == "jsonl") {
            format_ = Format::kJsonLines;
          } else if (text == "csv") {
            format_ = Format::kCsv;
          } else if (text == "html") {
            format_ = Format::kHtml;
          } else {
            refuse_value("--format", "one of text, json, jsonl, csv, html");
          }
        },
        "text, json (canonical), jsonl (one finding per line), csv or html (one page that needs "
        "nothing else)");
    add_flag_callback(
        app, "--json", [this] { format_ = Format::kJson; }, "the same as --format json");
    add_option_function(
        app, "--table",
        [this](const std::string& text) {
          const auto table = audit::table_from(text);
          if (!table) {
            refuse_value("--table", "one of findings, blocks, windows");
          }
          table_ = *table;
          has_table_ = true;
        },
        "rows of --format csv: findings, blocks (one row per promise) or windows (one row per "
        "signer and window)");
    add_option(app, "--out", out_path_, "write to this file");
  }

  ExitCode run(Streams streams, std::ostream& out) {
    if (is_self_) {
      streams.err << "preconf audit: the log does not say which signer is its node's own: name the "
                     "address\n";
      return ExitCode::kFailed;
    }
    if (has_table_ && format_ != Format::kCsv) {
      streams.err << "preconf audit: --table says what the rows of --format csv are\n";
      return ExitCode::kFailed;
    }
    options_.path = path_;
    options_.verification = trust_        ? audit::Verification::kNone
                            : verify_all_ ? audit::Verification::kAll
                                          : audit::Verification::kSignatures;
    if (question_.topic == Topic::kRules) options_.compare_rules = reducer_;
    std::optional<audit::CsvSink> csv;
    if (format_ == Format::kCsv && table_ != audit::Table::kFindings) {
      csv.emplace(out, table_, question_);
    }
    audit::Sink* rows = csv ? &*csv : nullptr;
    if (format_ == Format::kHtml) rows = &page_;
    audit::BlockCollector collector(question_, rows);
    options_.sink = &collector;
    ProgressLine progress(*streams.terminal, streams.err_is_terminal);
    audit::AuditReport report = audit::audit(options_, [&progress](const audit::AuditProgress& at) {
      progress.show(at.seq.value - at.first.value + 1, at.last.value - at.first.value + 1);
    });
    progress.clear();
    if (report.result == audit::AuditResult::kFailed) {
      streams.err << "preconf audit: " << report.message << '\n';
      return ExitCode::kFailed;
    }
    collector.give(report);
    audit::narrow(report, question_);
    if (!csv) print(report, out);
    return static_cast<ExitCode>(report.result);
  }

  void print(const audit::AuditReport& report, std::ostream& out) const {
    switch (format_) {
      case Format::kText:
        out << audit::to_text(report, question_.topic);
        return;
      case Format::kJson:
        out << audit::to_json(report);
        return;
      case Format::kJsonLines:
        out << audit::to_json_lines(report);
        return;
      case Format::kCsv:
        out << audit::findings_csv(report);
        return;
      case Format::kHtml:
        print_page(report, out);
        return;
    }
  }

  void print_page(const audit::AuditReport& report, std::ostream& out) const {
    const auto history = open_readable(path_);
    out << audit::to_html(report, page_, history ? history->events.get() : nullptr);
  }

  std::string path_;
  std::string out_path_;
  audit::HtmlCollector page_;
  audit::AuditOptions options_;
  audit::Question question_;
  std::uint32_t reducer_ = core::kReducerVersion;
  Format format_ = Format::kText;
  audit::Table table_ = audit::Table::kFindings;
  bool has_table_ = false;
  bool verify_all_ = false;
  bool trust_ = false;
  bool is_self_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_audit_tool() { return std::make_unique<AuditTool>(); }

}  // namespace preconf::replay
