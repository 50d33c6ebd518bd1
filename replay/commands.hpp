// The subcommands `preconf replay` and `preconf log`, as node/main.cpp calls them.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace preconf::replay {

/// Where a command writes. Progress is drawn on `err` when it is a terminal.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;
};

/// `arguments` are those after the subcommand's name. Return the exit code of the process:
/// 0 clean, 1 wrong use or input/output, 3 divergence, 4 the log is damaged or incomplete.
///
///   preconf replay DIR [--verify] [--until-seq N] [--from-snapshot SEQ] [--json]
///   preconf log ls DIR [--from SEQ] [--to SEQ] [--kind KIND] [--json]
///   preconf log show DIR SEQ [--raw] [--json]
///   preconf log verify DIR [--json]
[[nodiscard]] int replay_command(const std::vector<std::string>& arguments);
[[nodiscard]] int log_command(const std::vector<std::string>& arguments);

/// The same on other streams.
[[nodiscard]] int replay_command(const std::vector<std::string>& arguments, Streams streams);
[[nodiscard]] int log_command(const std::vector<std::string>& arguments, Streams streams);

}  // namespace preconf::replay
