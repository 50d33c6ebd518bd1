#include "core/protocol/schedule.hpp"

#include "core/limits.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using protocol::Schedule;
using protocol::ScheduleDefect;
using protocol::Window;

Window window(std::uint64_t start, std::uint64_t end) {
  Window out;
  out.start = UnixSeconds{start};
  out.end = UnixSeconds{end};
  return out;
}

Schedule schedule_of(std::vector<Window> windows) {
  Schedule schedule;
  schedule.windows = std::move(windows);
  return schedule;
}

TEST(Schedule, WindowsAreLeftOpenAndRightClosed) {
  const Schedule schedule = schedule_of({window(100, 200), window(200, 300), window(350, 400)});
  const auto at = [&schedule](std::uint64_t time) {
    return protocol::find_window(schedule, UnixSeconds{time});
  };
  EXPECT_EQ(at(0), std::nullopt);
  EXPECT_EQ(at(100), std::nullopt);
  EXPECT_EQ(at(101), 0U);
  EXPECT_EQ(at(200), 0U);
  EXPECT_EQ(at(201), 1U);
  EXPECT_EQ(at(300), 1U);
  EXPECT_EQ(at(301), std::nullopt);
  EXPECT_EQ(at(350), std::nullopt);
  EXPECT_EQ(at(351), 2U);
  EXPECT_EQ(at(400), 2U);
  EXPECT_EQ(at(401), std::nullopt);
  EXPECT_EQ(at(~std::uint64_t{0}), std::nullopt);
  EXPECT_EQ(protocol::find_window(Schedule{}, UnixSeconds{1}), std::nullopt);
}

TEST(Schedule, FindAgreesWithALinearScan) {
  std::vector<Window> windows;
  for (std::uint64_t i = 0; i < 57; ++i) windows.push_back(window(i * 10 + i % 3, i * 10 + 10));
  const Schedule schedule = schedule_of(windows);
  ASSERT_EQ(protocol::check_schedule(schedule), ScheduleDefect::kNone);
  for (std::uint64_t time = 0; time < 600; ++time) {
    std::optional<std::size_t> expected;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      if (windows[i].start.value < time && time <= windows[i].end.value) expected = i;
    }
    EXPECT_EQ(protocol::find_window(schedule, UnixSeconds{time}), expected) << time;
  }
}

TEST(Schedule, Defects) {
  EXPECT_EQ(protocol::check_schedule({}), ScheduleDefect::kNone);
  EXPECT_EQ(protocol::check_schedule(schedule_of({window(5, 5)})), ScheduleDefect::kEmptyWindow);
  EXPECT_EQ(protocol::check_schedule(schedule_of({window(6, 5)})), ScheduleDefect::kEmptyWindow);
  EXPECT_EQ(protocol::check_schedule(schedule_of({window(0, 5), window(4, 9)})),
            ScheduleDefect::kOverlap);
  EXPECT_EQ(protocol::check_schedule(schedule_of({window(5, 9), window(0, 5)})),
            ScheduleDefect::kOverlap);
  std::vector<Window> many;
  for (std::uint64_t i = 0; i < limits::kScheduleWindowsMax; ++i) many.push_back(window(i, i + 1));
  EXPECT_EQ(protocol::check_schedule(schedule_of(many)), ScheduleDefect::kNone);
  many.push_back(window(many.size(), many.size() + 1));
  EXPECT_EQ(protocol::check_schedule(schedule_of(many)), ScheduleDefect::kTooManyWindows);
}

}  // namespace
}  // namespace preconf::core::test
