#include "tests/bench/support/copied_bytes.hpp"

#include <cstddef>

namespace {

std::uint64_t copied = 0;  // one thread

}  // namespace

extern "C" {
void* __real_memcpy(void* to, const void* from, std::size_t size);
void* __real_memmove(void* to, const void* from, std::size_t size);
void* __wrap_memcpy(void* to, const void* from, std::size_t size);
void* __wrap_memmove(void* to, const void* from, std::size_t size);

void* __wrap_memcpy(void* to, const void* from, std::size_t size) {
  copied += size;
  return __real_memcpy(to, from, size);
}
void* __wrap_memmove(void* to, const void* from, std::size_t size) {
  copied += size;
  return __real_memmove(to, from, size);
}
}

namespace preconf::bench {

std::uint64_t copied_bytes() { return copied; }

}  // namespace preconf::bench
