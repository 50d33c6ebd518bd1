// `preconf evidence`.
#include <ostream>

#include "replay/audit/audit.hpp"
#include "replay/audit/canonical_json.hpp"
#include "replay/cli/all_tools.hpp"
#include "replay/cli/options.hpp"
#include "replay/evidence/export.hpp"
#include "replay/evidence/verify.hpp"
#include "replay/history.hpp"
#include "replay/progress.hpp"

namespace preconf::replay {
namespace {

struct Listed {
  std::string id;  ///< in full, as in the reports of `audit`; only text has the short one
  audit::Kind kind = audit::Kind::kLogGap;
  audit::Verdict verdict = audit::Verdict::kFault;
  audit::Actionability actionability = audit::Actionability::kOffchainOnly;
  core::Seq first_seq;
  std::string text;
  PRECONF_FIELDS(Listed, id, kind, verdict, actionability, first_seq, text);
};

class EvidenceTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    require_subcommand(app);
    ls_ = add_subcommand(app, "ls", "findings of a log, with their ids");
    add_example(*ls_, "preconf evidence ls /var/lib/preconf");
    add_log_argument(*ls_, log_);
    add_json_flag(*ls_, json_);
    export_ = add_subcommand(app, "export", "a folder that shows one finding without this program");
    add_example(*export_, "preconf evidence export /var/lib/preconf 1f2e3d4c5b6a --out evidence");
    add_log_argument(*export_, log_);
    add_option(*export_, "ID", id_, "of the finding: as `ls` prints it, or in full").required();
    add_option(*export_, "--out", directory_, "folder to make").required();
    add_json_flag(*export_, json_);
    verify_ = add_subcommand(app, "verify", "check such a folder, offline");
    add_example(*verify_, "preconf evidence verify evidence --json");
    add_option(*verify_, "DIR", directory_, "folder that `export` made").required();
    add_json_flag(*verify_, json_);
  }

  ExitCode run(Streams streams) override {
    if (is_parsed(*ls_)) return list(streams);
    return is_parsed(*export_) ? make(streams) : verify(streams);
  }

 private:
  static ExitCode fail(Streams streams, const std::string& message,
                       ExitCode code = ExitCode::kFailed) {
    streams.err << "preconf evidence: " << message << '\n';
    return code;
  }

  audit::AuditReport judge(Streams streams) const {
    audit::AuditOptions options;
    options.path = log_;
    ProgressLine progress(*streams.terminal, streams.err_is_terminal && !json_);
    auto report = audit::audit(options, [&progress](const audit::AuditProgress& at) {
      progress.show(at.seq.value - at.first.value + 1, at.last.value - at.first.value + 1);
    });
    progress.clear();
    if (const auto& trouble = report.coverage.trouble) {
      streams.err << "preconf evidence: THE LOG IS NOT WHOLE: " << trouble->code << " at event "
                  << trouble->seq.value << ": " << trouble->detail << '\n';
    }
    return report;
  }

  ExitCode list(Streams streams) {
    const audit::AuditReport report = judge(streams);
    if (report.result == audit::AuditResult::kFailed) return fail(streams, report.message);
    for (const audit::Finding& finding : report.findings) {
      const Listed listed{finding.id,        finding.kind, finding.verdict, finding.actionability,
                          finding.first_seq, finding.text};
      if (json_) {
        streams.out << audit::canonical_json(listed) << '\n';
        continue;
      }
      std::string text;
      append_quoted(text, listed.text);
      streams.out << evidence::short_id(finding) << "  " << name_of(listed.verdict) << "  "
                  << name_of(listed.kind) << "  event " << listed.first_seq.value << "  "
                  << name_of(listed.actionability) << "\n              " << text << '\n';
    }
    return static_cast<ExitCode>(report.result);
  }

  ExitCode make(Streams streams) {
    const audit::AuditReport report = judge(streams);
    if (report.result == audit::AuditResult::kFailed) return fail(streams, report.message);
    // What is not here may be why there is no such finding, or no folder of it.
    const ExitCode refusal = report.coverage.trouble ? ExitCode::kDamaged : ExitCode::kFailed;
    const audit::Finding* finding = evidence::find_finding(report, id_);
    if (finding == nullptr) {
      return fail(streams, "no finding " + id_ + "; see `evidence ls`", refusal);
    }
    const auto history = open_readable(log_);
    if (!history) return fail(streams, history.error().detail, refusal);
    const auto files = evidence::make_bundle(*history, report, *finding);
    if (!files) return fail(streams, files.error(), refusal);
    const auto written = evidence::write_files(directory_, *files);
    if (!written) return fail(streams, written.error());
    return print(streams, evidence::verify_bundle(*files));
  }

  ExitCode verify(Streams streams) {
    const auto files = evidence::read_files(directory_);
    if (!files) return fail(streams, files.error());
    return print(streams, evidence::verify_bundle(*files));
  }

  /// What the folder shows: the same whether it was just made or came from far away.
  ExitCode print(Streams streams, const evidence::VerifyReport& report) const {
    if (json_) {
      streams.out << audit::canonical_json(report) << '\n';
    } else {
      std::string out = "bundle     " + leaf_text(report.seal) + " (SHA-256 of SHA256SUMS)\n";
      const auto add = [&out](const char* name, const std::string& text) {
        out += name;
        std::string quoted;
        append_quoted(quoted, text);
        out += quoted.substr(1, quoted.size() - 2) + "\n";
      };
      add("finding    ", report.id);
      for (const std::string& text : report.checks) add("ok         ", text);
      for (const std::string& text : report.problems) add("DAMAGED    ", text);
      if (report.problems.empty()) {
        add(report.verdict == evidence::BundleVerdict::kShown ? "shown      " : "NOT SHOWN  ",
            report.predicate);
      }
      for (const std::string& text : report.not_shown) add("not shown  ", text);
      for (const std::string& text : report.missing) add("missing    ", text);
      streams.out << out;
    }
    switch (report.verdict) {
      case evidence::BundleVerdict::kShown:
        return ExitCode::kClean;
      case evidence::BundleVerdict::kNotShown:
        return ExitCode::kDivergence;
      default:
        return ExitCode::kDamaged;
    }
  }

  CLI::App* ls_ = nullptr;
  CLI::App* export_ = nullptr;
  CLI::App* verify_ = nullptr;
  std::string log_;
  std::string id_;
  std::string directory_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_evidence_tool() { return std::make_unique<EvidenceTool>(); }

}  // namespace preconf::replay
