// `preconf diff`.
#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/cli/options.hpp"
#include "replay/compare/diff.hpp"
#include "replay/json_printer.hpp"
#include "replay/progress.hpp"

namespace preconf::replay {
namespace {

class DiffTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_option(app, "LOG1", one_, "data directory of a node, running or not, or a capture file")
        .required();
    add_option(app, "LOG2", two_, "the other one").required();
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    Inspection log1("diff", streams, json_);
    Inspection log2("diff", streams, json_);
    const auto one = ledger_of(log1, one_, streams);
    if (!one) return log1.code();
    const auto two = ledger_of(log2, two_, streams);
    if (!two) return log2.code();
    const DiffReport report = compare(*one, *two);
    streams.out << (json_ ? to_json(report) + "\n" : to_text(report));
    return log1.code(log2.code(report.agree ? ExitCode::kClean : ExitCode::kDivergence));
  }

 private:
  std::optional<Ledger> ledger_of(Inspection& log, const std::string& path, Streams streams) const {
    if (!log.open(path)) return std::nullopt;
    return log.ask([&](const History& history) {
      ProgressLine progress(*streams.terminal, streams.err_is_terminal && !json_);
      auto ledger =
          Ledger::of(history, [&](core::Seq seq) { progress.show(seq.value, log.last().value); });
      progress.clear();
      return ledger;
    });
  }

  std::string one_;
  std::string two_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_diff_tool() { return std::make_unique<DiffTool>(); }

}  // namespace preconf::replay
