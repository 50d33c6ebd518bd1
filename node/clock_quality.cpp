#include "node/clock_quality.hpp"

#include <sys/timex.h>

namespace preconf::node {

std::optional<std::uint64_t> clock_error_ns() {
  struct timex clock = {};  // modes = 0: read, change nothing
  const int state = ::adjtimex(&clock);
  if (state < 0 || state == TIME_ERROR || (clock.status & STA_UNSYNC) != 0) return std::nullopt;
  if (clock.maxerror < 0) return std::nullopt;
  return static_cast<std::uint64_t>(clock.maxerror) * 1'000;  // maxerror is in us
}

}  // namespace preconf::node
