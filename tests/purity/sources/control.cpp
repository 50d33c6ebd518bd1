// expect: compiles
// The control: the same flags accept what core may do, so a refusal of the others means something.
#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"

namespace preconf::core {
std::uint64_t size_of_all(const std::vector<Bytes>& all);
std::uint64_t size_of_all(const std::vector<Bytes>& all) {
  std::uint64_t total = 0;
  for (const Bytes& one : all) total += one.size();
  return total;
}
}  // namespace preconf::core
