// Hex and base64 as users and the engine write them: what is accepted has one spelling.
#include <string>
#include <string_view>

#include "core/base/assert.hpp"
#include "core/base/hex.hpp"
#include "core/codec/base64.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::core;  // NOLINT: one translation unit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = codec::decode_base64(text)) {
    PRECONF_ASSERT(codec::encode_base64(*bytes) == text);
  }
  if (const auto bytes = from_hex(text)) {
    PRECONF_ASSERT(from_hex(to_hex(*bytes)) == bytes);
  }
  (void)fixed_from_hex<32>(text);
  return 0;
}
