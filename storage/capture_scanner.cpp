#include <algorithm>
#include <utility>

#include "storage/capture_file_impl.hpp"
#include "storage/event_log_impl.hpp"

namespace preconf::storage {

using core::Seq;
using core::Unexpected;

CaptureScanner::CaptureScanner(const CaptureFile::Impl& capture, Seq from)
    : capture_(capture), wanted_(from) {}

CaptureScanner::~CaptureScanner() {
  if (coming_.valid()) coming_.wait();
}

void CaptureScanner::prefetch(std::size_t position) {
  if (position >= capture_.records.size()) return;
  const std::size_t frame = capture_.records[position];
  const CaptureFrames* frames = capture_.frames.get();
  coming_ = std::async(std::launch::async, [frames, frame] { return frames->load(frame); });
}

/// Goes to the records frame at position_.
std::optional<StorageFailure> CaptureScanner::next_frame() {
  const std::size_t frame = capture_.records[position_];
  raw_ = coming_.valid() ? coming_.get() : capture_.frames->load(frame);
  if (raw_ == nullptr) return capture_.damaged(frame);
  const auto view = capture::RecordsView::parse(*raw_, capture_.header(frame).count);
  if (!view) return capture_.damaged(frame);
  view_ = *view;
  index_ = 0;
  record_at_ = view_.records_at;
  digest_at_ = view_.flags_at + static_cast<std::size_t>(view_.count);
  prefetch(++position_);
  return std::nullopt;
}

/// The last record of the frame before the one at position_: its event is the one before that
/// frame's first.
std::optional<StorageFailure> CaptureScanner::read_position_before() {
  const std::size_t frame = capture_.records[position_ - 1];
  const SharedBytes raw = capture_.frames->load_cached(frame);
  const auto view = raw == nullptr
                        ? std::nullopt
                        : capture::RecordsView::parse(*raw, capture_.header(frame).count);
  if (!view) return capture_.damaged(frame);
  const std::size_t size = view->record_size(view->count - 1);
  schemas::DecodedRecord last;
  const auto error =
      schemas::decode_record_into(view->raw.subspan(view->flags_at - size, size), last.event, last);
  if (error) {
    return codec_failure(*error, Seq{capture_.header(capture_.records[position_]).first - 1});
  }
  last_ = last.event.seq;
  chain_ = last.chain;
  return std::nullopt;
}

std::optional<StorageFailure> CaptureScanner::start() {
  last_ = capture_.manifest.base.seq;
  chain_ = capture_.manifest.base.chain;
  position_ = capture_.records_frame_of(wanted_).value_or(0);
  if (position_ > 0 && wanted_ <= capture_.manifest.end.seq) return read_position_before();
  return std::nullopt;
}

void CaptureScanner::take(ScanPiece& piece, std::size_t most) {
  const bool is_wanted = wanted_ <= capture_.manifest.end.seq;
  if (!started_) piece.failure = start();
  started_ = true;
  while (is_wanted && !piece.failure) {
    if (piece.records.size() == most || piece.bytes() >= PiecewiseScanner::kPieceBytes) return;
    if (raw_ == nullptr || index_ == view_.count) {
      if (position_ >= capture_.records.size()) break;
      piece.failure = next_frame();
      continue;
    }
    const std::size_t size = view_.record_size(index_);
    std::optional<core::Hash32> digest;
    if (view_.raw[view_.flags_at + static_cast<std::size_t>(index_)] == 1) {
      digest = core::Hash32::from(view_.raw.subspan(digest_at_));
      digest_at_ += capture::kHashBytes;
    }
    piece.add(view_.raw.subspan(record_at_, size), std::nullopt, digest);
    record_at_ += size;
    ++index_;
  }
  piece.is_last = true;
}

std::optional<StorageFailure> CaptureScanner::judge(const ScanPiece::Record& record,
                                                    const LoggedEvent& event) const {
  const Seq expected = core::next(last_);
  const auto fail = [expected](const std::string& what) {
    return StorageFailure{StorageError::kDamaged, expected,
                          "event " + std::to_string(expected.value) + what};
  };
  if (!core::follows(last_, event.event)) {
    return fail(" is missing: event " + std::to_string(event.event.seq.value) + " is in its place");
  }
  if (record.prev_chain != chain_) return fail(" does not continue the chain");
  return std::nullopt;
}

void CaptureScanner::link(ScanPiece& piece) {
  const Seq end = capture_.manifest.end.seq;
  const std::size_t decoded = std::exchange(piece.count, 0);
  for (std::size_t i = 0; i < decoded && !failure_ && last_ < end; ++i) {
    LoggedEvent& event = piece.events[i];
    failure_ = judge(piece.records[i], event);
    if (failure_) break;
    last_ = event.event.seq;
    chain_ = event.chain;
    if (last_ < wanted_) continue;  // a frame begins before what is asked for
    if (piece.count != i) std::swap(piece.events[piece.count], event);
    ++piece.count;
  }
  const bool is_before_end = wanted_ <= end && last_ < end;
  if (!failure_ && is_before_end && piece.error) {
    failure_ = codec_failure(*piece.error, core::next(last_));
  }
  if (!failure_ && is_before_end) failure_ = piece.failure;
  if (!failure_ && is_before_end && piece.is_last) {
    const Seq missing = core::next(last_);
    failure_ = StorageFailure{StorageError::kDamaged, missing,
                              "event " + std::to_string(missing.value) + " is missing"};
  }
  piece.failure = failure_;
  if (failure_ || !is_before_end) piece.is_last = true;
}

std::uint64_t CaptureScanner::left() const {
  const Seq from = std::max(wanted_, core::next(last_));
  const Seq end = capture_.manifest.end.seq;
  return from > end ? 0 : end.value - from.value + 1;
}

}  // namespace preconf::storage
