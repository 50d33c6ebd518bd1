// `preconf debug`.
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <fstream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/debug_session.hpp"

namespace preconf::replay {
namespace {

class DebugTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    app.add_option("--script", script_,
                   "do the commands of this file and end; the first error gives exit code 1")
        ->type_name("FILE");
    app.footer(
        "Commands: next, back, goto, event, state, diff, watch, unwatch, continue, heads,\n"
        "queue, why, help, quit. `help` says more.\n\n" +
        app.get_footer());
  }

  ExitCode run(Streams streams) override {
    Inspection log("debug", streams, !streams.err_is_terminal);
    std::ifstream script;
    if (script_) {
      script.open(*script_);
      if (!script) log.fail("the script can not be read");
    }
    if (log.code() != ExitCode::kClean || !log.open(path_)) return log.code();
    DebugSession session(log, streams.out);
    if (!session.start()) return log.code();
    const bool has_prompt = !script_ && streams.err_is_terminal && ::isatty(STDIN_FILENO) == 1;
    std::ifstream standard_input;
    if (!script_) standard_input.open("/dev/stdin");
    std::istream& in = script_ ? script : standard_input;
    std::string line;
    for (std::uint64_t number = 1;; ++number) {
      if (has_prompt) streams.out << "> " << std::flush;
      if (!std::getline(in, line)) break;
      const DebugResult result = session.run(line);
      if (result == DebugResult::kQuit) break;
      if (result == DebugResult::kBroken && script_) return log.code();
      if (result == DebugResult::kRefused && script_) {
        log.fail("line " + std::to_string(number) + " of the script failed");
        break;
      }
    }
    return script_ ? log.code() : ExitCode::kClean;
  }

 private:
  std::string path_;
  std::optional<std::string> script_;
};

}  // namespace

std::unique_ptr<Tool> make_debug_tool() { return std::make_unique<DebugTool>(); }

}  // namespace preconf::replay
