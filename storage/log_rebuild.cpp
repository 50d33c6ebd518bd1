#include "storage/log_rebuild.hpp"

#include <algorithm>
#include <set>

#include "core/base/hex.hpp"
#include "core/limits.hpp"
#include "storage/data_directory.hpp"
#include "storage/event_log_impl.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::storage {

using core::Ok;
using core::Seq;
using core::Unexpected;

namespace {

constexpr std::size_t kLostShown = 100;
constexpr std::size_t kDigestBytes = 32;
constexpr Seq kNoSeq{~std::uint64_t{0}};

/// The record at `seq`, when it is sound and continues the chain after `before`.
std::optional<schemas::DecodedRecord> successor(const Rocks& rocks, const LogPosition& before,
                                                Seq seq) {
  auto record = read_record(rocks, seq);
  if (!record || !record->has_value() || (*record)->prev_chain != before.chain ||
      !core::follows(before.seq, (*record)->event)) {
    return std::nullopt;
  }
  return std::move(**record);
}

bool delete_range(rocksdb::ColumnFamilyHandle* family, Seq from, Seq end,
                  rocksdb::WriteBatch& batch) {
  return batch.DeleteRange(family, SeqKey(from).slice(), SeqKey(end).slice()).ok();
}

/// Digests of events from `first_lost` on go; a group that reaches over the edge is cut there.
bool cut_digests(const Rocks& rocks, Seq first_lost, rocksdb::WriteBatch& batch) {
  const std::unique_ptr<rocksdb::Iterator> at(rocks.db().NewIterator(scan_read(), rocks.effects()));
  at->SeekForPrev(SeqKey(Seq{first_lost.value - 1}).slice());
  const auto first = at->Valid() ? SeqKey::parse(at->key()) : std::nullopt;
  if (first && first->value > 0) {
    const std::uint64_t left = first_lost.value - first->value;
    if (at->value().size() / kDigestBytes > left) {
      const rocksdb::Slice cut(at->value().data(), static_cast<std::size_t>(left) * kDigestBytes);
      if (!batch.Put(rocks.effects(), at->key(), cut).ok()) return false;
    }
  }
  return delete_range(rocks.effects(), first_lost, kNoSeq, batch);
}

/// Content that was removed on purpose and is in a damaged file still; and notes of a loss that is
/// none any more.
bool settle_removed(const Rocks& rocks, rocksdb::WriteBatch& batch) {
  for (const core::Hash32& hash : removed_hashes(rocks)) {
    const auto removed = read_removed(rocks, hash);
    rocksdb::PinnableSlice value;
    const rocksdb::Slice key = to_slice(hash.view());
    if (!removed || !rocks.db().Get(point_read(), rocks.content(), key, &value).ok()) continue;
    if (removed->cause == RemovalCause::kLost) {
      drop_removed(rocks, hash, batch);
    } else if (!batch.Delete(rocks.content(), key).ok()) {
      return false;
    }
  }
  return true;
}

}  // namespace

IoResult<Ok> LogRebuild::build(const std::filesystem::path& target,
                               const std::filesystem::path& scratch) {
  const auto made = Rocks::open(target, RocksMode::kCreate, nullptr);
  if (!made) return Unexpected{rocks_failure(made.error(), {}, "making the new database")};
  const Rocks& rocks = **made;
  const auto found = salvage(directory_ / kRocksDirectory, scratch, rocks);
  if (!found) return Unexpected{found.error()};
  if (auto kept = find_prefix(rocks, *found); !kept) return kept;
  return finish(rocks, found->highest);
}

/// Where the log may begin: where it says itself, where a base state beside it says, at event 1.
std::vector<BaseMeta> LogRebuild::possible_bases(const Rocks& rocks) const {
  std::vector<BaseMeta> out;
  BaseMeta noted;
  if (const auto base = read_base(rocks)) noted = *base;
  out.push_back(noted);
  const SnapshotStore states(directory_ / "snapshots");
  for (const Seq seq : states.list_base()) {
    if (seq == noted.position.seq) continue;
    if (const auto state = states.load(seq)) out.push_back({state->position, {}});
  }
  if (noted.position.seq.value > 0) out.push_back({});
  return out;
}

LogRebuild::Prefix LogRebuild::prefix_from(const Rocks& rocks, const Salvage& found,
                                           const BaseMeta& base) const {
  Prefix out{base, base.position, {}, {}};
  for (;;) {
    const Seq next = core::next(out.end.seq);
    auto record = successor(rocks, out.end, next);
    if (!record) {
      const auto gaps = found.gaps.find(next);
      if (gaps == found.gaps.end()) return out;
      for (const Seq seq : gaps->second) {
        if (!record) record = successor(rocks, out.end, seq);
      }
      if (!record) return out;
      if (record->event.seq > next) out.gaps.emplace_back(next, Seq{record->event.seq.value - 1});
    }
    out.end = LogPosition{record->event.seq, record->chain};
    out.mono = record->event.mono;
  }
}

IoResult<Ok> LogRebuild::find_prefix(const Rocks& rocks, const Salvage& found) {
  for (const BaseMeta& base : possible_bases(rocks)) {
    Prefix prefix = prefix_from(rocks, found, base);
    if (prefix.end.seq > prefix_.end.seq) prefix_ = std::move(prefix);
  }
  report_.base = prefix_.base.position;
  report_.kept = prefix_.end;
  if (prefix_.end.seq.value > 0) return Ok{};
  return Unexpected{StorageFailure{
      StorageError::kDamaged, Seq{1},
      "not one event can be proved: nothing to repair; move " + directory_.string() + " away"}};
}

/// What kept events refer to and nobody has is written down as lost.
void LogRebuild::find_lost_contents(const Rocks& rocks, rocksdb::WriteBatch& batch) {
  std::set<core::Hash32> lost;
  const std::unique_ptr<rocksdb::Iterator> at(rocks.db().NewIterator(scan_read(), rocks.log()));
  schemas::DecodedRecord record;
  for (at->Seek(SeqKey(core::next(prefix_.base.position.seq)).slice()); at->Valid(); at->Next()) {
    const auto seq = SeqKey::parse(at->key());
    if (!seq || *seq > prefix_.end.seq) break;
    const auto error = schemas::decode_record_into(to_view(at->value()), record.event, record);
    if (error) continue;
    for (const core::ContentRef& ref : core::content_refs(record.event.body)) {
      rocksdb::PinnableSlice value;
      const auto status =
          rocks.db().Get(point_read(), rocks.content(), to_slice(ref.hash.view()), &value);
      if (status.ok()) continue;
      const auto removed = read_removed(rocks, ref.hash);
      if ((removed && removed->cause != RemovalCause::kLost) || !lost.insert(ref.hash).second) {
        continue;
      }
      if (removed) continue;  // an earlier repair said so
      ++report_.contents_lost_total;
      if (report_.contents_lost.size() < kLostShown) {
        report_.contents_lost.push_back({*seq, ref.hash});
      }
      put_removed(
          rocks, ref.hash,
          RemovedContent{RemovalCause::kLost, ref.size_bytes, now_, "a repair did not find it"},
          batch);
    }
  }
}

void LogRebuild::describe_gap(Seq highest) {
  const auto mark = read_mark(directory_ / kHighWaterFile);
  core::events::LogGapRecorded gap;
  gap.from = core::next(report_.kept.seq);
  gap.to = std::max(report_.kept.seq, highest);
  if (mark) {
    gap.to = std::max(gap.to, mark->position.seq);
    if (mark->position.seq.value > 0) gap.chain_at_mark = mark->position.chain;
  }
  const StorageError found = report_.found->code;
  const bool is_inside = highest > report_.kept.seq && mark && highest >= mark->position.seq;
  const bool is_content = found == StorageError::kContentMissing && gap.to == report_.kept.seq;
  gap.lost_known = (is_inside && found == StorageError::kDamaged) || is_content;
  gap.reason = std::string(name_of(found)) + ": " + report_.found->detail;
  if (found_behind_end(report_)) {
    gap.reason += "; a torn write had all up to " + std::to_string(report_.kept.seq.value);
  }
  if (gap.reason.size() > core::limits::kDetailBytesMax) {
    gap.reason.resize(core::limits::kDetailBytesMax);
  }
  report_.gap = gap;
}

void LogRebuild::count_behind(const Rocks& rocks) {
  const std::unique_ptr<rocksdb::Iterator> at(rocks.db().NewIterator(scan_read(), rocks.log()));
  for (at->Seek(SeqKey(core::next(report_.kept.seq)).slice()); at->Valid(); at->Next()) {
    ++report_.readable_behind;
  }
}

/// What is not part of the proved log.
bool LogRebuild::take_out(const Rocks& rocks, rocksdb::WriteBatch& batch) const {
  const Seq first_lost = core::next(report_.kept.seq);
  bool ok = delete_range(rocks.log(), first_lost, kNoSeq, batch) &&
            delete_range(rocks.log(), Seq{0}, core::next(prefix_.base.position.seq), batch);
  for (const auto& [from, to] : prefix_.gaps) {
    ok = ok && delete_range(rocks.log(), from, core::next(to), batch);
  }
  return ok && cut_digests(rocks, first_lost, batch) && settle_removed(rocks, batch);
}

/// Leaves the proved log, with the gap's record behind it.
IoResult<Ok> LogRebuild::finish(const Rocks& rocks, Seq highest) {
  describe_gap(highest);
  core::Event event;
  event.seq = core::next(report_.gap->to);
  event.wall = now_;
  event.mono = prefix_.mono;
  event.body = *report_.gap;
  schemas::RecordEncoder encoder;
  const schemas::EncodedRecord& record = encoder.encode(event, report_.kept.chain);
  report_.end = LogPosition{event.seq, record.chain};

  rocksdb::WriteBatch batch;
  count_behind(rocks);
  bool ok = take_out(rocks, batch);
  ok = ok && batch.Put(rocks.log(), SeqKey(event.seq).slice(), to_slice(record.bytes)).ok();
  if (prefix_.base.position.seq.value > 0) {
    put_base(rocks, prefix_.base, batch);
  } else {
    drop_base(rocks, batch);
  }
  auto status =
      ok ? rocks.db().Write(rocksdb::WriteOptions(), &batch) : rocksdb::Status::Corruption("batch");
  if (status.ok()) {
    rocksdb::WriteBatch losses;
    find_lost_contents(rocks, losses);
    status = rocks.db().Write(rocksdb::WriteOptions(), &losses);
  }
  if (status.ok()) {
    status = rocks.db().Flush(rocksdb::FlushOptions(),
                              {rocks.log(), rocks.effects(), rocks.content(), rocks.meta()});
  }
  if (!status.ok()) return Unexpected{rocks_failure(status, {}, "writing the new database")};
  return Ok{};
}

}  // namespace preconf::storage
