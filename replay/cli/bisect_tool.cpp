// `preconf bisect`.
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/compare/bisect.hpp"
#include "replay/compare/program.hpp"
#include "replay/json_printer.hpp"
#include "replay/position.hpp"
#include "replay/progress.hpp"
#include "replay/report.hpp"

namespace preconf::replay {
namespace {

class BisectTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    auto* condition = app.add_option("--pred", condition_,
                                     "condition over the state and the event, for instance "
                                     "'heads.unsafe.number < 500 && gate.open'");
    app.add_option("--against", against_,
                   "another preconf program, or another log or capture to compare with")
        ->excludes(condition);
    app.add_option("--from", from_, "position of the first event that may be the one");
    app.add_option("--to", to_, "position of the last one");
    app.add_flag("--linear", linear_, "look at every event instead of assuming that it stays true")
        ->needs(condition);
    app.add_option("--deadline", deadline_s_, "seconds for one answer of the other program")
        ->check(CLI::Range(1U, 86'400U));
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    if (condition_.empty() == against_.empty()) {
      return say(streams, "one of --pred and --against is required", ExitCode::kFailed);
    }
    const auto history = open_history(path_);
    if (!history) return say(streams, history.error());
    BisectRange range{core::next(history->events->base().seq), history->events->end().seq};
    for (const auto& [text, seq] : {std::pair{&from_, &range.from}, std::pair{&to_, &range.to}}) {
      if (text->empty()) continue;
      const auto at = resolve_position(*history, *text);
      if (!at) return say(streams, at.error(), ExitCode::kFailed);
      *seq = *at;
    }
    if (range.from > range.to) return say(streams, "--from is behind --to", ExitCode::kFailed);
    ProgressLine progress(streams.err, streams.err_is_terminal && !json_);
    const auto show = [&](core::Seq seq) {
      progress.show(core::distance(range.from, seq), core::distance(range.from, range.to) + 1);
    };
    auto result =
        condition_.empty() ? against(*history, range, show) : by_condition(*history, range, show);
    progress.clear();
    if (!result) {
      if (result.error().storage) return say(streams, *result.error().storage);
      return say(streams, result.error().message, ExitCode::kFailed);
    }
    streams.out << (json_ ? to_json(*result) + "\n" : to_text(*result));
    const bool diverges = !against_.empty() && result->found;
    return diverges ? ExitCode::kDivergence : ExitCode::kClean;
  }

 private:
  BisectResult by_condition(const History& history, BisectRange range,
                            const BisectProgress& show) const {
    const auto predicate = Predicate::parse(condition_);
    if (!predicate) {
      return core::Unexpected{BisectFailure{"--pred, column " +
                                                std::to_string(predicate.error().column) + ": " +
                                                predicate.error().message,
                                            std::nullopt}};
    }
    return bisect_predicate(history, *predicate, range, linear_, show);
  }

  BisectResult against(const History& history, BisectRange range,
                       const BisectProgress& show) const {
    std::error_code error;
    const bool is_program =
        std::filesystem::is_regular_file(against_, error) && ::access(against_.c_str(), X_OK) == 0;
    if (is_program) {
      const auto deadline = std::chrono::seconds(deadline_s_);
      const std::filesystem::path program = std::filesystem::absolute(against_, error);
      const StateHashOf other = [this, deadline, program](core::Seq seq) {
        return state_hash_by(program, path_, seq, deadline);
      };
      return bisect_program(history, other, range, show);
    }
    const auto theirs = open_history(against_);
    if (!theirs) {
      return core::Unexpected{BisectFailure{theirs.error().detail, theirs.error()}};
    }
    return bisect_logs(history, *theirs, range, show);
  }

  static ExitCode say(Streams streams, const std::string& message, ExitCode code) {
    streams.err << "preconf bisect: " << message << '\n';
    return code;
  }
  static ExitCode say(Streams streams, const storage::StorageFailure& failure) {
    streams.err << "preconf bisect: " << storage::name_of(failure.code) << " at event "
                << failure.seq.value << ": " << failure.detail << '\n';
    return static_cast<ExitCode>(result_of(failure));
  }

  std::string path_;
  std::string condition_;
  std::string against_;
  std::string from_;
  std::string to_;
  unsigned deadline_s_ = 600;
  bool linear_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_bisect_tool() { return std::make_unique<BisectTool>(); }

}  // namespace preconf::replay
