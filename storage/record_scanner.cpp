#include <algorithm>

#include "storage/event_log_impl.hpp"

namespace preconf::storage {

using core::Seq;
using core::Unexpected;

namespace {
constexpr std::size_t kDigestBytes = 32;
}

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
  // A file or a whole database that is gone, while VERSION says that there was one, is damage too.
  const bool damaged = status.IsCorruption() || status.IsPathNotFound() || status.IsNotFound() ||
                       status.IsInvalidArgument();
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
      expected_(std::max(from, core::next(base.seq))),
      base_(base),
      log_end_(log_end) {}

Unexpected<StorageFailure> RecordScanner::fail(StorageFailure failure) {
  failure_ = failure;
  return Unexpected{std::move(failure)};
}

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

void RecordScanner::start() {
  started_ = true;
  records_.reset(rocks_.db().NewIterator(scan_read(), rocks_.log()));
  find_start();
  const Seq before{expected_.value - 1};
  if (before == base_.seq) {
    chain_ = base_.chain;
  } else if (expected_ <= log_end_.seq) {
    auto record = read_record(rocks_, before);
    if (!record) {
      failure_ = record.error();
      return;
    }
    if (!record->has_value()) {
      failure_ = StorageFailure{StorageError::kDamaged, before,
                                "event " + std::to_string(before.value) + " is missing"};
      return;
    }
    chain_ = (*record)->chain;
  }
  groups_.reset(rocks_.db().NewIterator(scan_read(), rocks_.effects()));
  groups_->SeekForPrev(SeqKey(expected_).slice());
  if (!groups_->Valid()) groups_->SeekToFirst();
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

/// The record under the iterator, if it is the next one: at expected_, or a gap's record behind it.
core::Result<core::Ok, StorageFailure> RecordScanner::decode_current(
    LoggedEvent& out, schemas::RecordHashes& hashes) {
  const auto label = [this] { return "event " + std::to_string(expected_.value); };
  if (!records_->Valid()) {
    if (!records_->status().ok()) {
      return fail(rocks_failure(records_->status(), expected_, label()));
    }
    return fail({StorageError::kDamaged, expected_, label() + " is missing"});
  }
  const auto key = SeqKey::parse(records_->key());
  const bool is_here = key == expected_;
  const auto error = schemas::decode_record_into(to_view(records_->value()), out.event, hashes);
  const bool is_missing =
      !is_here && (error || !core::follows(Seq{expected_.value - 1}, out.event));
  if (is_missing) return fail({StorageError::kDamaged, expected_, label() + " is missing"});
  if (error) return fail(codec_failure(*error, expected_));
  if (out.event.seq != key) {
    return fail({StorageError::kDamaged, expected_,
                 label() + " holds event " + std::to_string(out.event.seq.value)});
  }
  if (!core::follows(Seq{expected_.value - 1}, out.event)) {
    return fail({StorageError::kDamaged, expected_, label() + " records a gap that is not there"});
  }
  return core::Ok{};
}

core::Result<bool, StorageFailure> RecordScanner::next_into(LoggedEvent& out) {
  if (!started_) start();
  if (failure_) return Unexpected{*failure_};
  if (expected_ > log_end_.seq) return false;
  schemas::RecordHashes hashes;
  if (const auto decoded = decode_current(out, hashes); !decoded) {
    return Unexpected{decoded.error()};
  }
  if (hashes.prev_chain != chain_) {
    return fail({StorageError::kDamaged, expected_,
                 "event " + std::to_string(expected_.value) + " does not continue the chain"});
  }
  chain_ = hashes.chain;
  out.chain = chain_;
  out.effects_digest = digest_of(out.event.seq);
  expected_ = core::next(out.event.seq);
  records_->Next();
  return true;
}

}  // namespace preconf::storage
