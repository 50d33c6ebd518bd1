#include "io/wire/frame_reader.hpp"

#include <gtest/gtest.h>

#include "io/wire/varint.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;
using core::test::bytes;
using Status = FrameReader::Status;

Bytes framed(BytesView content) {
  Bytes out;
  put_uvarint(out, content.size());
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

/// Feeds `stream` in pieces of `step` bytes; the frames that came out.
std::vector<Bytes> read_all(FrameReader& reader, BytesView stream, std::size_t step) {
  std::vector<Bytes> frames;
  while (!stream.empty()) {
    BytesView piece = stream.first(std::min(step, stream.size()));
    stream = stream.subspan(piece.size());
    while (!piece.empty()) {
      Bytes frame;
      const Status status = reader.next(piece, frame);
      EXPECT_TRUE(status != Status::kNeedMore || piece.empty());
      if (status == Status::kFrame) frames.push_back(frame);
      if (status == Status::kTooLarge || status == Status::kBadLength) return frames;
    }
  }
  return frames;
}

TEST(FrameReader, AnyCutGivesTheSameFrames) {
  const std::vector<Bytes> sent{Bytes{}, Bytes{1}, Bytes(200, 7), Bytes{}, Bytes(20'000, 9)};
  Bytes stream;
  for (const Bytes& content : sent) {
    const Bytes frame = framed(content);
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{199},
                                 std::size_t{4'096}, stream.size()}) {
    FrameReader reader(20'000);
    EXPECT_EQ(read_all(reader, stream, step), sent) << step;
    EXPECT_FALSE(reader.in_frame());
    EXPECT_EQ(reader.memory_bytes(), 0U);
  }
}

TEST(FrameReader, BoundIsInclusiveAndFinal) {
  FrameReader reader(300);
  Bytes frame;
  const Bytes good = framed(Bytes(300, 1));
  BytesView in = good;
  EXPECT_EQ(reader.next(in, frame), Status::kFrame);
  const Bytes bad = framed(Bytes(301, 1));
  in = bad;
  EXPECT_EQ(reader.next(in, frame), Status::kTooLarge);
  const std::size_t left = in.size();
  EXPECT_EQ(reader.next(in, frame), Status::kTooLarge);
  EXPECT_EQ(in.size(), left);
}

TEST(FrameReader, RefusesBadLengths) {
  for (const char* text : {"8000", "ffffffff8001", "ffffffffffff01"}) {
    FrameReader reader(SIZE_MAX);
    const Bytes stream = bytes(text);
    BytesView in = stream;
    Bytes frame;
    EXPECT_EQ(reader.next(in, frame), Status::kBadLength) << text;
  }
}

TEST(FrameReader, ACutStreamIsVisible) {
  FrameReader reader(100);
  Bytes frame;
  const Bytes stream = bytes("0501020304");
  BytesView in = stream;
  EXPECT_EQ(reader.next(in, frame), Status::kNeedMore);
  EXPECT_TRUE(in.empty());
  EXPECT_TRUE(reader.in_frame());
}

// A claimed length of 10 MiB with three bytes behind it must not cost 10 MiB.
TEST(FrameReader, MemoryFollowsWhatArrived) {
  FrameReader reader(10'485'760);
  Bytes frame;
  const Bytes stream = bytes("8080800501020304");
  BytesView in = stream;
  EXPECT_EQ(reader.next(in, frame), Status::kNeedMore);
  EXPECT_LE(reader.memory_bytes(), 64U);
}

}  // namespace
}  // namespace preconf::io::wire
