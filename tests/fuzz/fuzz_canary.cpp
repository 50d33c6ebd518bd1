// A planted defect, one byte away from the corpus: whoever runs it must report it.
#include <cstdlib>
#include <string_view>

#include "tests/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.starts_with("canary")) std::abort();
  return 0;
}
