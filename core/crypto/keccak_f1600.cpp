#include "core/crypto/keccak_f1600.hpp"

#include <cstddef>

namespace preconf::core::crypto {
namespace {

/// The same lane of two states. Compilers have vectors for every machine, those of x86-64 are SSE2.
using LanePair [[gnu::vector_size(16), gnu::may_alias]] = std::uint64_t;

std::uint64_t in_every_lane(std::uint64_t value, std::uint64_t /*lane*/) { return value; }
LanePair in_every_lane(std::uint64_t value, LanePair /*lane*/) { return LanePair{value, value}; }

template <int count, class Lane>
[[gnu::always_inline]] inline Lane rotl(Lane lane) {
  return (lane << count) | (lane >> (64 - count));
}

/// Iota's constants, one per round (FIPS 202, algorithm 5).
constexpr std::array<std::uint64_t, 24> kRoundConstants = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

/// Chi on one row of five lanes, written to out[at] .. out[at + 4].
template <class Lane>
[[gnu::always_inline]] inline void chi(Lane* out, std::size_t at, Lane b0, Lane b1, Lane b2,
                                       Lane b3, Lane b4) {
  out[at] = b0 ^ (~b1 & b2);
  out[at + 1] = b1 ^ (~b2 & b3);
  out[at + 2] = b2 ^ (~b3 & b4);
  out[at + 3] = b3 ^ (~b4 & b0);
  out[at + 4] = b4 ^ (~b0 & b1);
}

/// One round from `in` to `out`. Rho and pi are the rotations and the choice of lanes below; the
/// indexes are constants, so that the lanes of both states live in registers.
template <class Lane>
[[gnu::always_inline]] inline void round(const Lane* in, Lane* out, std::uint64_t constant) {
  const Lane c0 = in[0] ^ in[5] ^ in[10] ^ in[15] ^ in[20];
  const Lane c1 = in[1] ^ in[6] ^ in[11] ^ in[16] ^ in[21];
  const Lane c2 = in[2] ^ in[7] ^ in[12] ^ in[17] ^ in[22];
  const Lane c3 = in[3] ^ in[8] ^ in[13] ^ in[18] ^ in[23];
  const Lane c4 = in[4] ^ in[9] ^ in[14] ^ in[19] ^ in[24];
  const Lane d0 = c4 ^ rotl<1>(c1);
  const Lane d1 = c0 ^ rotl<1>(c2);
  const Lane d2 = c1 ^ rotl<1>(c3);
  const Lane d3 = c2 ^ rotl<1>(c4);
  const Lane d4 = c3 ^ rotl<1>(c0);
  chi(out, 0, in[0] ^ d0, rotl<44>(in[6] ^ d1), rotl<43>(in[12] ^ d2), rotl<21>(in[18] ^ d3),
      rotl<14>(in[24] ^ d4));
  out[0] ^= in_every_lane(constant, out[0]);
  chi(out, 5, rotl<28>(in[3] ^ d3), rotl<20>(in[9] ^ d4), rotl<3>(in[10] ^ d0),
      rotl<45>(in[16] ^ d1), rotl<61>(in[22] ^ d2));
  chi(out, 10, rotl<1>(in[1] ^ d1), rotl<6>(in[7] ^ d2), rotl<25>(in[13] ^ d3),
      rotl<8>(in[19] ^ d4), rotl<18>(in[20] ^ d0));
  chi(out, 15, rotl<27>(in[4] ^ d4), rotl<36>(in[5] ^ d0), rotl<10>(in[11] ^ d1),
      rotl<15>(in[17] ^ d2), rotl<56>(in[23] ^ d3));
  chi(out, 20, rotl<62>(in[2] ^ d2), rotl<55>(in[8] ^ d3), rotl<39>(in[14] ^ d4),
      rotl<41>(in[15] ^ d0), rotl<2>(in[21] ^ d1));
}

/// In place: compilers copy whole states with string instructions, which cost a tenth of it all.
template <class Lane>
[[gnu::always_inline]] inline void permute(Lane* state) {
  Lane odd[25];
  for (std::size_t i = 0; i < kRoundConstants.size(); i += 2) {
    round(state, odd, kRoundConstants[i]);
    round(odd, state, kRoundConstants[i + 1]);
  }
}

}  // namespace

void keccak_f1600(KeccakState& state) { permute(state.data()); }

void keccak_f1600(KeccakStatePair& pair) {
  permute(reinterpret_cast<LanePair*>(pair.lanes.data()));
}

}  // namespace preconf::core::crypto
