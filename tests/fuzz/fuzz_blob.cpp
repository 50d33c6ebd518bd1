// Blobs. Inputs are far shorter than a blob, so zeros follow; the first two bytes say where in the
// blob the rest stands. What decodes must encode to the same blob, but for the one byte that
// decoders do not look at.
#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/blob.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::core;  // NOLINT: one translation unit

namespace {

void check_blob(const Bytes& blob) {
  Bytes payload{0x5a};
  const auto decoded = codec::decode_blob(blob, payload);
  if (!decoded) {
    PRECONF_ASSERT(payload == Bytes{0x5a});
    return;
  }
  PRECONF_ASSERT(payload.size() == *decoded + 1 && *decoded <= codec::kBlobPayloadBytesMax);
  Bytes again = codec::encode_blob(BytesView(payload).subspan(1));
  again[0] = static_cast<std::uint8_t>(again[0] | (blob[0] & 0xc0));
  PRECONF_ASSERT(again == blob);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const BytesView rest = BytesView(data, size).subspan(2);
  Bytes blob(codec::kBlobBytes);
  const std::size_t position = (std::size_t{data[0]} << 8 | data[1]) * 2;
  const std::size_t count = std::min(rest.size(), blob.size() - position);
  std::copy_n(rest.begin(), count, blob.begin() + static_cast<std::ptrdiff_t>(position));
  check_blob(blob);
  if (rest.size() <= codec::kBlobPayloadBytesMax) check_blob(codec::encode_blob(rest));
  Bytes out;
  static_cast<void>(codec::decode_blob(rest, out).has_value());
  return 0;
}
