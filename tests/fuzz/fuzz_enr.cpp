// Node records of bootnode lists: whatever is accepted has an address that can be dialed.
#include "core/base/assert.hpp"
#include "io/wire/enr.hpp"
#include "io/wire/protobuf.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::io::wire;  // NOLINT: one translation unit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto enr = parse_enr(as_text({data, size}));
  if (enr) PRECONF_ASSERT(enr->address.tcp_port && !enr->address.is_name());
  return 0;
}
