// Random bytes of the operating system, for keys.
#pragma once

#include "core/base/bytes.hpp"

namespace preconf::io {

/// 32 bytes nobody can guess. Waits for the system's generator to be seeded (at most once, early
/// after the machine booted).
[[nodiscard]] core::FixedBytes<32> random_secret();
/// For choices, not for keys.
[[nodiscard]] std::uint64_t random_seed();

}  // namespace preconf::io
