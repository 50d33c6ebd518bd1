// `preconf why`.
#include <array>
#include <charconv>
#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/cli/options.hpp"
#include "replay/json_printer.hpp"
#include "replay/progress.hpp"
#include "replay/why/why.hpp"

namespace preconf::replay {
namespace {

struct SubjectEntry {
  const char* name;
  WhySubject subject;
  const char* argument;  ///< none: takes no value
  const char* help;
  const char* example;
  bool may_be_left_out = false;  ///< the argument
};

constexpr std::array kSubjects{
    SubjectEntry{"rejected", WhySubject::kRejected, "HASH",
                 "why a commitment (preconfirmation, content or commitment hash) or a transaction "
                 "list was refused",
                 "preconf why rejected /var/lib/preconf "
                 "0x5c2ae3ad0b1b0f7f3b3f0c7d9f9ef2c06a9d41e9a4d2f0a6f1a3c5b7d9e1f305"},
    SubjectEntry{"not-executed", WhySubject::kNotExecuted, "N", "why block N is not executed",
                 "preconf why not-executed /var/lib/preconf 1042"},
    SubjectEntry{"head", WhySubject::kHead, "N", "why block N became the head",
                 "preconf why head /var/lib/preconf 1042 --dot | dot -Tsvg"},
    SubjectEntry{"reorg", WhySubject::kReorg, "N",
                 "why block N left the executed chain; without N, of the newest reorg the lowest",
                 "preconf why reorg /var/lib/preconf 1042 --depth 3", true},
    SubjectEntry{"not-synced", WhySubject::kNotSynced, nullptr, "which criteria of readiness fail",
                 "preconf why not-synced /var/lib/preconf --at @2026-08-12T06:00:00Z"},
    SubjectEntry{"stuck", WhySubject::kStuck, nullptr, "what the node waits for",
                 "preconf why stuck /var/lib/preconf --at head~100"},
    SubjectEntry{"command", WhySubject::kCommand, "ID", "why command CAUSE:ORDINAL was issued",
                 "preconf why command /var/lib/preconf 5120:0"},
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
    require_subcommand(app);
    for (std::size_t i = 0; i < kSubjects.size(); ++i) {
      const SubjectEntry& entry = kSubjects[i];
      apps_[i] = add_subcommand(app, entry.name, entry.help);
      add_example(*apps_[i], entry.example);
      add_log_argument(*apps_[i], path_);
      if (entry.argument != nullptr) {
        const OptionRef argument = add_option(*apps_[i], entry.argument, value_, entry.help);
        if (!entry.may_be_left_out) argument.required();
      }
      add_position_option(*apps_[i], "--at", at_,
                          "what was known after this event; the last one if not given");
      add_number_option(
          *apps_[i], "--depth", {0, 1'000},
          [this](std::uint64_t depth) { question_.depth = static_cast<unsigned>(depth); },
          "steps of the causal tree (16)");
      const OptionRef json =
          add_flag(*apps_[i], "--json", json_, "print JSON: stable keys, for programs");
      add_flag(*apps_[i], "--dot", dot_, "print the causal tree for Graphviz").excludes(json);
    }
  }

  ExitCode run(Streams streams) override {
    for (std::size_t i = 0; i < kSubjects.size(); ++i) {
      if (!is_parsed(*apps_[i])) continue;
      question_.subject = kSubjects[i].subject;
      question_.text = kSubjects[i].name;
      if (kSubjects[i].argument == nullptr) continue;
      question_.any_block = kSubjects[i].may_be_left_out && value_.empty();
      if (question_.any_block) continue;
      question_.text += " " + value_;
      if (!read_value(value_, question_)) {
        streams.err << "preconf why: bad " << kSubjects[i].argument << '\n';
        return ExitCode::kFailed;
      }
    }
    Inspection log("why", streams, json_);
    if (!log.open(path_)) return log.code();
    const auto at = log.position(at_, log.last());
    if (!at) return log.code();
    const auto answer = log.ask([&](const History& history) {
      question_.at = at_ ? *at : log.last();
      ProgressLine progress(*streams.terminal, streams.err_is_terminal && !json_);
      auto found = explain(history, question_,
                           [&](core::Seq seq) { progress.show(seq.value, question_.at.value); });
      progress.clear();
      return found;
    });
    if (!answer) return log.code();
    if (json_) {
      streams.out << to_json(*answer) << '\n';
    } else {
      streams.out << (dot_ ? to_dot(*answer) : to_text(*answer));
    }
    return log.code();
  }

 private:
  std::array<CLI::App*, kSubjects.size()> apps_{};
  std::string path_;
  std::string value_;
  std::optional<std::string> at_;
  Question question_;
  bool json_ = false;
  bool dot_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_why_tool() { return std::make_unique<WhyTool>(); }

}  // namespace preconf::replay
