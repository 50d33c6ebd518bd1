// `preconf log ls|show|verify`.
#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/cli/options.hpp"
#include "replay/log_tools.hpp"
#include "replay/names.hpp"

namespace preconf::replay {
namespace {

std::string known_kinds() {
  std::string out;
  for (std::uint16_t value = 1; value <= core::kEventKindMax; ++value) {
    out +=
        (out.empty() ? "" : ", ") + std::string(core::name_of(static_cast<core::EventKind>(value)));
  }
  return out;
}

class LogLsTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    add_position_option(app, "--from", options_.from, "first event");
    add_position_option(app, "--to", options_.to, "last event");
    add_option_function(
        app, "--kind",
        [this](const std::string& name) {
          options_.kind = kind_from(name);
          if (!options_.kind) refuse_value("--kind", "one of " + known_kinds());
        },
        "only events of this kind: " + known_kinds());
    add_json_flag(app, options_.json);
  }
  ExitCode run(Streams streams) override {
    Inspection log("log ls", streams, options_.json);
    if (log.open(path_, Needs::kRecords)) log_list(log, options_, streams.out);
    return log.code();
  }

 private:
  std::string path_;
  LogListOptions options_;
};

class LogShowTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    add_option(app, "POS", options_.at, "the event: a seq, @TIME, block:N, head or head~N")
        .required();
    add_flag(app, "--raw", options_.raw, "only the record, without what it caused");
    add_json_flag(app, options_.json);
  }
  ExitCode run(Streams streams) override {
    Inspection log("log show", streams, options_.json);
    return log.open(path_, Needs::kRecords) ? log_show(log, options_, streams.out) : log.code();
  }

 private:
  std::string path_;
  LogShowOptions options_;
};

class LogVerifyTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    add_json_flag(app, options_.json);
  }
  ExitCode run(Streams streams) override {
    options_.directory = path_;
    return static_cast<ExitCode>(log_verify(options_, streams.out, streams.err));
  }

 private:
  std::string path_;
  LogVerifyOptions options_;
};

}  // namespace

std::unique_ptr<Tool> make_log_ls_tool() { return std::make_unique<LogLsTool>(); }
std::unique_ptr<Tool> make_log_show_tool() { return std::make_unique<LogShowTool>(); }
std::unique_ptr<Tool> make_log_verify_tool() { return std::make_unique<LogVerifyTool>(); }

}  // namespace preconf::replay
