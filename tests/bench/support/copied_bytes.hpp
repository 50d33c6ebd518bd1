// How many bytes this program has copied. Its calls of memcpy and memmove, the compiler's included,
// are counted: the linker leads them here (--wrap). Copies of a few bytes that the compiler writes
// out, and what happens inside shared libraries, are not.
#pragma once

#include <cstdint>

namespace preconf::bench {

/// Since the start of the program.
[[nodiscard]] std::uint64_t copied_bytes();

}  // namespace preconf::bench
