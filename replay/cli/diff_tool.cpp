// `preconf diff`.
#include <CLI/CLI.hpp>
#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/compare/diff.hpp"
#include "replay/json_printer.hpp"
#include "replay/progress.hpp"
#include "replay/report.hpp"

namespace preconf::replay {
namespace {

class DiffTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    app.add_option("LOG1", one_, "data directory of a node, running or not, or a capture file")
        ->required();
    app.add_option("LOG2", two_, "the other one")->required();
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    const auto one = ledger_of(one_, streams);
    if (!one) return one.error();
    const auto two = ledger_of(two_, streams);
    if (!two) return two.error();
    const DiffReport report = compare(*one, *two);
    streams.out << (json_ ? to_json(report) + "\n" : to_text(report));
    return report.agree ? ExitCode::kClean : ExitCode::kDivergence;
  }

 private:
  core::Result<Ledger, ExitCode> ledger_of(const std::string& path, Streams streams) const {
    const auto fail = [&](const storage::StorageFailure& failure) {
      streams.err << "preconf diff: " << path << ": " << storage::name_of(failure.code)
                  << " at event " << failure.seq.value << ": " << failure.detail << '\n';
      return core::Unexpected{static_cast<ExitCode>(result_of(failure))};
    };
    const auto history = open_history(path);
    if (!history) return fail(history.error());
    ProgressLine progress(streams.err, streams.err_is_terminal && !json_);
    const std::uint64_t end = history->events->end().seq.value;
    auto ledger = Ledger::of(*history, [&](core::Seq seq) { progress.show(seq.value, end); });
    progress.clear();
    if (!ledger) return fail(ledger.error());
    return std::move(ledger).value();
  }

  std::string one_;
  std::string two_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_diff_tool() { return std::make_unique<DiffTool>(); }

}  // namespace preconf::replay
