// `preconf bisect`.
#include <unistd.h>

#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/cli/options.hpp"
#include "replay/compare/bisect.hpp"
#include "replay/compare/program.hpp"
#include "replay/json_printer.hpp"
#include "replay/progress.hpp"

namespace preconf::replay {
namespace {

class BisectTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    const OptionRef condition = add_option(app, "--pred", condition_,
                                           "condition over the state and the event, for instance "
                                           "'heads.unsafe.number < 500 && gate.open'");
    add_option(app, "--against", against_,
               "another preconf program, or another log or capture to compare with")
        .excludes(condition);
    add_position_option(app, "--from", from_, "first event that may be the one");
    add_position_option(app, "--to", to_, "last one");
    add_flag(app, "--linear", linear_, "look at every event instead of assuming that it stays true")
        .needs(condition);
    add_number_option(
        app, "--deadline", {1, 86'400},
        [this](std::uint64_t seconds) { deadline_s_ = static_cast<unsigned>(seconds); },
        "seconds for one answer of the other program (600)");
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    if (condition_.empty() == against_.empty()) {
      streams.err << "preconf bisect: one of --pred and --against is required\n";
      return ExitCode::kFailed;
    }
    Inspection log("bisect", streams, json_);
    if (!log.open(path_)) return log.code();
    const auto named = log.range(from_, to_);
    if (!named) return log.code();
    Inspection other("bisect", streams, json_);
    const bool is_log = !against_.empty() && !is_program(against_);
    if (is_log && !other.open(against_)) return other.code();
    const auto result = log.ask([&](const History& history) {
      const BisectRange range{named->from, to_ ? named->to : log.last()};
      ProgressLine progress(*streams.terminal, streams.err_is_terminal && !json_);
      const auto show = [&](core::Seq seq) {
        progress.show(core::distance(range.from, seq), core::distance(range.from, range.to) + 1);
      };
      auto found = is_log             ? bisect_logs(history, other.history(), range, show)
                   : against_.empty() ? by_condition(history, range, show)
                                      : by_program(history, range, show);
      progress.clear();
      return found;
    });
    if (!result) return log.code();
    streams.out << (json_ ? to_json(*result) + "\n" : to_text(*result));
    const bool diverges = !against_.empty() && result->found;
    return log.code(other.code(diverges ? ExitCode::kDivergence : ExitCode::kClean));
  }

 private:
  static bool is_program(const std::string& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
  }

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

  BisectResult by_program(const History& history, BisectRange range,
                          const BisectProgress& show) const {
    std::error_code error;
    const auto deadline = std::chrono::seconds(deadline_s_);
    const std::filesystem::path program = std::filesystem::absolute(against_, error);
    const StateHashOf other = [this, deadline, program](core::Seq seq) {
      return state_hash_by(program, path_, seq, deadline);
    };
    return bisect_program(history, other, range, show);
  }

  std::string path_;
  std::string condition_;
  std::string against_;
  std::optional<std::string> from_;
  std::optional<std::string> to_;
  unsigned deadline_s_ = 600;
  bool linear_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_bisect_tool() { return std::make_unique<BisectTool>(); }

}  // namespace preconf::replay
