// `preconf whatif`.
#include <CLI/CLI.hpp>
#include <fstream>
#include <ostream>
#include <sstream>

#include "replay/cli/all_tools.hpp"
#include "replay/first_state.hpp"
#include "replay/json_printer.hpp"
#include "replay/position.hpp"
#include "replay/progress.hpp"
#include "replay/report.hpp"
#include "replay/whatif/inserts.hpp"
#include "replay/whatif/whatif.hpp"

namespace preconf::replay {
namespace {

/// At most `max` + 1 bytes of a file; nothing when it can not be read.
std::optional<std::string> read_file(const std::string& path, std::size_t max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

class WhatIfTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    app.add_option("--config", rules_file_,
                   "TOML or JSON file with other values for [chain], [network] and [schedule]");
    app.add_option("--drop", drop_,
                   "leave out inputs for which this holds, for instance "
                   "'event.kind == \"txlist_received\" && event.seq < 100'");
    app.add_option("--insert", inserts_file_,
                   "JSON Lines of inputs: {\"after\": SEQ, \"commitment\"|\"txlist\"|\"schedule\"|"
                   "\"l1\": ...}");
    app.add_option("--from", from_, "position from which on input is changed");
    app.add_option("--to", to_, "position of the last event");
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    const auto history = open_history(path_);
    if (!history) return say(streams, history.error());
    WhatIfOptions options;
    options.to = history->events->end().seq;
    for (const auto& [text, seq] :
         {std::pair{&from_, &options.from}, std::pair{&to_, &options.to}}) {
      if (text->empty()) continue;
      const auto at = resolve_position(*history, *text);
      if (!at) return say(streams, at.error());
      *seq = *at;
    }
    const auto changes = read_changes(*history);
    if (!changes) return say(streams, changes.error());
    if (changes->is_empty()) {
      return say(streams, "nothing is changed: --config, --drop or --insert");
    }
    ProgressLine progress(streams.err, streams.err_is_terminal && !json_);
    const auto report = what_if(*history, *changes, options,
                                [&](core::Seq seq) { progress.show(seq.value, options.to.value); });
    progress.clear();
    if (!report) return say(streams, report.error());
    streams.out << (json_ ? to_json(*report) + "\n" : to_text(*report));
    return report->differs ? ExitCode::kDivergence : ExitCode::kClean;
  }

 private:
  core::Result<InputChanges, std::string> read_changes(const History& history) const {
    const auto fail = [](std::string text) { return core::Unexpected{std::move(text)}; };
    InputChanges changes;
    if (!drop_.empty()) {
      auto predicate = Predicate::parse(drop_, PredicateScope::kEvent);
      if (!predicate) {
        return fail("--drop, column " + std::to_string(predicate.error().column) + ": " +
                    predicate.error().message);
      }
      changes.drop = std::move(predicate).value();
    }
    if (!rules_file_.empty()) {
      const auto text = read_file(rules_file_, kRulesFileBytesMax);
      if (!text) return fail("can not read " + rules_file_);
      auto rules = RuleChanges::parse(*text);
      if (!rules) return fail(rules_file_ + ": " + rules.error());
      changes.rules = std::move(rules).value();
    }
    if (!inserts_file_.empty()) {
      const auto text = read_file(inserts_file_, kInsertsBytesMax);
      if (!text) return fail("can not read " + inserts_file_);
      // The network is known from the first state on and never changes.
      auto start = walk_from_start(history);
      if (!start) return fail(start.error().detail);
      if (start->seq().value == 0 && !start->next()) return fail("the log can not be read");
      auto inserts = read_inserts(*text, start->state().network.preconf_domain);
      if (!inserts) return fail(inserts_file_ + ": " + inserts.error());
      for (auto& [seq, body] : *inserts) changes.rules.apply(body);
      changes.inserts = std::move(inserts).value();
    }
    return changes;
  }

  static ExitCode say(Streams streams, const std::string& message) {
    streams.err << "preconf whatif: " << message << '\n';
    return ExitCode::kFailed;
  }
  static ExitCode say(Streams streams, const storage::StorageFailure& failure) {
    streams.err << "preconf whatif: " << storage::name_of(failure.code) << " at event "
                << failure.seq.value << ": " << failure.detail << '\n';
    return static_cast<ExitCode>(result_of(failure));
  }

  std::string path_;
  std::string rules_file_;
  std::string drop_;
  std::string inserts_file_;
  std::string from_;
  std::string to_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_whatif_tool() { return std::make_unique<WhatIfTool>(); }

}  // namespace preconf::replay
