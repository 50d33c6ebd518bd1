// Who may preconfirm when: the window table.
#pragma once

#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

/// One submission window: left-open, right-closed, (start, end].
struct Window {
  UnixSeconds start;  ///< exclusive
  UnixSeconds end;    ///< inclusive; the commitments' submissionWindowEnd
  Address committer;  ///< zero = nobody may sign
  PRECONF_FIELDS(Window, start, end, committer);
};

/// Windows sorted by time, not overlapping; gaps are times nobody owns.
struct Schedule {
  std::uint64_t version = 0;  ///< of this table, as recorded in verdicts; 0 = none known
  std::vector<Window> windows;
  PRECONF_FIELDS(Schedule, version, windows);
};

/// Why a table is refused. Persistent values: never renumber.
enum class ScheduleDefect : std::uint8_t {
  kNone = 0,
  kTooManyWindows = 1,  ///< over limits::kScheduleWindowsMax
  kEmptyWindow = 2,     ///< start >= end
  kOverlap = 3,         ///< windows overlap or are not sorted
};
[[nodiscard]] const char* name_of(ScheduleDefect defect);

[[nodiscard]] ScheduleDefect check_schedule(const Schedule& schedule);

/// Index of the window that contains `timestamp`.
[[nodiscard]] std::optional<std::size_t> find_window(const Schedule& schedule,
                                                     UnixSeconds timestamp);

}  // namespace preconf::core::protocol
