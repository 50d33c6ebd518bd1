#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/cli/options.hpp"
#include "replay/json_printer.hpp"
#include "replay/progress.hpp"
#include "replay/replay.hpp"

namespace preconf::replay {
namespace {

class ReplayTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    add_flag(app, "--verify", options_.verify,
             "recompute every fact (signatures, hashes) from bytes");
    add_seq_option(app, "--until-seq", options_.until, "last event to fold");
    add_number_option(
        app, "--until-block", {}, [this](std::uint64_t number) { until_block_ = number; },
        "end when this L2 block has become the executed head for the first time");
    add_position_option(app, "--until", until_, "last event to fold");
    add_option(app, "--until-time", until_time_,
               "last event to fold: the last one stamped at or before this time, in seconds "
               "since 1970 or as in 2026-08-12T06:00:00Z")
        .type_name("TIME");
    add_flag(app, "--expect-effects", options_.expect_effects,
             "every event must have its effects recorded, and equal: if not, exit code 3");
    add_seq_option(app, "--from-snapshot", options_.from_snapshot,
                   "begin with the snapshot at this event");
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    options_.directory = path_;
    if (const auto failure = resolve_until(streams)) return *failure;
    ProgressLine progress(*streams.terminal, streams.err_is_terminal && !json_);
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
  /// The positions become a sequence number; what to exit with when they can not.
  std::optional<ExitCode> resolve_until(Streams streams) {
    const int given = int{options_.until.has_value()} + int{until_block_.has_value()} +
                      int{until_time_.has_value()} + int{until_.has_value()};
    Inspection log("replay", streams, json_);
    if (given > 1) {
      log.fail("--until, --until-seq, --until-block and --until-time exclude each other");
      return log.code();
    }
    if (until_block_) until_ = "block:" + std::to_string(*until_block_);
    if (until_time_) until_ = "@" + *until_time_;
    if (!until_) return std::nullopt;
    if (!log.open(path_)) return log.code();
    const auto seq = log.position(until_, core::Seq{});
    if (!seq) return log.code();
    options_.until = *seq;
    return std::nullopt;
  }

  std::string path_;
  std::optional<std::uint64_t> until_block_;
  std::optional<std::string> until_;
  std::optional<std::string> until_time_;
  ReplayOptions options_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_replay_tool() { return std::make_unique<ReplayTool>(); }

}  // namespace preconf::replay
