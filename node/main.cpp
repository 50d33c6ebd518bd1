// The program: subcommands, and nothing else.

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
#include "replay/commands.hpp"

namespace {

using preconf::node::kExitFailure;
using preconf::node::kExitOk;

constexpr const char* kUsage = R"(usage: preconf COMMAND [OPTIONS]

  node            run a node
  devnet          run a whole local network and show it working
  replay DIR      fold a log again and compare with what was recorded
  log ...         look into a log: ls, show, verify
  check-config    read the options of `node`, say whether they are good
  dump-config     read the options of `node`, print them as a configuration file
  version         print version, commit, schema and reducer version

`preconf COMMAND --help` tells more. Exit codes: 0 success, 1 usage or input/output,
3 two folds of the same events differ, 4 the log is damaged.
)";

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
    std::fputs(kUsage, stderr);
    return kExitFailure;
  }
  const std::string& command = arguments.front();
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (command == "node" || command == "check-config" || command == "dump-config") {
    return node_command(command, rest);
  }
  if (command == "devnet") return preconf::node::devnet::devnet_command(rest);
  if (command == "replay") return preconf::replay::replay_command(rest);
  if (command == "log") return preconf::replay::log_command(rest);
  if (command == "version" || command == "--version" || command == "-V") {
    std::puts(preconf::node::version_line().c_str());
    return kExitOk;
  }
  if (command == "help" || command == "--help" || command == "-h") {
    std::fputs(kUsage, stdout);
    return kExitOk;
  }
  std::fprintf(stderr, "preconf: unknown command %s\n\n%s", command.c_str(), kUsage);
  return kExitFailure;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "preconf: %s\n", error.what());
    return kExitFailure;
  }
}
