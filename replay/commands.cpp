#include "replay/commands.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <ostream>
#include <streambuf>

#include "replay/json_printer.hpp"
#include "replay/log_tools.hpp"
#include "replay/progress.hpp"
#include "replay/replay.hpp"

namespace preconf::replay {
namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 clean, 1 wrong use or input/output, 3 divergence, 4 log damaged or incomplete.";

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

using Command = int (*)(const std::vector<std::string>& arguments, Streams streams);

int run_on_stdio(Command command, const std::vector<std::string>& arguments) {
  StdioBuffer out_buffer(stdout);
  StdioBuffer err_buffer(stderr);
  std::ostream out(&out_buffer);
  std::ostream err(&err_buffer);
  return command(arguments, Streams{out, err, ::isatty(STDERR_FILENO) == 1});
}

/// Parses; an exit code when there is nothing more to do.
std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments, Streams streams) {
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp& request) {
    app.exit(request, streams.out, streams.err);
    return 0;
  } catch (const CLI::ParseError& error) {
    app.exit(error, streams.out, streams.err);
    return static_cast<int>(ReplayResult::kFailed);
  }
  return std::nullopt;
}

void set_seq(CLI::App& app, const std::string& name, std::optional<core::Seq>& seq,
             const std::string& help) {
  app.add_option_function<std::uint64_t>(
      name, [&seq](const std::uint64_t& value) { seq = core::Seq{value}; }, help);
}

void set_directory(CLI::App& app, std::filesystem::path& directory) {
  app.add_option("DIR", directory, "data directory of a node; it may be running")->required();
}

std::string known_kinds() {
  std::string out;
  for (std::uint16_t value = 1; value <= std::variant_size_v<core::EventBody>; ++value) {
    out +=
        (out.empty() ? "" : ", ") + std::string(core::name_of(static_cast<core::EventKind>(value)));
  }
  return out;
}

}  // namespace

int replay_command(const std::vector<std::string>& arguments, Streams streams) {
  CLI::App app("Fold a log again; compare states and effects with what it recorded.",
               "preconf replay");
  app.footer(kExitCodes);
  ReplayOptions options;
  bool json = false;
  set_directory(app, options.directory);
  app.add_flag("--verify", options.verify, "recompute every fact (signatures, hashes) from bytes");
  set_seq(app, "--until-seq", options.until, "last event to fold");
  set_seq(app, "--from-snapshot", options.from_snapshot, "begin with the snapshot at this event");
  app.add_flag("--json", json, "print the report as one JSON object");
  if (const auto code = parse(app, arguments, streams)) return *code;

  ProgressLine progress(streams.err, streams.err_is_terminal && !json);
  const ReplayReport report = replay(options, [&progress](const ReplayProgress& at) {
    progress.show(at.seq.value - at.first.value + 1, at.last.value - at.first.value + 1);
  });
  progress.clear();
  if (!report.message.empty() && !json) {
    streams.err << "preconf replay: " << report.message << '\n';
  }
  streams.out << (json ? to_json(report) + "\n" : to_text(report)) << std::flush;
  return static_cast<int>(report.result);
}

namespace {

/// One tool of `preconf log`: its options on the command line, and what runs it.
struct LogCommands {
  LogListOptions list;
  LogShowOptions show;
  LogVerifyOptions verify;

  void add_list(CLI::App& app) {
    set_directory(app, list.directory);
    set_seq(app, "--from", list.from, "first event");
    set_seq(app, "--to", list.to, "last event");
    app.add_option_function<std::string>(
        "--kind",
        [this](const std::string& name) {
          list.kind = kind_from(name);
          if (!list.kind) throw CLI::ValidationError("--kind", "one of " + known_kinds());
        },
        "only events of this kind: " + known_kinds());
    app.add_flag("--json", list.json, "one JSON object per line");
  }
  void add_show(CLI::App& app) {
    set_directory(app, show.directory);
    app.add_option_function<std::uint64_t>(
           "SEQ", [this](const std::uint64_t& value) { show.seq = core::Seq{value}; }, "the event")
        ->required();
    app.add_flag("--raw", show.raw, "only the record, without what it caused");
    app.add_flag("--json", show.json, "one JSON object");
  }
  void add_verify(CLI::App& app) {
    set_directory(app, verify.directory);
    app.add_flag("--json", verify.json, "one JSON object");
  }
};

}  // namespace

int log_command(const std::vector<std::string>& arguments, Streams streams) {
  CLI::App app("Look into a log.", "preconf log");
  app.footer(kExitCodes);
  app.require_subcommand(1);
  LogCommands commands;
  CLI::App* const list = app.add_subcommand("ls", "one line per event");
  CLI::App* const show = app.add_subcommand("show", "one event and what it caused");
  CLI::App* const verify = app.add_subcommand("verify", "hashes, chain, density, content");
  commands.add_list(*list);
  commands.add_show(*show);
  commands.add_verify(*verify);
  if (const auto code = parse(app, arguments, streams)) return *code;
  int code = static_cast<int>(ReplayResult::kFailed);
  if (list->parsed()) code = log_list(commands.list, streams.out, streams.err);
  if (show->parsed()) code = log_show(commands.show, streams.out, streams.err);
  if (verify->parsed()) code = log_verify(commands.verify, streams.out, streams.err);
  streams.out << std::flush;
  return code;
}

int replay_command(const std::vector<std::string>& arguments) {
  return run_on_stdio(replay_command, arguments);
}

int log_command(const std::vector<std::string>& arguments) {
  return run_on_stdio(log_command, arguments);
}

}  // namespace preconf::replay
