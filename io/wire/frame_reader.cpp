#include "io/wire/frame_reader.hpp"

#include "core/base/assert.hpp"
#include "io/wire/varint.hpp"

namespace preconf::io::wire {
namespace {

/// Appends and grows by doubling, but never beyond what the frame will need.
void append(core::Bytes& content, core::BytesView piece, std::size_t still_missing) {
  const std::size_t needed = content.size() + piece.size();
  if (needed > content.capacity()) {
    const std::size_t whole = needed + still_missing;
    content.reserve(std::min(whole, std::max(needed, 2 * content.capacity())));
  }
  content.insert(content.end(), piece.begin(), piece.end());
}

}  // namespace

FrameReader::FrameReader(std::size_t frame_bytes_max, std::size_t length_bytes_max)
    : frame_bytes_max_(frame_bytes_max), length_bytes_max_(length_bytes_max) {
  PRECONF_ASSERT(length_bytes_max >= 1 && length_bytes_max <= limits::kVarintBytesMax);
}

FrameReader::Status FrameReader::read_length(core::BytesView& in) {
  while (!in.empty()) {
    length_[length_size_++] = in.front();
    in = in.subspan(1);
    const auto read = read_uvarint(core::BytesView{length_}.first(length_size_), length_bytes_max_);
    if (read) {
      if (read->value > frame_bytes_max_) return failed_ = Status::kTooLarge;
      missing_ = static_cast<std::size_t>(read->value);
      has_length_ = true;
      return Status::kFrame;
    }
    if (read.error() != VarintError::kIncomplete) return failed_ = Status::kBadLength;
  }
  return Status::kNeedMore;
}

FrameReader::Status FrameReader::next(core::BytesView& in, core::Bytes& frame) {
  if (failed_ != Status::kNeedMore) return failed_;
  if (!has_length_) {
    const Status status = read_length(in);
    if (status != Status::kFrame) return status;
  }
  const core::BytesView piece = in.first(std::min(in.size(), missing_));
  in = in.subspan(piece.size());
  missing_ -= piece.size();
  append(content_, piece, missing_);
  if (missing_ > 0) return Status::kNeedMore;
  frame.swap(content_);
  content_ = core::Bytes();  // a large frame's memory is not kept for the next one
  has_length_ = false;
  length_size_ = 0;
  return Status::kFrame;
}

}  // namespace preconf::io::wire
