// Settings: where every configured value comes from, before anything interprets it.
//
// One table lists the options. A value is looked for on the command line, then in the environment,
// then in the configuration file, then among the defaults; the first one found counts.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace preconf::node {

/// One option. The flag is "--" + name, the key in the file is the name ("l2.http" is also
/// [l2] http).
struct Option {
  const char* name;
  const char* environment;    ///< variable name; same names as taiko-client-rs where it has one
  const char* default_value;  ///< null: unset
  const char* placeholder;    ///< null: a switch, "true" when given
  const char* help;
};
[[nodiscard]] std::span<const Option> node_options();

enum class Origin { kDefault, kFile, kEnvironment, kFlag };

struct Setting {
  std::string value;
  Origin origin = Origin::kDefault;
  std::string place;  ///< "--l2.http", "L2_HTTP" or "node.toml: l2.http", for messages
};
/// By option name; unset options are absent.
using Settings = std::map<std::string, Setting, std::less<>>;

/// Looks an environment variable up; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;
[[nodiscard]] std::optional<std::string> process_environment(const char* name);

/// A message for the person who typed the command; names the option.
struct UsageError {
  std::string message;
};

struct CommandLine {
  Settings settings;
  std::optional<std::string> help;  ///< --help was given: print this
};

/// Reads flags, environment and the file that --config names. `arguments` are those after the
/// subcommand.
[[nodiscard]] core::Result<CommandLine, UsageError> read_settings(
    const std::string& subcommand, const std::vector<std::string>& arguments,
    const Environment& environment);

/// The effective settings as a configuration file, with each value's origin as a comment.
[[nodiscard]] std::string dump(const Settings& settings);

}  // namespace preconf::node
