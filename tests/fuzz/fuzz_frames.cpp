// Varints and frames: what is read is what is written, and no cut of the stream changes the frames.
#include <algorithm>
#include <vector>

#include "core/base/assert.hpp"
#include "io/wire/frame_reader.hpp"
#include "io/wire/varint.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::io::wire;  // NOLINT: one translation unit
using preconf::core::Bytes;
using preconf::core::BytesView;

namespace {

constexpr std::size_t kFrameBytesMax = 4'096;

void check_varint(BytesView in, std::size_t bytes_max) {
  const auto read = read_uvarint(in, bytes_max);
  if (!read) return;
  Bytes again;
  put_uvarint(again, read->value);
  PRECONF_ASSERT(again.size() == read->size && uvarint_size(read->value) == read->size);
  PRECONF_ASSERT(std::ranges::equal(again, in.first(read->size)));
}

struct Reading {
  std::vector<Bytes> frames;
  FrameReader::Status end = FrameReader::Status::kNeedMore;
};

Reading read_frames(BytesView stream, std::size_t step) {
  FrameReader reader(kFrameBytesMax);
  Reading out;
  while (!stream.empty()) {
    BytesView piece = stream.first(std::min(step, stream.size()));
    stream = stream.subspan(piece.size());
    while (!piece.empty()) {
      Bytes frame;
      out.end = reader.next(piece, frame);
      PRECONF_ASSERT(reader.memory_bytes() <= kFrameBytesMax);
      if (out.end == FrameReader::Status::kFrame) {
        out.frames.push_back(frame);
      } else if (out.end != FrameReader::Status::kNeedMore) {
        return out;
      }
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView in = BytesView(data, size).subspan(1);
  check_varint(in, 1 + data[0] % 10);
  const Reading whole = read_frames(in, std::max<std::size_t>(in.size(), 1));
  const Reading pieces = read_frames(in, 1 + data[0] / 8);
  PRECONF_ASSERT(whole.frames == pieces.frames && whole.end == pieces.end);
  return 0;
}
