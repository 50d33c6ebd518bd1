#include "replay/cli/tool.hpp"

#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <ostream>
#include <streambuf>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/escaping_buffer.hpp"

namespace preconf::replay {
namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 clean, 1 wrong use or input/output, 2 faults found, 3 divergence,\n"
    "4 log damaged or incomplete.";

constexpr ToolEntry kTools[] = {
    {"replay", "fold a log again and compare with what was recorded",
     "preconf replay /var/lib/preconf --verify", &make_replay_tool},
    {"log", "look into a log: ls, show, verify", "preconf log ls /var/lib/preconf --from 1000",
     &make_log_tool},
    {"why", "explain a decision: the rule, its operands, and the events down to the inputs",
     "preconf why not-executed /var/lib/preconf 1042", &make_why_tool},
    {"diff", "compare two nodes by content: the first decision and input that differ",
     "preconf diff /var/lib/preconf other-node.cap", &make_diff_tool},
    {"bisect", "find the first event where a condition holds, or where another program differs",
     "preconf bisect /var/lib/preconf --pred 'heads.unsafe.number >= 500'", &make_bisect_tool},
    {"whatif", "fold a history with changed input and show what would have been decided",
     "preconf whatif /var/lib/preconf --drop 'event.seq == 1042'", &make_whatif_tool},
    {"audit", "judge a history offline: faults, landing, coverage, latency",
     "preconf audit /var/lib/preconf --equivocations --format jsonl", &make_audit_tool},
    {"evidence", "what shows a finding, as a folder to check without this program",
     "preconf evidence export /var/lib/preconf 1f2e3d4c5b6a --out evidence", &make_evidence_tool},
    {"state", "the state at any position, its parts, and what differs",
     "preconf state /var/lib/preconf --at block:1000 --path heads.safe", &make_state_tool},
    {"heads", "when each label of the chain moved, and why",
     "preconf heads /var/lib/preconf --label unsafe --from head~1000", &make_heads_tool},
    {"block", "the life of one block", "preconf block /var/lib/preconf 1000", &make_block_tool},
    {"commands", "what the node ordered and what came of it; what is pending",
     "preconf commands /var/lib/preconf --pending", &make_commands_tool},
    {"queue", "what each held commitment waits for", "preconf queue /var/lib/preconf --at head~100",
     &make_queue_tool},
    {"debug", "go back and forth in a history, by hand or by script",
     "preconf debug /var/lib/preconf --script steps.txt", &make_debug_tool},
    {"completions", "completions for bash, zsh and fish", "preconf completions fish | source",
     &make_completions_tool},
};

/// A stdio stream as a std::streambuf; stdio buffers.
class StdioBuffer final : public std::streambuf {
 public:
  explicit StdioBuffer(std::FILE* file) : file_(file) {}

 protected:
  int_type overflow(int_type character) override {
    if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(0);
    return std::fputc(character, file_) == EOF ? traits_type::eof() : character;
  }
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    const auto count = static_cast<std::size_t>(size);
    return static_cast<std::streamsize>(std::fwrite(text, 1, count, file_));
  }
  int sync() override { return std::fflush(file_) == 0 ? 0 : -1; }

 private:
  std::FILE* file_;
};

}  // namespace

std::span<const ToolEntry> tools() { return kTools; }

const ToolEntry* find_tool(const std::string& name) {
  const auto found = std::find_if(std::begin(kTools), std::end(kTools),
                                  [&name](const ToolEntry& entry) { return entry.name == name; });
  return found == std::end(kTools) ? nullptr : found;
}

void configure(CLI::App& app, const ToolEntry& entry, Tool& tool) {
  add_example(app, entry.example);
  tool.configure(app);
}

int run_tool(const ToolEntry& entry, const std::vector<std::string>& arguments, Streams streams) {
  EscapingBuffer escaping(*streams.err.rdbuf());
  std::ostream err(&escaping);
  const Streams safe{streams.out, err, streams.err_is_terminal, &streams.err};
  CLI::App app(entry.summary, std::string("preconf ") + entry.name);
  const std::unique_ptr<Tool> tool = entry.make();
  configure(app, entry, *tool);
  ExitCode code = ExitCode::kClean;
  try {
    // CLI11 takes the arguments from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    code = tool->run(safe);
  } catch (const CLI::CallForHelp& request) {
    app.exit(request, safe.out, safe.err);
  } catch (const CLI::ParseError& error) {
    app.exit(error, safe.out, safe.err);
    code = ExitCode::kFailed;
  }
  streams.out << std::flush;
  if (!streams.out) {
    safe.err << "preconf " << entry.name << ": the answer could not be written whole\n";
    code = ExitCode::kFailed;
  }
  return static_cast<int>(code);
}

int run_tool(const ToolEntry& entry, const std::vector<std::string>& arguments) {
  StdioBuffer out_buffer(stdout);
  StdioBuffer err_buffer(stderr);
  std::ostream out(&out_buffer);
  std::ostream err(&err_buffer);
  return run_tool(entry, arguments, Streams{out, err, ::isatty(STDERR_FILENO) == 1});
}

void add_log_argument(CLI::App& app, std::string& path) {
  add_option(app, "LOG", path, "data directory of a node, running or not, or a capture file")
      .required();
}

void add_example(CLI::App& app, const char* example) {
  app.footer(std::string("Example: ") + example + "\n" + kExitCodes);
}

OptionRef add_number_option(CLI::App& app, const std::string& name, NumberRange range,
                            std::function<void(std::uint64_t)> take, const std::string& help) {
  const auto read = [name, range, take = std::move(take)](const std::string& text) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    const bool is_good =
        error == std::errc{} && rest == end && number >= range.least && number <= range.most;
    if (!is_good) {
      refuse_value(name, "a whole number from " + std::to_string(range.least) + " to " +
                             std::to_string(range.most));
    }
    take(number);
  };
  return add_option_function(app, name, read, help).type_name("N");
}

void add_seq_option(CLI::App& app, const std::string& name, std::optional<core::Seq>& seq,
                    const std::string& help) {
  add_number_option(
      app, name, {1}, [&seq](std::uint64_t value) { seq = core::Seq{value}; }, help);
}

void add_position_option(CLI::App& app, const std::string& name, std::optional<std::string>& text,
                         const std::string& help) {
  add_option_function(
      app, name, [&text](const std::string& value) { text = value; },
      help + " (a seq, @TIME, block:N, head or head~N)")
      .type_name("POS");
}

void add_json_flag(CLI::App& app, bool& json) {
  add_flag(app, "--json", json, "print JSON: stable keys, for programs");
}

}  // namespace preconf::replay
