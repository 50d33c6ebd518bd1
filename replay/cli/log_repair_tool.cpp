// `preconf log repair`: from a log that is refused to one that is sound and says what it lost.
#include <fmt/format.h>

#include <chrono>
#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/offline.hpp"
#include "replay/cli/options.hpp"
#include "replay/json_printer.hpp"
#include "storage/log_repair.hpp"

namespace preconf::replay {
namespace {

struct Missing {
  core::Seq seq;
  core::Hash32 content;
  PRECONF_FIELDS(Missing, seq, content);
};

/// What is printed with --json; the keys are stable.
struct RepairJson {
  std::string result;  ///< sound, repaired, would_repair
  bool was_resumed = false;
  std::string found;  ///< name of the damage, empty when there is none
  core::Seq found_at;
  std::string detail;
  core::Seq kept_until;
  std::optional<core::events::LogGapRecorded> gap;
  core::Seq end;
  core::Hash32 chain;
  std::uint64_t readable_behind = 0;
  std::uint64_t contents_lost_total = 0;
  std::vector<Missing> contents_lost;
  std::string set_aside;
  PRECONF_FIELDS(RepairJson, result, was_resumed, found, found_at, detail, kept_until, gap, end,
                 chain, readable_behind, contents_lost_total, contents_lost, set_aside);
};

RepairJson json_of(const storage::RepairReport& report, bool dry_run) {
  RepairJson out;
  out.result = report.was_sound ? "sound" : (dry_run ? "would_repair" : "repaired");
  out.was_resumed = report.was_resumed;
  if (report.found) {
    out.found = storage::name_of(report.found->code);
    out.found_at = report.found->seq;
    out.detail = report.found->detail;
  }
  out.kept_until = report.kept.seq;
  out.gap = report.gap;
  out.end = report.end.seq;
  out.chain = report.end.chain;
  out.readable_behind = report.readable_behind;
  out.contents_lost_total = report.contents_lost_total;
  for (const storage::LostContent& lost : report.contents_lost) {
    out.contents_lost.push_back({lost.seq, lost.hash});
  }
  out.set_aside = report.set_aside;
  return out;
}

std::string events_text(core::Seq from, core::Seq to) {
  return from == to ? fmt::format("event {}", from.value)
                    : fmt::format("events {}..{}", from.value, to.value);
}

std::string lost_text(const core::events::LogGapRecorded& gap) {
  if (gap.to < gap.from) {
    return gap.lost_known ? "no event is lost\n"
                          : "no event is known to be lost, and nothing proves that none is\n";
  }
  return fmt::format("lost       {}{}\n", events_text(gap.from, gap.to),
                     gap.lost_known ? "" : ", at least");
}

std::string text_of(const storage::RepairReport& report, bool dry_run) {
  if (report.was_sound) {
    return fmt::format("sound: every event up to {} can be read; nothing was changed\n",
                       report.end.seq.value);
  }
  std::string out;
  if (report.found) {
    out += fmt::format("found      {} at event {}: {}\n", storage::name_of(report.found->code),
                       report.found->seq.value, report.found->detail);
  }
  if (report.was_resumed) out += "an interrupted repair was finished\n";
  if (report.gap) {
    out += fmt::format("kept       event {} is the last one kept, every hash and the chain hold\n",
                       report.kept.seq.value);
    if (const auto torn = storage::found_behind_end(report)) {
      out += fmt::format("           {} of them in the sound part of a torn write\n",
                         events_text(torn->from, torn->to));
    }
    out += lost_text(*report.gap);
    if (report.readable_behind > 0) {
      out += fmt::format(
          "           {} events behind the damage can be read, but nothing links them to the "
          "others\n",
          report.readable_behind);
    }
  }
  for (const storage::LostContent& lost : report.contents_lost) {
    out += fmt::format("lost       content {} of event {}\n", core::to_hex0x(lost.hash.view()),
                       lost.seq.value);
  }
  if (report.contents_lost_total > report.contents_lost.size()) {
    out += fmt::format("           {} contents in all\n", report.contents_lost_total);
  }
  out += fmt::format("gap        {} event {}\n", dry_run ? "would be recorded as" : "recorded as",
                     report.end.seq.value);
  if (!report.set_aside.empty()) out += fmt::format("damaged    kept as {}\n", report.set_aside);
  return out;
}

class LogRepairTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_directory_argument(app, directory_);
    add_flag(app, "--dry-run", dry_run_, "say what would be done, change nothing");
    add_json_flag(app, json_);
  }
  ExitCode run(Streams streams) override {
    storage::RepairOptions options;
    options.dry_run = dry_run_;
    options.now = wall_clock();
    const auto report = storage::repair_log(directory_, options);
    if (!report) return fail(streams, "repair", report.error());
    streams.out << (json_ ? to_json(json_of(*report, dry_run_)) + "\n"
                          : text_of(*report, dry_run_));
    const bool is_still_damaged = dry_run_ && !report->was_sound;
    return is_still_damaged ? ExitCode::kDamaged : ExitCode::kClean;
  }

 private:
  std::string directory_;
  bool dry_run_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_log_repair_tool() { return std::make_unique<LogRepairTool>(); }

}  // namespace preconf::replay
