// `preconf state`.
#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/cli/options.hpp"
#include "replay/state_view.hpp"

namespace preconf::replay {
namespace {

class StateTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    add_position_option(app, "--at", at_, "the state after this event; the last one if not given");
    add_option(app, "--path", options_.paths,
               "only this part, as in heads.safe.number, book.held[0xab..].phase, "
               "timers[0].armed, in_flight.size; may be given again")
        .type_name("PATH");
    add_position_option(app, "--diff", diff_, "what differs between --at and this event");
    add_flag(app, "--hash", options_.hash, "the state hash, too");
    add_json_flag(app, options_.json);
  }

  ExitCode run(Streams streams) override {
    Inspection log("state", streams, options_.json);
    if (!log.open(path_)) return log.code();
    const auto answer = diff_ ? changes(log) : state(log);
    if (!answer) return log.code();
    if (*answer) {
      streams.out << **answer;
    } else {
      log.fail(answer->error());
    }
    return log.code();
  }

 private:
  using Answer = std::optional<core::Result<std::string, std::string>>;

  Answer state(Inspection& log) const {
    const auto walker = log.stand_at(at_);
    if (!walker) return std::nullopt;
    return view_state(walker->state(), options_);
  }

  Answer changes(Inspection& log) const {
    const auto before = log.stand_at(at_);
    if (!before) return std::nullopt;
    const auto after = log.stand_at(diff_);
    if (!after) return std::nullopt;
    return view_changes(before->state(), after->state(), options_);
  }

  std::string path_;
  std::optional<std::string> at_;
  std::optional<std::string> diff_;
  StateViewOptions options_;
};

}  // namespace

std::unique_ptr<Tool> make_state_tool() { return std::make_unique<StateTool>(); }

}  // namespace preconf::replay
