// Authorization headers as the engine's server side reads them: only our own token passes.
#include <string_view>

#include "core/base/assert.hpp"
#include "io/engine/jwt.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf;  // NOLINT: one translation unit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr core::UnixSeconds kNow{1'700'000'000};
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  const io::JwtSecret secret;
  const bool accepted = io::check_jwt(header, secret, kNow) == io::JwtDefect::kNone;
  if (accepted) PRECONF_ASSERT(header.size() < 512 && header.starts_with("Bearer "));
  return 0;
}
