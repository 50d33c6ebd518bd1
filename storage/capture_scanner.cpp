#include "storage/capture_file_impl.hpp"
#include "storage/event_log_impl.hpp"

namespace preconf::storage {

using core::Seq;
using core::Unexpected;

CaptureScanner::CaptureScanner(const CaptureFile::Impl& capture, Seq from)
    : capture_(capture), expected_(from) {}

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
    return StorageFailure{StorageError::kDamaged, expected_,
                          "event " + std::to_string(expected_.value) + " is missing"};
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

/// Stands before the first event at or after expected_; everything before it in its frame is read
/// and checked, the first one against the base or its own record of the event before.
std::optional<StorageFailure> CaptureScanner::start() {
  started_ = true;
  const Seq first = core::next(capture_.manifest.base.seq);
  if (expected_ < first) expected_ = first;
  if (expected_ > capture_.manifest.end.seq) return std::nullopt;
  const Seq wanted = expected_;
  position_ = capture_.records_frame_of(wanted).value_or(0);
  expected_ = Seq{capture_.header(capture_.records[position_]).first};
  if (position_ == 0) {
    expected_ = first;
    chain_ = capture_.manifest.base.chain;
  } else {
    // The chain at the start of a frame is in the last record of the one before.
    --position_;
    if (auto failure = next_frame()) return failure;
    while (index_ + 1 < view_.count) {
      record_at_ += view_.record_size(index_);
      digest_at_ +=
          raw_->at(view_.flags_at + static_cast<std::size_t>(index_)) * capture::kHashBytes;
      ++index_;
    }
    schemas::DecodedRecord last;
    const core::BytesView bytes = view_.raw.subspan(record_at_, view_.record_size(index_));
    if (const auto error = schemas::decode_record_into(bytes, last.event, last)) {
      return codec_failure(*error, Seq{expected_.value - 1});
    }
    chain_ = last.chain;
    index_ = view_.count;
  }
  LoggedEvent skipped;
  while (expected_ < wanted) {
    if (auto failure = read(skipped)) return failure;
  }
  return std::nullopt;
}

std::optional<StorageFailure> CaptureScanner::read(LoggedEvent& out) {
  while (raw_ == nullptr || index_ == view_.count) {
    if (auto failure = next_frame()) return failure;
  }
  const std::size_t size = view_.record_size(index_);
  const auto label = [this] { return "event " + std::to_string(expected_.value); };
  schemas::RecordHashes hashes;
  const auto error =
      schemas::decode_record_into(view_.raw.subspan(record_at_, size), out.event, hashes);
  if (error) return codec_failure(*error, expected_);
  if (out.event.seq != expected_) {
    return StorageFailure{StorageError::kDamaged, expected_,
                          label() + " holds event " + std::to_string(out.event.seq.value)};
  }
  if (hashes.prev_chain != chain_) {
    return StorageFailure{StorageError::kDamaged, expected_,
                          label() + " does not continue the chain"};
  }
  chain_ = hashes.chain;
  out.chain = chain_;
  out.effects_digest.reset();
  if (view_.raw[view_.flags_at + static_cast<std::size_t>(index_)] == 1) {
    out.effects_digest = core::Hash32::from(view_.raw.subspan(digest_at_));
    digest_at_ += capture::kHashBytes;
  }
  record_at_ += size;
  ++index_;
  expected_ = core::next(expected_);
  return std::nullopt;
}

std::uint64_t CaptureScanner::left() const {
  const Seq end = capture_.manifest.end.seq;
  return expected_ > end ? 0 : end.value - expected_.value + 1;
}

core::Result<bool, StorageFailure> CaptureScanner::next_into(LoggedEvent& out) {
  if (!started_ && !failure_) failure_ = start();
  if (failure_) return Unexpected{*failure_};
  if (expected_ > capture_.manifest.end.seq) return false;
  failure_ = read(out);
  if (failure_) return Unexpected{*failure_};
  return true;
}

}  // namespace preconf::storage
