#include "core/crypto/keccak_pair.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "core/base/assert.hpp"

namespace preconf::core::crypto {
namespace {

constexpr std::size_t kLaneBytes = 8;
/// The original Keccak padding starts with a single 1 bit; SHA3-256 has 01 before it.
constexpr std::uint8_t kPadFirst = 0x01;
constexpr std::uint8_t kPadLast = 0x80;

using Block = std::array<std::uint8_t, KeccakPair::kBlockBytes>;

/// Little-endian lanes of the machine.
std::uint64_t swapped(std::uint64_t value) {
  return std::endian::native == std::endian::little ? value : __builtin_bswap64(value);
}

void xor_block(KeccakStatePair& states, std::size_t which, const std::uint8_t* block) {
  for (std::size_t i = 0; i < KeccakPair::kBlockBytes / kLaneBytes; ++i) {
    std::uint64_t lane = 0;
    std::memcpy(&lane, block + i * kLaneBytes, kLaneBytes);
    states.lanes[2 * i + which] ^= swapped(lane);
  }
}

Block padded(BytesView tail) {
  PRECONF_ASSERT(tail.size() < KeccakPair::kBlockBytes);
  Block block{};
  if (!tail.empty()) std::memcpy(block.data(), tail.data(), tail.size());
  block[tail.size()] ^= kPadFirst;
  block.back() ^= kPadLast;
  return block;
}

Hash32 digest_of(const KeccakStatePair& states, std::size_t which) {
  Hash32 digest;
  for (std::size_t i = 0; i < Hash32::kSize / kLaneBytes; ++i) {
    const std::uint64_t lane = swapped(states.lanes[2 * i + which]);
    std::memcpy(digest.data() + i * kLaneBytes, &lane, kLaneBytes);
  }
  return digest;
}

}  // namespace

void KeccakPair::absorb(BytesView first, BytesView second) {
  PRECONF_ASSERT(first.size() == kBlockBytes && second.size() == kBlockBytes);
  xor_block(states_, 0, first.data());
  xor_block(states_, 1, second.data());
  keccak_f1600(states_);
}

std::pair<Hash32, Hash32> KeccakPair::finish(BytesView first, BytesView second) const {
  KeccakStatePair states = states_;
  xor_block(states, 0, padded(first).data());
  xor_block(states, 1, padded(second).data());
  keccak_f1600(states);
  return {digest_of(states, 0), digest_of(states, 1)};
}

KeccakPair KeccakPair::twice_first() const {
  KeccakPair both = *this;
  for (std::size_t i = 0; i < both.states_.lanes.size(); i += 2) {
    both.states_.lanes[i + 1] = states_.lanes[i];
  }
  return both;
}

}  // namespace preconf::core::crypto
