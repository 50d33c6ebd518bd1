// The program: subcommands, and nothing else.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "io/engine/jwt.hpp"
#include "node/config.hpp"
#include "node/devnet/command.hpp"
#include "node/exit_codes.hpp"
#include "node/version.hpp"
#include "node/wiring.hpp"
#include "replay/cli/tool.hpp"
#include "replay/leaf.hpp"

namespace {

using preconf::node::kExitFailure;
using preconf::node::kExitOk;

/// Commands of the running program; the tools that read logs describe themselves.
constexpr const char* kNodeCommands = R"(usage: preconf COMMAND [OPTIONS]

  node            run a node
  devnet          run a whole local network and show it working
  check-config    read the options of `node`, say whether they are good
  dump-config     read the options of `node`, print them as a configuration file
  version         print version, commit, schema and reducer version

Tools that read a log, LOG being a data directory (its node may run) or a capture:

)";
constexpr const char* kExitCodes = R"(
`preconf COMMAND --help` tells more. Exit codes: 0 success, 1 usage or input/output, 2 faults
found, 3 two folds of the same events differ, 4 the log is damaged or incomplete.
)";

std::string usage() {
  std::string out = kNodeCommands;
  for (const preconf::replay::ToolEntry& tool : preconf::replay::tools()) {
    std::string name = tool.name;
    name.resize(std::max<std::size_t>(name.size(), 15), ' ');
    out += "  " + name + " " + tool.summary + "\n";
  }
  return out + kExitCodes;
}

int usage_error(const std::string& command, const std::string& message) {
  std::fprintf(stderr, "preconf %s: %s\n", command.c_str(), message.c_str());
  return kExitFailure;
}

int node_command(const std::string& command, const std::vector<std::string>& arguments) {
  using namespace preconf::node;
  const auto line = read_settings(command, arguments, process_environment);
  if (!line) return usage_error(command, line.error().message);
  if (line->help) {
    std::fputs(line->help->c_str(), stdout);
    return kExitOk;
  }
  if (command == "dump-config") {
    std::fputs(dump(line->settings).c_str(), stdout);
    return kExitOk;
  }
  const auto config = make_config(line->settings);
  if (!config) return usage_error(command, config.error().message);
  if (command == "check-config") {
    const auto secret = preconf::io::load_jwt_secret(config->jwt_secret);
    if (!secret) return usage_error(command, "--jwt.secret: " + secret.error());
    std::puts("configuration is good");
    return kExitOk;
  }
  return run_node(*config);
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    std::fputs(usage().c_str(), stderr);
    return kExitFailure;
  }
  const std::string& command = arguments.front();
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (command == "node" || command == "check-config" || command == "dump-config") {
    return node_command(command, rest);
  }
  if (command == "devnet") return preconf::node::devnet::devnet_command(rest);
  if (const auto* tool = preconf::replay::find_tool(command)) {
    return preconf::replay::run_tool(*tool, rest);
  }
  if (command == "version" || command == "--version" || command == "-V") {
    std::puts(preconf::node::version_line().c_str());
    return kExitOk;
  }
  if (command == "help" || command == "--help" || command == "-h") {
    std::fputs(usage().c_str(), stdout);
    return kExitOk;
  }
  std::string quoted;
  preconf::replay::append_quoted(quoted, command);
  std::fprintf(stderr, "preconf: unknown command %s\n\n%s", quoted.c_str(), usage().c_str());
  return kExitFailure;
}

/// What was printed may still be on its way; a full disk shows only now.
int finish(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  std::fputs("preconf: standard output could not be written whole\n", stderr);
  return kExitFailure;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return finish(run({argv + 1, argv + argc}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "preconf: %s\n", error.what());
    return kExitFailure;
  }
}
