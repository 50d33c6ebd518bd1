#include "io/p2p/random.hpp"

#include <sys/random.h>

#include <cerrno>

#include "core/base/assert.hpp"

namespace preconf::io {
namespace {

/// Up to 256 bytes come whole, or not at all when a signal interrupts the wait for the seed.
void fill(std::span<std::uint8_t> out) {
  ssize_t got = -1;
  do {
    got = ::getrandom(out.data(), out.size(), 0);
  } while (got < 0 && errno == EINTR);
  PRECONF_ASSERT(got == static_cast<ssize_t>(out.size()));
}

}  // namespace

core::FixedBytes<32> random_secret() {
  core::FixedBytes<32> out;
  fill(out.bytes);
  return out;
}

std::uint64_t random_seed() {
  std::array<std::uint8_t, 8> bytes{};
  fill(bytes);
  return std::bit_cast<std::uint64_t>(bytes);
}

}  // namespace preconf::io
