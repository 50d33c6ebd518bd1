#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/json_printer.hpp"
#include "replay/progress.hpp"
#include "replay/replay.hpp"

namespace preconf::replay {
namespace {

class ReplayTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    app.add_flag("--verify", options_.verify,
                 "recompute every fact (signatures, hashes) from bytes");
    add_seq_option(app, "--until-seq", options_.until, "last event to fold");
    add_seq_option(app, "--from-snapshot", options_.from_snapshot,
                   "begin with the snapshot at this event");
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    options_.directory = path_;
    ProgressLine progress(streams.err, streams.err_is_terminal && !json_);
    const ReplayReport report = replay(options_, [&progress](const ReplayProgress& at) {
      progress.show(at.seq.value - at.first.value + 1, at.last.value - at.first.value + 1);
    });
    progress.clear();
    if (!report.message.empty() && !json_) {
      streams.err << "preconf replay: " << report.message << '\n';
    }
    streams.out << (json_ ? to_json(report) + "\n" : to_text(report));
    return static_cast<ExitCode>(report.result);
  }

 private:
  std::string path_;
  ReplayOptions options_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_replay_tool() { return std::make_unique<ReplayTool>(); }

}  // namespace preconf::replay
