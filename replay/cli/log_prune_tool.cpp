// `preconf log prune`: forgets what nothing needs any more.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <optional>
#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/offline.hpp"
#include "replay/cli/options.hpp"
#include "replay/first_state.hpp"
#include "replay/json_printer.hpp"
#include "replay/retention_plan.hpp"

namespace preconf::replay {
namespace {

/// "30d", "12h", "90m", "45s"; a bare number is days.
std::optional<std::chrono::seconds> duration_from(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(end, text.data() + text.size());
  if (error != std::errc() || number > 1'000'000) return std::nullopt;
  const auto count = static_cast<std::int64_t>(number);
  if (unit == "s") return std::chrono::seconds(count);
  if (unit == "m") return std::chrono::minutes(count);
  if (unit == "h") return std::chrono::hours(count);
  if (unit.empty() || unit == "d") return std::chrono::hours(24 * count);
  return std::nullopt;
}

struct PruneJson {
  bool dry_run = false;
  core::Seq base;  ///< the log begins behind this event, then
  std::vector<RetentionBound> bounds;
  std::string limited_by;
  core::Seq contents_until;
  std::uint64_t events = 0;
  std::uint64_t record_bytes = 0;
  std::uint64_t contents = 0;
  std::uint64_t content_bytes = 0;
  std::uint64_t tombstones = 0;
  PRECONF_FIELDS(PruneJson, dry_run, base, bounds, limited_by, contents_until, events, record_bytes,
                 contents, content_bytes, tombstones);
};

std::string text_of(const PruneJson& pruned) {
  std::string out;
  for (const RetentionBound& bound : pruned.bounds) {
    out += fmt::format("{} {:<10} up to {:>10}  {}\n", bound.name == pruned.limited_by ? '*' : ' ',
                       bound.name, bound.to.value, bound.detail);
  }
  out +=
      fmt::format("{} {} events, {} bytes of records\n",
                  pruned.dry_run ? "would remove" : "removed", pruned.events, pruned.record_bytes);
  out += fmt::format("{} {} contents, {} bytes; {} of them belong to events that stay\n",
                     pruned.dry_run ? "would remove" : "removed", pruned.contents,
                     pruned.content_bytes, pruned.tombstones);
  return out + fmt::format("the log {} after event {}\n", pruned.dry_run ? "would begin" : "begins",
                           pruned.base.value);
}

class LogPruneTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_directory_argument(app, directory_);
    add_duration(app, "--older-than", options_.older_than, "remove events older than this (30d)");
    add_seq_option(app, "--before", options_.before, "remove only events before this one");
    add_duration(app, "--contents-older-than", contents_older_than_,
                 "remove content that only events older than this refer to (as --older-than)");
    add_option_function(
        app, "--evidence-days",
        [this](const std::uint64_t& days) {
          options_.evidence = std::chrono::hours(
              24 * static_cast<std::int64_t>(std::min<std::uint64_t>(days, 100'000)));
        },
        "keep evidence younger than this many days (365)");
    add_option(app, "--keep-events", options_.keep_events, "keep at least the last N (10000)");
    add_flag(app, "--dry-run", dry_run_, "say what would be removed and what limits it (default)");
    add_flag(app, "--apply", apply_, "remove it");
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    options_.now = wall_clock();
    options_.contents_older_than = contents_older_than_.value_or(options_.older_than);
    auto plan = make_plan();
    if (!plan) return fail(streams, "prune", plan.error());
    const bool dry_run = dry_run_ || !apply_;
    plan->request.dry_run = dry_run;
    const auto report = storage::prune_log(directory_, plan->request);
    if (!report) return fail(streams, "prune", report.error());
    PruneJson out{dry_run,
                  plan->request.to.seq,
                  std::move(plan->bounds),
                  plan->limited_by,
                  *plan->request.contents_to,
                  report->events,
                  report->record_bytes,
                  report->contents,
                  report->content_bytes,
                  report->tombstones};
    streams.out << (json_ ? to_json(out) + "\n" : text_of(out));
    return ExitCode::kClean;
  }

 private:
  core::Result<RetentionPlan, storage::StorageFailure> make_plan() {
    if (!std::filesystem::is_directory(directory_)) {  // a capture can not be pruned
      return core::Unexpected{
          storage::StorageFailure{storage::StorageError::kNotFound, {}, "no log in " + directory_}};
    }
    const auto history = open_history(directory_);
    if (!history) return core::Unexpected{history.error()};
    // Somebody may still have the state that is lost, and with it what a prune would remove.
    if (const auto missing = missing_base(*history)) return core::Unexpected{*missing};
    return plan_retention(*history, options_);
  }
  template <class Target>
  static void add_duration(CLI::App& app, const std::string& name, Target& target,
                           const std::string& help) {
    add_option_function(
        app, name,
        [name, &target](const std::string& text) {
          const auto duration = duration_from(text);
          if (!duration) refuse_value(name, "a number with d, h, m or s");
          target = *duration;
        },
        help);
  }

  std::string directory_;
  RetentionOptions options_;
  bool dry_run_ = false;
  bool apply_ = false;
  std::optional<std::chrono::seconds> contents_older_than_;  ///< none: as --older-than
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_log_prune_tool() { return std::make_unique<LogPruneTool>(); }

}  // namespace preconf::replay
