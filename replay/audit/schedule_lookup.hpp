// Who should have been sequencing at a time, by every table that the log has.
#pragma once

#include <optional>
#include <vector>

#include "core/base/fields.hpp"
#include "core/protocol/schedule.hpp"
#include "core/types.hpp"

namespace preconf::replay::audit {

/// What one table says about the time.
struct ScheduleEntry {
  core::Seq seq;         ///< event that brought the table
  core::WallNanos wall;  ///< from then on it was in force here
  std::uint64_t version = 0;
  bool in_force = false;  ///< it was the newest table of this node at the time asked for
  /// Of its first and last window, left-open, right-closed; none: it has no windows.
  std::optional<core::UnixSeconds> begins;
  std::optional<core::UnixSeconds> ends;
  bool covers = false;                           ///< does the time lie between them?
  std::optional<core::protocol::Window> window;  ///< none: not covered, or nobody owns that time
  std::optional<core::protocol::Window> next;    ///< none: not in this table
  PRECONF_FIELDS(ScheduleEntry, seq, wall, version, in_force, begins, ends, covers, window, next);
};

struct ScheduleAnswer {
  core::UnixSeconds time;
  std::vector<ScheduleEntry> tables;  ///< in order; the newest 1,024
  bool tables_agree = true;           ///< no two that cover the time name different signers
  PRECONF_FIELDS(ScheduleAnswer, time, tables, tables_agree);
};

/// Takes a table that came into force into the answer.
void note_table(ScheduleAnswer& answer, const core::protocol::Schedule& schedule, core::Seq seq,
                core::WallNanos wall);

}  // namespace preconf::replay::audit
