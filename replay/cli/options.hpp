// What the tools ask of the command line. CLI11 is a header of fifteen thousand lines: only
// options.cpp and who runs or prints a command line (tool.cpp, completions.cpp) compile it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace preconf::replay {

/// An option that was added; the command line owns it.
class OptionRef {
 public:
  explicit OptionRef(CLI::Option* option) : option_(option) {}

  OptionRef required() const;
  OptionRef needs(OptionRef other) const;     ///< wrong without `other`
  OptionRef excludes(OptionRef other) const;  ///< wrong beside `other`
  /// What --help calls its value.
  OptionRef type_name(const std::string& name) const;
  /// Any other value is wrong.
  OptionRef one_of(const std::vector<std::string>& values) const;

 private:
  CLI::Option* option_;
};

// A name without dashes is a positional. `target` outlives the command line.
OptionRef add_option(CLI::App& app, const std::string& name, std::string& target,
                     const std::string& help);
OptionRef add_option(CLI::App& app, const std::string& name, std::optional<std::string>& target,
                     const std::string& help);
/// May be given again.
OptionRef add_option(CLI::App& app, const std::string& name, std::vector<std::string>& target,
                     const std::string& help);
OptionRef add_option(CLI::App& app, const std::string& name, std::uint64_t& target,
                     const std::string& help);
/// `take` gets the value; refuse_value() in it refuses.
OptionRef add_option_function(CLI::App& app, const std::string& name,
                              std::function<void(const std::string&)> take,
                              const std::string& help);
OptionRef add_option_function(CLI::App& app, const std::string& name,
                              std::function<void(const std::vector<std::string>&)> take,
                              const std::string& help);
OptionRef add_option_function(CLI::App& app, const std::string& name,
                              std::function<void(const std::uint64_t&)> take,
                              const std::string& help);
OptionRef add_flag(CLI::App& app, const std::string& name, bool& target, const std::string& help);
OptionRef add_flag_callback(CLI::App& app, const std::string& name, std::function<void()> take,
                            const std::string& help);
/// The usage error of a value that an option does not take.
[[noreturn]] void refuse_value(const std::string& option, const std::string& reason);

/// A command has to be followed by exactly one of its nested commands.
void require_subcommand(CLI::App& app);
/// The outer command line owns it.
CLI::App* add_subcommand(CLI::App& app, const std::string& name, const std::string& help);
/// Whether this nested command was given.
[[nodiscard]] bool is_parsed(const CLI::App& app);
/// Text before what --help ends with.
void prepend_footer(CLI::App& app, const std::string& text);

}  // namespace preconf::replay
