#include <array>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/options.hpp"

namespace preconf::replay {
namespace {

constexpr ToolEntry kSubtools[] = {
    {"ls", "one line per event", "preconf log ls /var/lib/preconf --from head~100 --to head",
     &make_log_ls_tool},
    {"show", "one event and what it caused", "preconf log show /var/lib/preconf block:1000",
     &make_log_show_tool},
    {"verify", "hashes, chain, density, content", "preconf log verify /var/lib/preconf --json",
     &make_log_verify_tool},
    {"export", "write a part of a log, or all of it, into one file",
     "preconf log export /var/lib/preconf day.pccap --from head~100000", &make_log_export_tool},
    {"import", "make a data directory from such a file",
     "preconf log import day.pccap ./node-of-that-day", &make_log_import_tool},
    {"repair", "make a damaged log sound again, and record what it lost",
     "preconf log repair /var/lib/preconf --dry-run", &make_log_repair_tool},
    {"prune", "forget what nothing needs any more",
     "preconf log prune /var/lib/preconf --older-than 90d --apply", &make_log_prune_tool},
    {"redact", "remove content for good; the chain stays",
     "preconf log redact /var/lib/preconf "
     "0x5c2ae3ad0b1b0f7f3b3f0c7d9f9ef2c06a9d41e9a4d2f0a6f1a3c5b7d9e1f305 --reason 'case 17'",
     &make_log_redact_tool},
    {"snapshot", "make missing snapshots", "preconf log snapshot /var/lib/preconf",
     &make_log_snapshot_tool},
};

/// `preconf log`: what concerns the log as such, one nested tool each.
class LogTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    require_subcommand(app);
    for (std::size_t i = 0; i < subtools_.size(); ++i) {
      subtools_[i] = kSubtools[i].make();
      apps_[i] = add_subcommand(app, kSubtools[i].name, kSubtools[i].summary);
      replay::configure(*apps_[i], kSubtools[i], *subtools_[i]);
    }
  }

  ExitCode run(Streams streams) override {
    for (std::size_t i = 0; i < subtools_.size(); ++i) {
      if (is_parsed(*apps_[i])) return subtools_[i]->run(streams);
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
