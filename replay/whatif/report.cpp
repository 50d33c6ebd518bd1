#include <fmt/format.h>

#include "core/base/hex.hpp"
#include "replay/leaf.hpp"
#include "replay/whatif/whatif.hpp"

namespace preconf::replay {
namespace {

std::string lines(const char* lead, const std::vector<std::string>& decisions) {
  if (decisions.empty()) return std::string("    ") + lead + "  nothing\n";
  std::string out;
  for (const std::string& decision : decisions) {
    out += std::string("    ") + lead + "  " + decision + "\n";
  }
  return out;
}

std::string text_of(const std::optional<HeadAt>& head) {
  if (!head) return "none";
  return fmt::format("{} {}", head->number.value, core::to_hex0x(head->hash.view()));
}

std::string timeline(const char* name, const std::vector<HeadAt>& heads) {
  std::string out;
  for (const HeadAt& head : heads) {
    out += fmt::format("    {}  {}  {}\n", name, utc_time(head.time), text_of(head));
  }
  return out;
}

/// What of the changes found nothing to change.
std::string notes(const WhatIfReport& report) {
  std::string out;
  if (report.drops_asked && report.dropped == 0) {
    out += "NOTHING MATCHED --drop: it holds for no input in the range\n";
    if (report.not_droppable > 0) {
      out += fmt::format(
          "  it holds for {} events that can not be dropped: answers, timers, event 1\n",
          report.not_droppable);
    }
  }
  if (report.inserted < report.inserts_asked) {
    out += fmt::format("NOT PUT IN: {} of {} inserts, behind events outside of the range\n",
                       report.inserts_asked - report.inserted, report.inserts_asked);
  }
  if (report.nothing_changed) out += "nothing was changed, so nothing is compared\n";
  return out;
}

}  // namespace

std::string to_text(const WhatIfReport& report) {
  std::string out = report.statement + "\n";
  out +=
      fmt::format("events      {} recorded, {} in the changed history ({} dropped, {} put in)\n",
                  report.events_recorded, report.events_changed, report.dropped, report.inserted);
  out += fmt::format("answers     {} of history, {} of the model\n", report.answers_recorded,
                     report.answers_modelled);
  if (report.l1_answers + report.l1_unanswered > 0) {
    out += fmt::format("L1          {} answers of history given again, {} questions without one\n",
                       report.l1_answers, report.l1_unanswered);
  }
  out += notes(report);
  if (report.nothing_changed) return out;
  if (!report.differs) return out + "no decision differs\n";
  if (report.first) {
    out += fmt::format(
        "first decision that differs: event {} ({} in the changed history)  {}  {}\n"
        "    {}\n",
        report.first->seq.value, report.first->changed_seq.value, utc_time(report.first->time),
        report.first->event, report.first->summary);
    out += lines("recorded", report.first->recorded) + lines("changed ", report.first->changed);
  }
  if (!report.decisions.empty()) out += "decisions   recorded  changed\n";
  for (const auto& [name, counts] : report.decisions) {
    out += fmt::format("  {:<40} {:>8} {:>8}\n", name, counts.recorded, counts.changed);
  }
  if (!report.commands.empty()) out += "commands        gone      new\n";
  for (const auto& [name, counts] : report.commands) {
    out += fmt::format("  {:<40} {:>8} {:>8}\n", name, counts.gone, counts.added);
  }
  out += "heads from there on (the first ones)\n" + timeline("recorded", report.recorded_heads) +
         timeline("changed ", report.changed_heads);
  return out + fmt::format("head at the end: recorded {}\n                 changed  {}\n",
                           text_of(report.recorded_head), text_of(report.changed_head));
}

}  // namespace preconf::replay
