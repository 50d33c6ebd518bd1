#include <algorithm>
#include <cerrno>
#include <system_error>

#include "storage/event_log_impl.hpp"

namespace preconf::storage {

using core::Seq;
using core::Unexpected;

namespace {
constexpr std::size_t kDigestBytes = 32;

std::string label_of(Seq seq) { return "event " + std::to_string(seq.value); }
StorageFailure damaged(Seq seq, const std::string& what) {
  return StorageFailure{StorageError::kDamaged, seq, label_of(seq) + what};
}
}  // namespace

StorageFailure codec_failure(schemas::CodecError error, Seq seq) {
  StorageError code = StorageError::kDamaged;
  switch (error) {
    case schemas::CodecError::kNotVerified:
    case schemas::CodecError::kChainMismatch:
      code = StorageError::kDamaged;
      break;
    case schemas::CodecError::kUnknownKind:
      code = StorageError::kUnknownKind;
      break;
    case schemas::CodecError::kPayloadNotVerified:
    case schemas::CodecError::kUnknownVersion:
    case schemas::CodecError::kOutOfBounds:
      code = StorageError::kUndecodable;
      break;
  }
  return StorageFailure{code, seq,
                        "event " + std::to_string(seq.value) + ": " + schemas::name_of(error)};
}

StorageFailure rocks_failure(const rocksdb::Status& status, Seq seq, const std::string& what) {
  // A file or a whole database that is gone, while VERSION says that there was one, is damage too;
  // and so is a directory in place of a file, which no other attempt will read.
  const bool is_directory =
      status.ToString().find(std::generic_category().message(EISDIR)) != std::string::npos;
  const bool damaged = is_directory || status.IsCorruption() || status.IsPathNotFound() ||
                       status.IsNotFound() || status.IsInvalidArgument();
  return StorageFailure{damaged ? StorageError::kDamaged : StorageError::kIo, seq,
                        what + ": " + status.ToString()};
}

IoResult<std::optional<schemas::DecodedRecord>> read_record(const Rocks& rocks, Seq seq) {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      rocks.db().Get(point_read(), rocks.log(), SeqKey(seq).slice(), &value);
  if (status.IsNotFound()) return std::optional<schemas::DecodedRecord>();
  if (!status.ok()) {
    return Unexpected{rocks_failure(status, seq, "event " + std::to_string(seq.value))};
  }
  std::optional<schemas::DecodedRecord> record(std::in_place);
  if (const auto error = schemas::decode_record_into(to_view(value), record->event, *record)) {
    return Unexpected{codec_failure(*error, seq)};
  }
  if (record->event.seq != seq) {
    return Unexpected{StorageFailure{StorageError::kDamaged, seq,
                                     "event " + std::to_string(seq.value) + " holds event " +
                                         std::to_string(record->event.seq.value)}};
  }
  return record;
}

RecordScanner::RecordScanner(const Rocks& rocks, Seq from, LogPosition base, LogPosition log_end)
    : rocks_(rocks),
      base_(base),
      log_end_(log_end),
      expected_(std::max(from, core::next(base.seq))) {}

/// A scan that begins inside a gap, or at the record of one, begins with that record.
void RecordScanner::find_start() {
  records_->Seek(SeqKey(expected_).slice());
  if (!records_->Valid()) return;
  LoggedEvent first;
  schemas::RecordHashes hashes;
  if (schemas::decode_record_into(to_view(records_->value()), first.event, hashes)) return;
  const auto* gap = std::get_if<core::events::LogGapRecorded>(&first.event.body);
  if (gap != nullptr && gap->from <= expected_ && expected_ <= first.event.seq &&
      gap->from > base_.seq) {
    expected_ = gap->from;
  }
}

std::optional<StorageFailure> RecordScanner::start() {
  started_ = true;
  records_.reset(rocks_.db().NewIterator(scan_read(), rocks_.log()));
  find_start();
  const Seq before{expected_.value - 1};
  if (before == base_.seq) {
    chain_ = base_.chain;
  } else if (expected_ <= log_end_.seq) {
    auto record = read_record(rocks_, before);
    if (!record) return record.error();
    if (!record->has_value()) return damaged(before, " is missing");
    chain_ = (*record)->chain;
  }
  next_ = expected_;
  groups_.reset(rocks_.db().NewIterator(scan_read(), rocks_.effects()));
  groups_->SeekForPrev(SeqKey(expected_).slice());
  if (!groups_->Valid()) groups_->SeekToFirst();
  return std::nullopt;
}

std::optional<core::Hash32> RecordScanner::digest_of(Seq seq) {
  while (groups_->Valid()) {
    const auto first = SeqKey::parse(groups_->key());
    if (first && *first > seq) break;
    if (first) {
      group_first_ = *first;
      group_.assign(groups_->value().data(), groups_->value().size());
    }
    groups_->Next();
  }
  if (group_first_.value == 0 || group_.size() % kDigestBytes != 0) return std::nullopt;
  const std::uint64_t index = seq.value - group_first_.value;
  if (index >= group_.size() / kDigestBytes) return std::nullopt;
  return core::Hash32::from(
      to_view(group_).subspan(static_cast<std::size_t>(index) * kDigestBytes));
}

std::uint64_t RecordScanner::left() const {
  return expected_ > log_end_.seq ? 0 : log_end_.seq.value - expected_.value + 1;
}

void RecordScanner::take(ScanPiece& piece, std::size_t most) {
  if (!started_) piece.failure = start();
  piece.is_last = piece.failure.has_value();
  if (piece.is_last) return;
  while (next_ <= log_end_.seq) {
    if (piece.records.size() == most || piece.bytes() >= kPieceBytes) return;
    if (!records_->Valid()) {
      piece.failure = records_->status().ok()
                          ? damaged(next_, " is missing")
                          : rocks_failure(records_->status(), next_, label_of(next_));
      break;
    }
    const auto key = SeqKey::parse(records_->key());
    const auto digest = key ? digest_of(*key) : std::nullopt;
    // Absent is what was not written yet; unreadable is damage.
    if (!digest && !groups_->status().ok()) {
      piece.failure =
          rocks_failure(groups_->status(), next_, "the effects digest of " + label_of(next_));
      break;
    }
    piece.add(to_view(records_->value()), key, digest);
    if (!key || *key < next_) break;  // link() refuses it
    next_ = core::next(*key);
    records_->Next();
  }
  piece.is_last = true;
}

/// A record that can not be decoded hides which event it is: where the next one should be, its own
/// fault counts, elsewhere that the next one is missing.
std::optional<StorageFailure> RecordScanner::judge_undecoded(std::optional<Seq> key,
                                                             schemas::CodecError error) const {
  if (key != expected_) return damaged(expected_, " is missing");
  return codec_failure(error, expected_);
}

/// Whether a record is the next one: at expected_, or a gap's record behind it.
std::optional<StorageFailure> RecordScanner::judge(const ScanPiece::Record& record,
                                                   const LoggedEvent& event) const {
  const bool follows = core::follows(Seq{expected_.value - 1}, event.event);
  if (record.key != expected_ && !follows) return damaged(expected_, " is missing");
  if (event.event.seq != record.key) {
    return damaged(expected_, " holds event " + std::to_string(event.event.seq.value));
  }
  if (!follows) return damaged(expected_, " records a gap that is not there");
  if (record.prev_chain != chain_) return damaged(expected_, " does not continue the chain");
  return std::nullopt;
}

void RecordScanner::link(ScanPiece& piece) {
  for (std::size_t i = 0; i < piece.count && !failure_; ++i) {
    const LoggedEvent& event = piece.events[i];
    failure_ = judge(piece.records[i], event);
    if (failure_) {
      piece.count = i;
      break;
    }
    chain_ = event.chain;
    expected_ = core::next(event.event.seq);
  }
  if (!failure_ && piece.error) {
    failure_ = judge_undecoded(piece.records[piece.count].key, *piece.error);
  }
  if (!failure_) failure_ = piece.failure;
  piece.failure = failure_;
  if (failure_) piece.is_last = true;
}

}  // namespace preconf::storage
