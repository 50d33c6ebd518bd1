// `preconf commands`.
#include <fmt/format.h>

#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/cli/options.hpp"
#include "replay/command_log.hpp"
#include "replay/json_printer.hpp"

namespace preconf::replay {
namespace {

struct ArmedTimer {
  core::TimerId timer = core::TimerId::kEnginePoll;
  std::uint32_t generation = 0;
  core::WallNanos due;
  PRECONF_FIELDS(ArmedTimer, timer, generation, due);
};

/// What --pending answers.
struct Pending {
  core::Seq seq;
  core::WallNanos wall;
  std::vector<CommandRow> in_flight;
  std::vector<ArmedTimer> timers;
  std::vector<core::Command> on_restart;
  PRECONF_FIELDS(Pending, seq, wall, in_flight, timers, on_restart);
};

class CommandsTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    add_flag(app, "--pending", pending_,
             "what is in flight after one event, and what a restart would order");
    add_position_option(app, "--at", at_, "the event of --pending; the last one if not given");
    add_position_option(app, "--from", from_, "commands of this event and later ones");
    add_position_option(app, "--to", to_, "commands up to this event");
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    Inspection log("commands", streams, json_);
    if (pending_ && (from_ || to_)) {
      log.fail("--pending is about one event: use --at, not --from or --to");
    } else if (at_ && (from_ || to_)) {
      log.fail("--at is one event, --from and --to are a range: use one of both");
    } else if (log.open(path_)) {
      if (pending_ || at_) {
        show_pending(log, streams);
      } else {
        show_range(log, streams);
      }
    }
    return log.code();
  }

 private:
  void show_pending(Inspection& log, Streams streams) const {
    const auto walker = log.stand_at(at_);
    if (!walker) return;
    const core::State& state = walker->state();
    Pending answer{state.last_seq, state.last_wall, pending_commands(state), {}, {}};
    answer.timers = armed_timers(state);
    answer.on_restart = commands_on_restart(state);
    for (CommandRow& row : answer.in_flight) {
      const auto wall = log.time_of(row.issued.seq);
      if (!wall) return;
      row.issued.wall = *wall;
      row.open_us = micros_between(*wall, state.last_wall);
    }
    streams.out << (json_ ? to_json(answer) + "\n" : text_of(answer));
  }

  static std::vector<ArmedTimer> armed_timers(const core::State& state) {
    std::vector<ArmedTimer> out;
    for (std::size_t i = 0; i < core::kTimerCount; ++i) {
      const core::TimerState& timer = core::timer_of(state, static_cast<core::TimerId>(i));
      if (!timer.armed) continue;
      out.push_back({static_cast<core::TimerId>(i), timer.generation, timer.due});
    }
    return out;
  }

  static std::string text_of(const Pending& answer) {
    std::string out = fmt::format("after event {}  {}\n", answer.seq.value, utc_time(answer.wall));
    out += answer.in_flight.empty() ? "in flight: nothing\n" : "in flight:\n";
    for (const CommandRow& row : answer.in_flight) out += line_of(row);
    out += answer.timers.empty() ? "timers: none\n" : "timers:\n";
    for (const ArmedTimer& timer : answer.timers) {
      out += fmt::format("  {} #{} due {}\n", core::name_of(timer.timer), timer.generation,
                         utc_time(timer.due));
    }
    out += "a restart would order:";
    for (const core::Command& command : answer.on_restart) {
      out += fmt::format(" {}", core::name_of(command.body));
    }
    return out + (answer.on_restart.empty() ? " nothing\n" : "\n");
  }

  void show_range(Inspection& log, Streams streams) const {
    const auto range = log.range(from_, to_);
    if (!range) return;
    auto walker = log.stand_before(range->from);
    if (!walker) return;
    CommandLog commands;
    const auto show = [&](const CommandRow& row) {
      streams.out << (json_ ? to_json(row) + "\n" : line_of(row));
    };
    const bool is_good = log.fold(*walker, range->to, [&](const Walker& at) {
      for (const CommandRow& row : commands.observe(at.event(), at.outcome(), at.state())) {
        show(row);
      }
      return static_cast<bool>(streams.out);
    });
    if (!is_good) return;
    for (const CommandRow& row : commands.open(walker->state().last_wall)) show(row);
  }

  std::string path_;
  bool pending_ = false;
  std::optional<std::string> at_;
  std::optional<std::string> from_;
  std::optional<std::string> to_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_commands_tool() { return std::make_unique<CommandsTool>(); }

}  // namespace preconf::replay
