// The canonical reader on a whole state, as a snapshot holds it: total, bounded, and what it
// accepts is the canonical encoding of what it read.
#include <algorithm>

#include "core/base/assert.hpp"
#include "core/state.hpp"
#include "core/state_bytes.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::core;  // NOLINT: one translation unit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  State state;
  if (decode_state(input, state)) {
    PRECONF_ASSERT(std::ranges::equal(encode_state(state), input));
  }
  return 0;
}
