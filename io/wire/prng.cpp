#include "io/wire/prng.hpp"

#include <bit>

#include "core/base/assert.hpp"

namespace preconf::io::wire {

Prng::Prng(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {  // splitmix64
    seed += 0x9e3779b97f4a7c15;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    word = z ^ (z >> 31);
  }
}

std::uint64_t Prng::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Prng::below(std::uint64_t bound) {
  PRECONF_ASSERT(bound > 0);
  const std::uint64_t unfair = (0 - bound) % bound;  // 2^64 mod bound values would count twice
  std::uint64_t value = next();
  while (value < unfair) value = next();
  return value % bound;
}

}  // namespace preconf::io::wire
