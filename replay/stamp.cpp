#include "replay/stamp.hpp"

#include <fmt/format.h>

#include "replay/leaf.hpp"

namespace preconf::replay {

std::string stamp_text(core::WallNanos wall) {
  return wall.value == 0 ? fmt::format("{:<30}", "before this log begins") : utc_time(wall);
}

std::string duration_text(std::uint64_t micros) {
  constexpr std::uint64_t kMilli = 1'000;
  constexpr std::uint64_t kSecond = 1'000 * kMilli;
  constexpr std::uint64_t kMinute = 60 * kSecond;
  constexpr std::uint64_t kHour = 60 * kMinute;
  constexpr std::uint64_t kDay = 24 * kHour;
  if (micros < kSecond) return fmt::format("{}.{:03} ms", micros / kMilli, micros % kMilli);
  if (micros < kMinute) {
    return fmt::format("{}.{:03} s", micros / kSecond, micros % kSecond / kMilli);
  }
  if (micros < kHour) {
    return fmt::format("{} min {} s", micros / kMinute, micros % kMinute / kSecond);
  }
  if (micros < kDay) return fmt::format("{} h {} min", micros / kHour, micros % kHour / kMinute);
  return fmt::format("{} d {} h", micros / kDay, micros % kDay / kHour);
}

}  // namespace preconf::replay
