// `preconf completions`.
#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/options.hpp"
#include "replay/completions.hpp"
#include "replay/json_printer.hpp"

namespace preconf::replay {
namespace {

struct Answer {
  std::string shell;
  std::string script;
  PRECONF_FIELDS(Answer, shell, script);
};

class CompletionsTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_option(app, "SHELL", shell_, "bash, zsh or fish")
        .required()
        .one_of({"bash", "zsh", "fish"});
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    const std::string script = completions_for(*shell_from(shell_));
    streams.out << (json_ ? to_json(Answer{shell_, script}) + "\n" : script);
    return ExitCode::kClean;
  }

 private:
  std::string shell_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_completions_tool() { return std::make_unique<CompletionsTool>(); }

}  // namespace preconf::replay
