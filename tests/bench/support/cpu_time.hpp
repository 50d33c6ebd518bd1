// What the process has used of all cores.
#pragma once

#include <cstdint>
#include <ctime>

namespace preconf::bench {

/// Microseconds since the process began, user and system, all threads.
inline std::uint64_t cpu_micros() {
  timespec cpu{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  return static_cast<std::uint64_t>(cpu.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(cpu.tv_nsec) / 1'000;
}

}  // namespace preconf::bench
