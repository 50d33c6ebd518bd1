// `preconf debug`.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/cli/options.hpp"
#include "replay/debug_session.hpp"
#include "replay/json_printer.hpp"

namespace preconf::replay {
namespace {

/// With --json: what one line did, and what it printed.
struct Step {
  std::uint64_t line = 0;  ///< 0: the place where the session begins
  std::string command;
  std::string result;  ///< "done", "refused", "quit" or "broken"
  std::string output;
  PRECONF_FIELDS(Step, line, command, result, output);
};

const char* name_of(DebugResult result) {
  switch (result) {
    case DebugResult::kDone:
      return "done";
    case DebugResult::kRefused:
      return "refused";
    case DebugResult::kQuit:
      return "quit";
    case DebugResult::kBroken:
      return "broken";
  }
  return "unknown";
}

class DebugTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    add_option(app, "--script", script_,
               "do the commands of this file and end; the first error gives exit code 1")
        .type_name("FILE");
    add_json_flag(app, json_);
    prepend_footer(
        app,
        "Commands: next, back, goto, event, state, diff, watch, unwatch, continue, heads,\n"
        "queue, why, help, quit. `help` says more.");
  }

  ExitCode run(Streams streams) override {
    Inspection log("debug", streams, !streams.err_is_terminal);
    std::ifstream script;
    if (script_) {
      std::error_code error;
      if (!std::filesystem::is_directory(*script_, error)) script.open(*script_);
      if (!script.is_open()) log.fail("the script can not be read: " + *script_);
    }
    if (log.code() != ExitCode::kClean || !log.open(path_)) return log.code();
    const bool has_prompt =
        !script_ && !json_ && streams.err_is_terminal && ::isatty(STDIN_FILENO) == 1;
    std::ostringstream text;
    DebugSession session(log, json_ ? text : streams.out);
    const bool has_started = session.start();
    if (json_) tell(streams, {0, "", has_started ? "done" : "broken", text.str()});
    if (!has_started) return log.code();
    std::ifstream standard_input;
    if (!script_) standard_input.open("/dev/stdin");
    std::istream& in = script_ ? script : standard_input;
    std::string line;
    for (std::uint64_t number = 1;; ++number) {
      if (has_prompt) streams.out << "> " << std::flush;
      if (!std::getline(in, line)) break;
      text.str({});
      const DebugResult result = session.run(line);
      if (json_) tell(streams, {number, line, name_of(result), text.str()});
      if (result == DebugResult::kQuit) break;
      if (result == DebugResult::kBroken && script_) return log.code();
      if (result == DebugResult::kRefused && script_) {
        log.fail("line " + std::to_string(number) + " of the script failed");
        break;
      }
    }
    if (in.bad()) log.fail("the commands can not be read");
    // What was wrong with a command, whoever typed it has seen; what is wrong with the log counts.
    const bool counts = script_ || in.bad() || log.code() == ExitCode::kDamaged;
    return counts ? log.code() : ExitCode::kClean;
  }

 private:
  static void tell(Streams streams, const Step& step) {
    streams.out << to_json(step) << '\n' << std::flush;
  }

  std::string path_;
  std::optional<std::string> script_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_debug_tool() { return std::make_unique<DebugTool>(); }

}  // namespace preconf::replay
