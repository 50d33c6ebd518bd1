#include "replay/completions.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "replay/cli/tool.hpp"

namespace preconf::replay {
namespace {

struct Option {
  std::string name;  ///< with dashes
  std::string help;
  bool takes_value = false;
};

struct Command {
  std::string name;
  std::string help;
  std::vector<Option> options;
  std::vector<Command> nested;
  bool asks_program = false;  ///< its options are those that `preconf NAME --help` shows
};

/// Commands of the running program (node/main.cpp).
struct NodeCommand {
  const char* name;
  const char* help;
  bool has_options;
};
constexpr NodeCommand kNodeCommands[] = {
    {"node", "run a node", true},
    {"devnet", "run a whole local network and show it working", true},
    {"check-config", "read the options of node, say whether they are good", true},
    {"dump-config", "read the options of node, print them as a configuration file", true},
    {"version", "print version, commit, schema and reducer version", false},
};

Command command_of(const CLI::App& app, std::string name) {
  Command out;
  out.name = std::move(name);
  out.help = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    const bool takes_value = option->get_items_expected_max() > 0;
    for (const std::string& text : option->get_lnames()) {
      out.options.push_back({"--" + text, option->get_description(), takes_value});
    }
    for (const std::string& text : option->get_snames()) {
      out.options.push_back({"-" + text, option->get_description(), takes_value});
    }
  }
  for (const CLI::App* nested : app.get_subcommands([](const CLI::App*) { return true; })) {
    out.nested.push_back(command_of(*nested, nested->get_name()));
  }
  return out;
}

std::vector<Command> all_commands() {
  std::vector<Command> out;
  for (const NodeCommand& node : kNodeCommands) {
    Command command;
    command.name = node.name;
    command.help = node.help;
    command.asks_program = node.has_options;
    out.push_back(std::move(command));
  }
  for (const ToolEntry& entry : tools()) {
    CLI::App app(entry.summary, entry.name);
    const auto tool = entry.make();  // the options refer to it
    configure(app, entry, *tool);
    out.push_back(command_of(app, entry.name));
  }
  return out;
}

std::string names_of(const std::vector<Command>& commands) {
  std::string out;
  for (const Command& command : commands) out += (out.empty() ? "" : " ") + command.name;
  return out;
}

std::string names_of(const std::vector<Option>& options) {
  std::string out;
  for (const Option& option : options) out += (out.empty() ? "" : " ") + option.name;
  return out;
}

/// Inside single quotes of sh, zsh and fish.
std::string escaped(const std::string& text, Shell shell) {
  std::string out;
  for (const char character : text.substr(0, text.find('\n'))) {
    if (character == '\'') {
      out += shell == Shell::kFish ? "\\'" : "'\\''";
    } else if (character == '\\' && shell == Shell::kFish) {
      out += "\\\\";
    } else {
      out += character;
    }
  }
  return out;
}

/// The words of a level, as assignments that bash and zsh both understand. `depth` is the index of
/// the word that names one of `commands`.
void add_cases(std::string& out, const std::vector<Command>& commands, int depth,
               const std::string& indent) {
  out += indent + "case \"${words[" + std::to_string(depth) + "]}\" in\n";
  for (const Command& command : commands) {
    out += indent + "  " + command.name + ")\n";
    if (command.asks_program) {
      out +=
          indent + "    options=$(\"${words[0]}\" " + command.name +
          " --help 2>/dev/null | grep -oE -- '--[a-z0-9][a-z0-9.-]*' | sort -u | tr '\\n' ' ')\n";
    } else {
      out += indent + "    options='" + names_of(command.options) + "'\n";
    }
    if (!command.nested.empty()) {
      out += indent + "    if [ \"$count\" -eq " + std::to_string(depth + 1) +
             " ]; then commands='" + names_of(command.nested) + "'; fi\n";
      add_cases(out, command.nested, depth + 1, indent + "    ");
    }
    out += indent + "    ;;\n";
  }
  out += indent + "esac\n";
}

std::string common_part(const std::vector<Command>& commands) {
  std::string out = "  local options='' commands=''\n";
  out += "  if [ \"$count\" -eq 1 ]; then commands='" + names_of(commands) + " help'; fi\n";
  add_cases(out, commands, 1, "  ");
  return out;
}

std::string bash_script() {
  std::string out = "# bash completion of preconf; use: source <(preconf completions bash)\n";
  out +=
      "_preconf() {\n"
      "  local words=(\"${COMP_WORDS[@]}\") count=$COMP_CWORD\n"
      "  local current=\"${COMP_WORDS[COMP_CWORD]}\"\n";
  out += common_part(all_commands());
  out +=
      "  COMPREPLY=()\n"
      "  if [ -n \"$commands\" ]; then\n"
      "    COMPREPLY=($(compgen -W \"$commands\" -- \"$current\"))\n"
      "  elif [ \"${current#-}\" != \"$current\" ]; then\n"
      "    COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
      "  fi\n"
      "}\n"
      "complete -o default -F _preconf preconf\n";
  return out;
}

std::string zsh_script() {
  std::string out = "#compdef preconf\n# zsh completion of preconf; use: source <(preconf ";
  out +=
      "completions zsh)\n"
      "_preconf_complete() {\n"
      "  emulate -L zsh -o ksh_arrays -o sh_word_split\n"
      "  local count=$((CURRENT - 1)) current=\"${words[CURRENT-1]}\"\n";
  out += common_part(all_commands());
  out +=
      "  if [ -n \"$commands\" ]; then\n"
      "    compadd -- $commands\n"
      "  elif [ \"${current#-}\" != \"$current\" ]; then\n"
      "    compadd -- $options\n"
      "  else\n"
      "    _files\n"
      "  fi\n"
      "}\n"
      "compdef _preconf_complete preconf\n";
  return out;
}

void add_fish(std::string& out, const Command& command, const std::string& condition) {
  const std::string here = condition + "; and __fish_seen_subcommand_from " + command.name;
  for (const Option& option : command.options) {
    const bool is_long = option.name.starts_with("--");
    out += "complete -c preconf -n '" + here + "' " + (is_long ? "-l " : "-s ") +
           option.name.substr(is_long ? 2 : 1) + (option.takes_value ? " -r" : "") + " -d '" +
           escaped(option.help, Shell::kFish) + "'\n";
  }
  if (command.asks_program) {
    out += "complete -c preconf -n '" + here + "' -a '(preconf " + command.name +
           " --help 2>/dev/null | string match -ra -- \"--[a-z0-9][a-z0-9.-]*\")'\n";
  }
  if (command.nested.empty()) return;
  const std::string names = names_of(command.nested);
  for (const Command& nested : command.nested) {
    out += "complete -c preconf -n '" + here + "; and not __fish_seen_subcommand_from " + names +
           "' -f -a " + nested.name + " -d '" + escaped(nested.help, Shell::kFish) + "'\n";
    add_fish(out, nested, here);
  }
}

std::string fish_script() {
  std::string out = "# fish completion of preconf; use: preconf completions fish | source\n";
  for (const Command& command : all_commands()) {
    out += "complete -c preconf -n __fish_use_subcommand -f -a " + command.name + " -d '" +
           escaped(command.help, Shell::kFish) + "'\n";
    add_fish(out, command, "true");
  }
  return out;
}

}  // namespace

std::optional<Shell> shell_from(std::string_view name) {
  if (name == "bash") return Shell::kBash;
  if (name == "zsh") return Shell::kZsh;
  if (name == "fish") return Shell::kFish;
  return std::nullopt;
}

std::string completions_for(Shell shell) {
  switch (shell) {
    case Shell::kBash:
      return bash_script();
    case Shell::kZsh:
      return zsh_script();
    case Shell::kFish:
      return fish_script();
  }
  return {};
}

}  // namespace preconf::replay
