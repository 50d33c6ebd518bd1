#include "core/protocol/schedule.hpp"

#include <algorithm>

#include "core/limits.hpp"

namespace preconf::core::protocol {

const char* name_of(ScheduleDefect defect) {
  // clang-format off
  switch (defect) {
    case ScheduleDefect::kNone: return "none";
    case ScheduleDefect::kTooManyWindows: return "too_many_windows";
    case ScheduleDefect::kEmptyWindow: return "empty_window";
    case ScheduleDefect::kOverlap: return "overlap";
  }
  // clang-format on
  return "unknown";
}

ScheduleDefect check_schedule(const Schedule& schedule) {
  if (schedule.windows.size() > limits::kScheduleWindowsMax) {
    return ScheduleDefect::kTooManyWindows;
  }
  const Window* previous = nullptr;
  for (const Window& window : schedule.windows) {
    if (window.start >= window.end) return ScheduleDefect::kEmptyWindow;
    if (previous != nullptr && window.start < previous->end) return ScheduleDefect::kOverlap;
    previous = &window;
  }
  return ScheduleDefect::kNone;
}

std::optional<std::size_t> find_window(const Schedule& schedule, UnixSeconds timestamp) {
  const auto& windows = schedule.windows;
  const auto found =
      std::lower_bound(windows.begin(), windows.end(), timestamp,
                       [](const Window& window, UnixSeconds time) { return window.end < time; });
  if (found == windows.end() || found->start >= timestamp) return std::nullopt;
  return static_cast<std::size_t>(found - windows.begin());
}

}  // namespace preconf::core::protocol
