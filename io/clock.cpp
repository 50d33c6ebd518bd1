#include "io/clock.hpp"

#include <chrono>

namespace preconf::io {
namespace {

template <class Clock>
std::uint64_t nanos_of() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch())
          .count());
}

}  // namespace

core::WallNanos wall_now() { return core::WallNanos{nanos_of<std::chrono::system_clock>()}; }

core::MonoNanos mono_now() { return core::MonoNanos{nanos_of<std::chrono::steady_clock>()}; }

}  // namespace preconf::io
