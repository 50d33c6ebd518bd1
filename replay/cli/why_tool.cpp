// `preconf why`.
#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/json_printer.hpp"
#include "replay/position.hpp"
#include "replay/progress.hpp"
#include "replay/report.hpp"
#include "replay/why/why.hpp"

namespace preconf::replay {
namespace {

struct SubjectEntry {
  const char* name;
  WhySubject subject;
  const char* argument;  ///< none: takes no value
  const char* help;
};

constexpr std::array kSubjects{
    SubjectEntry{"rejected", WhySubject::kRejected, "HASH",
                 "why a commitment (preconfirmation, content or commitment hash) or a transaction "
                 "list was refused"},
    SubjectEntry{"not-executed", WhySubject::kNotExecuted, "N", "why block N is not executed"},
    SubjectEntry{"head", WhySubject::kHead, "N", "why block N became the head"},
    SubjectEntry{"reorg", WhySubject::kReorg, "N", "why block N left the executed chain"},
    SubjectEntry{"not-synced", WhySubject::kNotSynced, nullptr, "which criteria of readiness fail"},
    SubjectEntry{"stuck", WhySubject::kStuck, nullptr, "what the node waits for"},
    SubjectEntry{"command", WhySubject::kCommand, "ID", "why command CAUSE:ORDINAL was issued"},
};

bool read_number(std::string_view text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

/// Fills the value of the question; false when `text` is none.
bool read_value(const std::string& text, Question& question) {
  if (question.subject == WhySubject::kRejected) {
    const auto hash = core::fixed_from_hex<32>(text);
    if (hash) question.hash = *hash;
    return hash.has_value();
  }
  if (question.subject == WhySubject::kCommand) {
    const std::size_t colon = text.find(':');
    std::uint64_t ordinal = 0;
    if (colon == std::string::npos) return false;
    if (!read_number(std::string_view(text).substr(0, colon), question.command.cause.value) ||
        !read_number(std::string_view(text).substr(colon + 1), ordinal) || ordinal > 0xffff) {
      return false;
    }
    question.command.ordinal = static_cast<std::uint32_t>(ordinal);
    return true;
  }
  return read_number(text, question.block.value);
}

class WhyTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    app.require_subcommand(1);
    for (std::size_t i = 0; i < kSubjects.size(); ++i) {
      const SubjectEntry& entry = kSubjects[i];
      apps_[i] = app.add_subcommand(entry.name, entry.help);
      add_log_argument(*apps_[i], path_);
      if (entry.argument != nullptr) {
        apps_[i]->add_option(entry.argument, value_, entry.help)->required();
      }
      apps_[i]->add_option("--at", at_,
                           "position: SEQ, @TIME, block:N, head~N; the end when it is missing");
      apps_[i]
          ->add_option("--depth", question_.depth, "steps of the causal tree")
          ->check(CLI::Range(0U, 1000U));
      auto* json = apps_[i]->add_flag("--json", json_, "print JSON: stable keys, for programs");
      apps_[i]->add_flag("--dot", dot_, "print the causal tree for Graphviz")->excludes(json);
    }
  }

  ExitCode run(Streams streams) override {
    for (std::size_t i = 0; i < kSubjects.size(); ++i) {
      if (!apps_[i]->parsed()) continue;
      question_.subject = kSubjects[i].subject;
      question_.text = kSubjects[i].name;
      if (kSubjects[i].argument == nullptr) continue;
      question_.text += " " + value_;
      if (!read_value(value_, question_)) {
        streams.err << "preconf why: bad " << kSubjects[i].argument << '\n';
        return ExitCode::kFailed;
      }
    }
    const auto history = open_history(path_);
    if (!history) return fail(streams, history.error());
    question_.at = history->events->end().seq;
    if (!at_.empty()) {
      const auto at = resolve_position(*history, at_);
      if (!at) {
        streams.err << "preconf why: " << at.error() << '\n';
        return ExitCode::kFailed;
      }
      question_.at = *at;
    }
    ProgressLine progress(streams.err, streams.err_is_terminal && !json_);
    const auto answer = explain(
        *history, question_, [&](core::Seq seq) { progress.show(seq.value, question_.at.value); });
    progress.clear();
    if (!answer) return fail(streams, answer.error());
    if (json_) {
      streams.out << to_json(*answer) << '\n';
    } else {
      streams.out << (dot_ ? to_dot(*answer) : to_text(*answer));
    }
    return ExitCode::kClean;
  }

 private:
  static ExitCode fail(Streams streams, const storage::StorageFailure& failure) {
    streams.err << "preconf why: " << storage::name_of(failure.code) << " at event "
                << failure.seq.value << ": " << failure.detail << '\n';
    return static_cast<ExitCode>(result_of(failure));
  }

  std::array<CLI::App*, kSubjects.size()> apps_{};
  std::string path_;
  std::string value_;
  std::string at_;
  Question question_;
  bool json_ = false;
  bool dot_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_why_tool() { return std::make_unique<WhyTool>(); }

}  // namespace preconf::replay
