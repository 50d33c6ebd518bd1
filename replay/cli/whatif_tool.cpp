// `preconf whatif`.
#include <fstream>
#include <ostream>
#include <sstream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/cli/options.hpp"
#include "replay/first_state.hpp"
#include "replay/json_printer.hpp"
#include "replay/progress.hpp"
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
    add_option(app, "--config", rules_file_,
               "TOML or JSON file with other values for [chain], [network] and [schedule]");
    add_option(app, "--drop", drop_,
               "leave out inputs for which this holds, for instance "
               "'event.kind == \"txlist_received\" && event.seq < 100'");
    add_option(app, "--insert", inserts_file_,
               "JSON Lines of inputs: {\"after\": SEQ, \"commitment\"|\"txlist\"|\"schedule\"|"
               "\"l1\"|\"l1_block\"|\"l1_tags\": ...}");
    add_position_option(app, "--from", from_, "first event whose input is changed");
    add_position_option(app, "--to", to_, "last event that is folded");
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    Inspection log("whatif", streams, json_);
    if (!log.open(path_)) return log.code();
    const auto range = log.range(from_, to_);
    if (!range) return log.code();
    const auto changes = read_changes(log.history());
    if (!changes) {
      log.fail(changes.error());
      return log.code();
    }
    if (changes->is_empty()) {
      log.fail("nothing is changed: --config, --drop or --insert");
      return log.code();
    }
    const auto report = log.ask([&](const History& history) {
      const WhatIfOptions options{range->from, to_ ? range->to : log.last()};
      ProgressLine progress(*streams.terminal, streams.err_is_terminal && !json_);
      auto found = what_if(history, *changes, options,
                           [&](core::Seq seq) { progress.show(seq.value, options.to.value); });
      progress.clear();
      return found;
    });
    if (!report) return log.code();
    streams.out << (json_ ? to_json(*report) + "\n" : to_text(*report));
    if (report->nothing_changed) log.fail("nothing in the history was changed");
    return log.code(report->differs ? ExitCode::kDivergence : ExitCode::kClean);
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

  std::string path_;
  std::string rules_file_;
  std::string drop_;
  std::string inserts_file_;
  std::optional<std::string> from_;
  std::optional<std::string> to_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_whatif_tool() { return std::make_unique<WhatIfTool>(); }

}  // namespace preconf::replay
