#include "core/crypto/keccak_f1600.hpp"

#include <bit>
#include <cstddef>

namespace preconf::core::crypto {
namespace {

using Lane = std::uint64_t;

/// Iota's constants, one per round (FIPS 202, algorithm 5).
constexpr std::array<Lane, 24> kRoundConstants = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

/// Chi on one row of five lanes, written to out[at] .. out[at + 4].
[[gnu::always_inline]] inline void chi(KeccakState& out, std::size_t at, Lane b0, Lane b1, Lane b2,
                                       Lane b3, Lane b4) {
  out[at] = b0 ^ (~b1 & b2);
  out[at + 1] = b1 ^ (~b2 & b3);
  out[at + 2] = b2 ^ (~b3 & b4);
  out[at + 3] = b3 ^ (~b4 & b0);
  out[at + 4] = b4 ^ (~b0 & b1);
}

/// One round from `in` to `out`. Rho and pi are the rotations and the choice of lanes below; the
/// indexes are constants, so that the lanes of both states live in registers.
[[gnu::always_inline]] inline void round(const KeccakState& in, KeccakState& out, Lane constant) {
  const Lane c0 = in[0] ^ in[5] ^ in[10] ^ in[15] ^ in[20];
  const Lane c1 = in[1] ^ in[6] ^ in[11] ^ in[16] ^ in[21];
  const Lane c2 = in[2] ^ in[7] ^ in[12] ^ in[17] ^ in[22];
  const Lane c3 = in[3] ^ in[8] ^ in[13] ^ in[18] ^ in[23];
  const Lane c4 = in[4] ^ in[9] ^ in[14] ^ in[19] ^ in[24];
  const Lane d0 = c4 ^ std::rotl(c1, 1);
  const Lane d1 = c0 ^ std::rotl(c2, 1);
  const Lane d2 = c1 ^ std::rotl(c3, 1);
  const Lane d3 = c2 ^ std::rotl(c4, 1);
  const Lane d4 = c3 ^ std::rotl(c0, 1);
  chi(out, 0, in[0] ^ d0, std::rotl(in[6] ^ d1, 44), std::rotl(in[12] ^ d2, 43),
      std::rotl(in[18] ^ d3, 21), std::rotl(in[24] ^ d4, 14));
  out[0] ^= constant;
  chi(out, 5, std::rotl(in[3] ^ d3, 28), std::rotl(in[9] ^ d4, 20), std::rotl(in[10] ^ d0, 3),
      std::rotl(in[16] ^ d1, 45), std::rotl(in[22] ^ d2, 61));
  chi(out, 10, std::rotl(in[1] ^ d1, 1), std::rotl(in[7] ^ d2, 6), std::rotl(in[13] ^ d3, 25),
      std::rotl(in[19] ^ d4, 8), std::rotl(in[20] ^ d0, 18));
  chi(out, 15, std::rotl(in[4] ^ d4, 27), std::rotl(in[5] ^ d0, 36), std::rotl(in[11] ^ d1, 10),
      std::rotl(in[17] ^ d2, 15), std::rotl(in[23] ^ d3, 56));
  chi(out, 20, std::rotl(in[2] ^ d2, 62), std::rotl(in[8] ^ d3, 55), std::rotl(in[14] ^ d4, 39),
      std::rotl(in[15] ^ d0, 41), std::rotl(in[21] ^ d1, 2));
}

}  // namespace

void keccak_f1600(KeccakState& state) {
  KeccakState even = state;
  KeccakState odd;
  for (std::size_t i = 0; i < kRoundConstants.size(); i += 2) {
    round(even, odd, kRoundConstants[i]);
    round(odd, even, kRoundConstants[i + 1]);
  }
  state = even;
}

}  // namespace preconf::core::crypto
