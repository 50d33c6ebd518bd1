#include "replay/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace preconf::replay {
namespace {

constexpr std::chrono::milliseconds kQuiet{500};
constexpr std::chrono::milliseconds kBetweenDraws{100};
constexpr std::size_t kBarWidth = 30;
constexpr const char* kEraseLine = "\r\x1b[K";

}  // namespace

ProgressLine::ProgressLine(std::ostream& out, bool is_terminal)
    : out_(out), is_terminal_(is_terminal), start_(Clock::now()), next_draw_(start_ + kQuiet) {}

void ProgressLine::show(std::uint64_t done, std::uint64_t total) {
  if (!is_terminal_ || total == 0) return;
  const Clock::time_point now = Clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + kBetweenDraws;
  is_drawn_ = true;
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = static_cast<double>(done) / seconds;
  const double left = rate > 0 ? static_cast<double>(total - std::min(done, total)) / rate : 0;
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
  out_ << kEraseLine
       << fmt::format("replay [{:<{}}] {:>3.0f} %  {:.0f} events/s  {:.0f} s left",
                      std::string(filled, '#'), kBarWidth, share * 100, rate, left)
       << std::flush;
}

void ProgressLine::clear() {
  if (is_drawn_) out_ << kEraseLine << std::flush;
  is_drawn_ = false;
}

}  // namespace preconf::replay
