#include <algorithm>

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
  if (position_ >= capture_.records.size()) {
    const Seq missing = core::next(last_);
    return StorageFailure{StorageError::kDamaged, missing,
                          "event " + std::to_string(missing.value) + " is missing"};
  }
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

std::optional<StorageFailure> CaptureScanner::read(LoggedEvent& out) {
  while (raw_ == nullptr || index_ == view_.count) {
    if (auto failure = next_frame()) return failure;
  }
  const Seq expected = core::next(last_);
  const std::size_t size = view_.record_size(index_);
  const auto fail = [expected](const std::string& what) {
    return StorageFailure{StorageError::kDamaged, expected,
                          "event " + std::to_string(expected.value) + what};
  };
  schemas::RecordHashes hashes;
  const auto error =
      schemas::decode_record_into(view_.raw.subspan(record_at_, size), out.event, hashes);
  if (error) return codec_failure(*error, expected);
  if (!core::follows(last_, out.event)) {
    return fail(" is missing: event " + std::to_string(out.event.seq.value) + " is in its place");
  }
  if (hashes.prev_chain != chain_) return fail(" does not continue the chain");
  chain_ = hashes.chain;
  last_ = out.event.seq;
  out.chain = chain_;
  out.effects_digest.reset();
  if (view_.raw[view_.flags_at + static_cast<std::size_t>(index_)] == 1) {
    out.effects_digest = core::Hash32::from(view_.raw.subspan(digest_at_));
    digest_at_ += capture::kHashBytes;
  }
  record_at_ += size;
  ++index_;
  return std::nullopt;
}

std::uint64_t CaptureScanner::left() const {
  const Seq from = std::max(wanted_, core::next(last_));
  const Seq end = capture_.manifest.end.seq;
  return from > end ? 0 : end.value - from.value + 1;
}

core::Result<bool, StorageFailure> CaptureScanner::next_into(LoggedEvent& out) {
  if (!started_) failure_ = start();
  started_ = true;
  const Seq end = capture_.manifest.end.seq;
  while (!failure_ && wanted_ <= end && last_ < end) {
    failure_ = read(out);
    if (!failure_ && out.event.seq >= wanted_) return true;
  }
  if (failure_) return Unexpected{*failure_};
  return false;
}

}  // namespace preconf::storage
