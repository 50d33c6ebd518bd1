// The canonical reader on a whole state, as a snapshot holds it: total, bounded, and what it
// accepts is the canonical encoding of what it read.
#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/canonical.hpp"
#include "core/state.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::core;  // NOLINT: one translation unit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  codec::CanonicalReader reader(input);
  State state;
  reader.get(state);
  if (reader.at_end()) {
    PRECONF_ASSERT(std::ranges::equal(codec::canonical_bytes(state), input));
  }
  return 0;
}
