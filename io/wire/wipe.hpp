// Overwrites secrets before their memory is given back.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace preconf::io::wire {

/// Zeroes `bytes`; the compiler does not drop the writes as dead.
inline void wipe(std::span<std::uint8_t> bytes) {
  if (bytes.empty()) return;
  std::memset(bytes.data(), 0, bytes.size());
  asm volatile("" : : "r"(bytes.data()) : "memory");
}

}  // namespace preconf::io::wire
