#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/log_tools.hpp"
#include "replay/names.hpp"

namespace preconf::replay {
namespace {

std::string known_kinds() {
  std::string out;
  for (std::uint16_t value = 1; value <= std::variant_size_v<core::EventBody>; ++value) {
    out +=
        (out.empty() ? "" : ", ") + std::string(core::name_of(static_cast<core::EventKind>(value)));
  }
  return out;
}

/// `preconf log`: one nested subcommand per way of looking.
class LogTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    app.require_subcommand(1);
    add_list(*(list_ = app.add_subcommand("ls", "one line per event")));
    add_show(*(show_ = app.add_subcommand("show", "one event and what it caused")));
    add_verify(*(verify_ = app.add_subcommand("verify", "hashes, chain, density, content")));
  }

  ExitCode run(Streams streams) override {
    list_options_.directory = show_options_.directory = verify_options_.directory = path_;
    list_options_.json = show_options_.json = verify_options_.json = json_;
    int code = static_cast<int>(ExitCode::kFailed);
    if (list_->parsed()) code = log_list(list_options_, streams.out, streams.err);
    if (show_->parsed()) code = log_show(show_options_, streams.out, streams.err);
    if (verify_->parsed()) code = log_verify(verify_options_, streams.out, streams.err);
    return static_cast<ExitCode>(code);
  }

 private:
  void add_list(CLI::App& app) {
    add_log_argument(app, path_);
    add_seq_option(app, "--from", list_options_.from, "first event");
    add_seq_option(app, "--to", list_options_.to, "last event");
    app.add_option_function<std::string>(
        "--kind",
        [this](const std::string& name) {
          list_options_.kind = kind_from(name);
          if (!list_options_.kind) throw CLI::ValidationError("--kind", "one of " + known_kinds());
        },
        "only events of this kind: " + known_kinds());
    add_json_flag(app, json_);
  }
  void add_show(CLI::App& app) {
    add_log_argument(app, path_);
    app.add_option_function<std::uint64_t>(
           "SEQ", [this](const std::uint64_t& value) { show_options_.seq = core::Seq{value}; },
           "the event")
        ->required();
    app.add_flag("--raw", show_options_.raw, "only the record, without what it caused");
    add_json_flag(app, json_);
  }
  void add_verify(CLI::App& app) {
    add_log_argument(app, path_);
    add_json_flag(app, json_);
  }

  std::string path_;
  bool json_ = false;
  LogListOptions list_options_;
  LogShowOptions show_options_;
  LogVerifyOptions verify_options_;
  CLI::App* list_ = nullptr;
  CLI::App* show_ = nullptr;
  CLI::App* verify_ = nullptr;
};

}  // namespace

std::unique_ptr<Tool> make_log_tool() { return std::make_unique<LogTool>(); }

}  // namespace preconf::replay
