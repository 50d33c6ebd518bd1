#include "replay/time_text.hpp"

#include <charconv>
#include <limits>

namespace preconf::replay {
namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
constexpr std::size_t kFractionDigitsMax = 9;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  if (!is_digits(text)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

/// Digits after the point, as nanoseconds.
std::optional<std::uint64_t> nanos(std::string_view digits) {
  if (!is_digits(digits) || digits.size() > kFractionDigitsMax) return std::nullopt;
  std::uint64_t value = *number(digits);
  for (std::size_t i = digits.size(); i < kFractionDigitsMax; ++i) value *= 10;
  return value;
}

/// Takes the number in front of `separator` (all of the text for '\0') off `text`.
std::optional<std::uint64_t> take(std::string_view& text, std::size_t digits, char separator) {
  if (text.size() < digits) return std::nullopt;
  const auto value = number(text.substr(0, digits));
  text.remove_prefix(digits);
  if (separator == '\0') return value;
  if (text.empty() || text.front() != separator) return std::nullopt;
  text.remove_prefix(1);
  return value;
}

constexpr bool is_leap(std::uint64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar.
std::optional<std::uint64_t> days_until(std::uint64_t year, std::uint64_t month,
                                        std::uint64_t day) {
  static constexpr std::uint64_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1970 || month < 1 || month > 12 || day < 1) return std::nullopt;
  const auto days_in = [year](std::uint64_t m) {
    return kDays[m - 1] + (m == 2 && is_leap(year) ? 1 : 0);
  };
  if (day > days_in(month)) return std::nullopt;
  const auto leap_days = [](std::uint64_t y) { return y / 4 - y / 100 + y / 400; };
  std::uint64_t days = (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969);
  for (std::uint64_t m = 1; m < month; ++m) days += days_in(m);
  return days + day - 1;
}

/// Seconds of "2026-08-12" or "2026-08-12T06:00:00".
std::optional<std::uint64_t> calendar_seconds(std::string_view text) {
  const auto year = take(text, 4, '-');
  const auto month = take(text, 2, '-');
  const auto day = take(text, 2, '\0');
  if (!year || !month || !day) return std::nullopt;
  const auto days = days_until(*year, *month, *day);
  if (!days) return std::nullopt;
  if (text.empty()) return *days * 86'400;
  if (text.front() != 'T') return std::nullopt;
  text.remove_prefix(1);
  const auto hour = take(text, 2, ':');
  const auto minute = take(text, 2, ':');
  const auto second = take(text, 2, '\0');
  if (!hour || !minute || !second || !text.empty()) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return *days * 86'400 + *hour * 3'600 + *minute * 60 + *second;
}

}  // namespace

std::optional<core::WallNanos> time_from(std::string_view text) {
  const bool has_zone = text.ends_with("Z");
  if (has_zone) text.remove_suffix(1);
  std::uint64_t fraction = 0;
  if (const std::size_t point = text.find('.'); point != std::string_view::npos) {
    const auto value = nanos(text.substr(point + 1));
    if (!value) return std::nullopt;
    fraction = *value;
    text = text.substr(0, point);
  }
  const bool is_calendar = text.find('-') != std::string_view::npos;
  const bool needs_zone = text.find('T') != std::string_view::npos;
  if (has_zone != needs_zone) return std::nullopt;
  const auto seconds = is_calendar ? calendar_seconds(text) : number(text);
  constexpr std::uint64_t kSecondsMax =
      std::numeric_limits<std::uint64_t>::max() / kNanosPerSecond - 1;
  if (!seconds || *seconds > kSecondsMax) return std::nullopt;
  return core::WallNanos{*seconds * kNanosPerSecond + fraction};
}

}  // namespace preconf::replay
