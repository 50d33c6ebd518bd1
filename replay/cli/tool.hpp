// The offline tools as subcommands of `preconf`: how one is declared, found and run.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/types.hpp"
#include "replay/cli/options.hpp"

namespace preconf::replay {

/// What every tool exits with.
enum class ExitCode : int {
  kClean = 0,
  kFailed = 1,      ///< wrong use, or input/output
  kFaults = 2,      ///< the history shows faults
  kDivergence = 3,  ///< two folds of the same events differ
  kDamaged = 4,     ///< the log is damaged or incomplete
};

/// Where a tool writes. run_tool() sees to it that nothing on `err` can drive a terminal; progress,
/// which does, is drawn on `terminal` when `err` is one.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;
  std::ostream* terminal = nullptr;  ///< set by run_tool()
};

/// One subcommand: its options, and what it does with them.
class Tool {
 public:
  virtual ~Tool() = default;
  /// Adds options, positionals and nested subcommands, which fill this object.
  virtual void configure(CLI::App& app) = 0;
  /// After a successful parse. May throw nothing; its answer goes to `streams.out`.
  [[nodiscard]] virtual ExitCode run(Streams streams) = 0;
};

struct ToolEntry {
  const char* name;     ///< as typed
  const char* summary;  ///< one line, for the usage text and completions
  const char* example;  ///< one real command line, shown by --help
  std::unique_ptr<Tool> (*make)();
};

/// Every tool, in the order of the usage text.
[[nodiscard]] std::span<const ToolEntry> tools();
/// Nothing when there is no such tool.
[[nodiscard]] const ToolEntry* find_tool(const std::string& name);

/// The command line of a tool: options, nested commands, and for each of them its help. `tool`
/// outlives it.
void configure(CLI::App& app, const ToolEntry& entry, Tool& tool);

/// Parses `arguments` (those after the tool's name) and runs it; the exit code of the process.
/// kFailed also when the answer could not be written whole.
[[nodiscard]] int run_tool(const ToolEntry& entry, const std::vector<std::string>& arguments,
                           Streams streams);
/// The same on standard output and standard error.
[[nodiscard]] int run_tool(const ToolEntry& entry, const std::vector<std::string>& arguments);

// --- options that tools share -------------------------------------------------------------------

/// What --help of a command ends with: one real command line, and the exit codes.
void add_example(CLI::App& app, const char* example);
/// Required positional LOG: a data directory, or a capture.
void add_log_argument(CLI::App& app, std::string& path);

/// Both ends belong to it.
struct NumberRange {
  std::uint64_t least = 0;
  std::uint64_t most = ~std::uint64_t{0};
};
/// An option whose value is a decimal number: no sign, no other base, nothing that wraps around.
OptionRef add_number_option(CLI::App& app, const std::string& name, NumberRange range,
                            std::function<void(std::uint64_t)> take, const std::string& help);
/// An option whose value is a sequence number.
void add_seq_option(CLI::App& app, const std::string& name, std::optional<core::Seq>& seq,
                    const std::string& help);
/// An option whose value is a position in the log (replay/position.hpp); the tool resolves it.
void add_position_option(CLI::App& app, const std::string& name, std::optional<std::string>& text,
                         const std::string& help);
void add_json_flag(CLI::App& app, bool& json);

}  // namespace preconf::replay
