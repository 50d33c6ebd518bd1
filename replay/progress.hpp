// A progress line on a terminal, for work that takes longer than a person waits without a sign.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>

namespace preconf::replay {

class ProgressLine {
 public:
  /// Draws nothing unless `is_terminal`.
  ProgressLine(std::ostream& out, bool is_terminal);
  /// `done` of `total` events; drawn at most ten times a second, not within the first half second.
  void show(std::uint64_t done, std::uint64_t total);
  /// Removes what was drawn.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::ostream& out_;
  const bool is_terminal_;
  const Clock::time_point start_;
  Clock::time_point next_draw_;
  bool is_drawn_ = false;
};

}  // namespace preconf::replay
