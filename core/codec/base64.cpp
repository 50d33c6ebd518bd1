#include "core/codec/base64.hpp"

#include <nettle/base64.h>

namespace preconf::core::codec {

std::string encode_base64(BytesView bytes) {
  std::string text(BASE64_ENCODE_RAW_LENGTH(bytes.size()), '\0');
  base64_encode_raw(text.data(), bytes.size(), bytes.data());
  return text;
}

std::optional<Bytes> decode_base64(std::string_view text) {
  base64_decode_ctx context;
  base64_decode_init(&context);
  Bytes bytes(BASE64_DECODE_LENGTH(text.size()));
  std::size_t size = bytes.size();
  if (base64_decode_update(&context, &size, bytes.data(), text.size(), text.data()) == 0 ||
      base64_decode_final(&context) == 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  // The library skips white space; only the one canonical text survives the way back.
  if (encode_base64(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace preconf::core::codec
