#include "core/codec/inflate.hpp"

#define ZLIB_CONST
#include <zlib.h>

#include <new>

#include "core/base/assert.hpp"

namespace preconf::core::codec {
namespace {

z_stream& stream_of(std::array<std::uint8_t, 112>& storage) {
  static_assert(sizeof(z_stream) == 112 && alignof(z_stream) == 8);
  return *std::launder(reinterpret_cast<z_stream*>(storage.data()));
}

}  // namespace

Inflater::Inflater(BytesView input) {
  PRECONF_ASSERT(input.size() <= ~uInt{0});
  auto* stream = new (stream_.data()) z_stream{};
  stream->next_in = input.data();
  stream->avail_in = static_cast<uInt>(input.size());
  usable_ = inflateInit(stream) == Z_OK;
}

Inflater::~Inflater() {
  if (usable_) inflateEnd(&stream_of(stream_));
}

InflateStep Inflater::fill(std::span<std::uint8_t> room, std::size_t& produced) {
  PRECONF_ASSERT(!room.empty() && room.size() <= ~uInt{0});
  if (!usable_) return InflateStep::kBad;
  z_stream& stream = stream_of(stream_);
  stream.next_out = room.data();
  stream.avail_out = static_cast<uInt>(room.size());
  const int code = inflate(&stream, Z_NO_FLUSH);
  produced += room.size() - stream.avail_out;
  if (code == Z_STREAM_END) return InflateStep::kEnd;
  // Z_OK with room left means that the input ended before the stream did.
  if (code != Z_OK || stream.avail_out != 0) return InflateStep::kBad;
  return InflateStep::kMore;
}

}  // namespace preconf::core::codec
