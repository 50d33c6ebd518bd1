#include <CLI/CLI.hpp>
#include <array>

#include "replay/cli/all_tools.hpp"

namespace preconf::replay {
namespace {

struct SubtoolEntry {
  const char* name;
  const char* summary;
  std::unique_ptr<Tool> (*make)();
};

constexpr SubtoolEntry kSubtools[] = {
    {"ls", "one line per event", &make_log_ls_tool},
    {"show", "one event and what it caused", &make_log_show_tool},
    {"verify", "hashes, chain, density, content", &make_log_verify_tool},
    {"export", "write a part of a log, or all of it, into one file", &make_log_export_tool},
    {"import", "make a data directory from such a file", &make_log_import_tool},
    {"repair", "make a damaged log sound again, and record what it lost", &make_log_repair_tool},
    {"prune", "forget what nothing needs any more", &make_log_prune_tool},
    {"redact", "remove content for good; the chain stays", &make_log_redact_tool},
    {"snapshot", "make missing snapshots", &make_log_snapshot_tool},
};

/// `preconf log`: what concerns the log as such, one nested tool each.
class LogTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    app.require_subcommand(1);
    for (std::size_t i = 0; i < subtools_.size(); ++i) {
      subtools_[i] = kSubtools[i].make();
      apps_[i] = app.add_subcommand(kSubtools[i].name, kSubtools[i].summary);
      subtools_[i]->configure(*apps_[i]);
    }
  }

  ExitCode run(Streams streams) override {
    for (std::size_t i = 0; i < subtools_.size(); ++i) {
      if (apps_[i]->parsed()) return subtools_[i]->run(streams);
    }
    return ExitCode::kFailed;
  }

 private:
  std::array<std::unique_ptr<Tool>, std::size(kSubtools)> subtools_;
  std::array<CLI::App*, std::size(kSubtools)> apps_{};
};

}  // namespace

std::unique_ptr<Tool> make_log_tool() { return std::make_unique<LogTool>(); }

}  // namespace preconf::replay
