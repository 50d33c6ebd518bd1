#include "replay/audit/schedule_lookup.hpp"

namespace preconf::replay::audit {

void note_table(ScheduleAnswer& answer, const core::protocol::Schedule& schedule, core::Seq seq,
                core::WallNanos wall) {
  ScheduleEntry entry;
  entry.seq = seq;
  entry.wall = wall;
  entry.version = schedule.version;
  if (!schedule.windows.empty()) {
    entry.begins = schedule.windows.front().start;
    entry.ends = schedule.windows.back().end;
    entry.covers = *entry.begins < answer.time && answer.time <= *entry.ends;
  }
  if (const auto index = core::protocol::find_window(schedule, answer.time)) {
    entry.window = schedule.windows[*index];
    if (*index + 1 < schedule.windows.size()) entry.next = schedule.windows[*index + 1];
  }
  // A table counts from the second in which it came; one that came later was not known then.
  entry.in_force = wall.value / 1'000'000'000 <= answer.time.value;
  if (entry.in_force) {
    for (ScheduleEntry& earlier : answer.tables) earlier.in_force = false;
  }
  for (const ScheduleEntry& earlier : answer.tables) {
    // Where a window begins and ends may become known later; whose time it is may not change.
    const bool both_name = earlier.window && entry.window;
    if (both_name && earlier.window->committer != entry.window->committer) {
      answer.tables_agree = false;
    }
  }
  constexpr std::size_t kTablesMax = 1'024;
  if (answer.tables.size() == kTablesMax) answer.tables.erase(answer.tables.begin());
  answer.tables.push_back(std::move(entry));
}

}  // namespace preconf::replay::audit
