#include "storage/retention.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/event_content.hpp"
#include "storage/data_directory.hpp"
#include "storage/event_log_impl.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::storage {

using core::Ok;
using core::Seq;
using core::Unexpected;

namespace {

constexpr std::size_t kDeletesPerWrite = 4'096;

rocksdb::WriteOptions durable() {
  rocksdb::WriteOptions options;
  options.sync = true;
  return options;
}

StorageFailure refusal(StorageError code, Seq seq, std::string what) {
  return StorageFailure{code, seq, std::move(what)};
}

/// A database that the caller alone may change: the log was found sound, and is locked.
struct Opened {
  File lock;
  std::unique_ptr<Rocks> rocks;
  BaseMeta base;
  LogPosition end;
  std::optional<core::Hash32> log_id;
};

/// `only_looks`: nothing is written, not even into LOCK.
IoResult<Opened> open_alone(const std::filesystem::path& directory, bool only_looks = false) {
  Opened out;
  if (!std::filesystem::is_directory(directory)) {
    return Unexpected{refusal(StorageError::kNotFound, {}, "no log in " + directory.string())};
  }
  auto lock = only_looks ? hold_directory(directory) : lock_directory(directory);
  if (!lock) return Unexpected{lock.error()};
  out.lock = std::move(lock).value();
  {
    const auto log = EventLog::open(directory, OpenMode::kReadOnly);
    if (!log) return Unexpected{log.error()};
    out.end = (*log)->end();
    out.log_id = (*log)->log_id();
  }
  if (!only_looks) {
    // The mark must not name an event that goes.
    const auto mark = read_mark(directory / kHighWaterFile);
    auto writer = MarkWriter::open(directory / kHighWaterFile, mark.value_or(Mark{}));
    if (!writer) return Unexpected{writer.error()};
    if (auto marked = writer->write(out.end); !marked) return Unexpected{marked.error()};
  }
  const RocksMode mode = only_looks ? RocksMode::kReadOnly : RocksMode::kWrite;
  auto rocks = Rocks::open(directory / kRocksDirectory, mode, nullptr);
  if (!rocks) return Unexpected{rocks_failure(rocks.error(), {}, "the log can not be opened")};
  out.rocks = std::move(rocks).value();
  const auto base = read_base(*out.rocks);
  if (!base) return Unexpected{base.error()};
  out.base = *base;
  return out;
}

IoResult<Ok> written(const rocksdb::Status& status, const char* what) {
  if (!status.ok()) return Unexpected{rocks_failure(status, {}, what)};
  return Ok{};
}

/// Gives the space of removed keys back, and makes sure that their bytes are gone: tombstones reach
/// the last level, and blob files without a live value are deleted.
IoResult<Ok> reclaim(const Rocks& rocks) {
  const auto flushed = rocks.db().Flush(
      rocksdb::FlushOptions(), {rocks.log(), rocks.effects(), rocks.content(), rocks.meta()});
  if (!flushed.ok()) return Unexpected{rocks_failure(flushed, {}, "flush")};
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  options.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
  options.blob_garbage_collection_age_cutoff = 1.0;
  for (auto* family : {rocks.log(), rocks.effects(), rocks.content()}) {
    const auto status = rocks.db().CompactRange(options, family, nullptr, nullptr);
    if (!status.ok()) return Unexpected{rocks_failure(status, {}, "compaction")};
  }
  return Ok{};
}

class Pruner {
 public:
  Pruner(const std::filesystem::path& directory, const PruneRequest& request, Opened opened)
      : directory_(directory), request_(request), opened_(std::move(opened)) {}

  IoResult<PruneReport> run() {
    if (auto fits = check(); !fits) return Unexpected{fits.error()};
    if (auto found = find_contents(); !found) return Unexpected{found.error()};
    if (auto measured = measure(); !measured) return Unexpected{measured.error()};
    if (request_.dry_run) return report_;
    SnapshotStore states(directory_ / "snapshots");
    if (removes_events()) {
      if (auto saved = states.save_base(request_.base); !saved) return Unexpected{saved.error()};
      if (auto removed = remove_events(); !removed) return Unexpected{removed.error()};
    }
    if (auto removed = remove_contents(); !removed) return Unexpected{removed.error()};
    if (auto freed = reclaim(*opened_.rocks); !freed) return Unexpected{freed.error()};
    if (removes_events()) states.drop_before_base(request_.to.seq);
    return report_;
  }

 private:
  [[nodiscard]] bool removes_events() const { return request_.to.seq > opened_.base.position.seq; }

  IoResult<Ok> check() {
    if (request_.to.seq < opened_.base.position.seq || request_.to.seq >= opened_.end.seq) {
      return Unexpected{refusal(StorageError::kPruned, request_.to.seq,
                                "only events behind the log's begin and before its last one can "
                                "be pruned")};
    }
    if (!removes_events()) return Ok{};
    const auto record = read_record(*opened_.rocks, request_.to.seq);
    if (!record) return Unexpected{record.error()};
    const bool is_here = record->has_value() && (*record)->chain == request_.to.chain &&
                         request_.base.position == request_.to;
    if (is_here) return Ok{};
    return Unexpected{refusal(StorageError::kDamaged, request_.to.seq,
                              "the state to begin with is of another history")};
  }

  /// Which content goes with the events, and which leaves a tombstone. Reads the log once.
  IoResult<Ok> find_contents() {
    const std::set<core::Hash32> pinned(request_.pinned.begin(), request_.pinned.end());
    const Seq contents_to = std::max(request_.contents_to.value_or(Seq{0}), request_.to.seq);
    std::set<core::Hash32> young;
    std::set<core::Hash32> of_kept_events;
    RecordScanner scanner(*opened_.rocks, core::next(opened_.base.position.seq),
                          opened_.base.position, opened_.end);
    LoggedEvent event;
    for (;;) {
      const auto more = scanner.next_into(event);
      if (!more) return Unexpected{more.error()};
      if (!*more) break;
      if (event.event.seq <= request_.to.seq) ++report_.events;
      for (const core::ContentRef& ref : core::contents_needed(event.event.body)) {
        if (event.event.seq > contents_to) {
          young.insert(ref.hash);
        } else {
          old_[ref.hash] |= event.event.seq > request_.to.seq;
        }
      }
    }
    std::erase_if(old_, [&](const auto& entry) {
      return young.contains(entry.first) || pinned.contains(entry.first);
    });
    return Ok{};
  }

  IoResult<Ok> measure() {
    const std::unique_ptr<rocksdb::Iterator> at(
        opened_.rocks->db().NewIterator(scan_read(), opened_.rocks->log()));
    if (removes_events()) {
      for (at->SeekToFirst(); at->Valid(); at->Next()) {
        const auto seq = SeqKey::parse(at->key());
        if (!seq || *seq > request_.to.seq) break;
        report_.record_bytes += at->value().size();
      }
    }
    for (auto entry = old_.begin(); entry != old_.end();) {
      rocksdb::PinnableSlice value;
      const auto status = opened_.rocks->db().Get(point_read(), opened_.rocks->content(),
                                                  to_slice(entry->first.view()), &value);
      if (!status.ok()) {
        entry = old_.erase(entry);
        continue;
      }
      ++report_.contents;
      report_.content_bytes += value.size();
      if (entry->second) ++report_.tombstones;
      ++entry;
    }
    return Ok{};
  }

  IoResult<Ok> remove_events() {
    const Rocks& rocks = *opened_.rocks;
    rocksdb::WriteBatch batch;
    put_pruned(rocks,
               PrunedRange{core::next(opened_.base.position.seq), request_.to.seq,
                           opened_.base.position.chain, request_.to.chain, request_.now},
               batch);
    put_base(rocks, BaseMeta{request_.to, opened_.log_id.value_or(core::Hash32{})}, batch);
    const Seq first_kept = core::next(request_.to.seq);
    auto status =
        batch.DeleteRange(rocks.log(), SeqKey(Seq{0}).slice(), SeqKey(first_kept).slice());
    if (status.ok()) {
      // The group that reaches over the edge stays: it has digests of events that stay.
      const std::unique_ptr<rocksdb::Iterator> group(
          rocks.db().NewIterator(point_read(), rocks.effects()));
      group->SeekForPrev(SeqKey(first_kept).slice());
      if (group->Valid()) {
        status = batch.DeleteRange(rocks.effects(), SeqKey(Seq{0}).slice(), group->key());
      }
    }
    if (status.ok()) status = rocks.db().Write(durable(), &batch);
    return written(status, "removing events");
  }

  /// In pieces: content without a referring event is found again by the next prune.
  IoResult<Ok> remove_contents() {
    const Rocks& rocks = *opened_.rocks;
    rocksdb::WriteBatch batch;
    for (const auto& [hash, is_referred_to] : old_) {
      if (is_referred_to) {
        rocksdb::PinnableSlice value;
        const auto found =
            rocks.db().Get(point_read(), rocks.content(), to_slice(hash.view()), &value);
        if (!found.ok()) continue;
        put_removed(rocks, hash,
                    RemovedContent{RemovalCause::kPruned, static_cast<std::uint32_t>(value.size()),
                                   request_.now, "older than what is kept"},
                    batch);
      }
      auto status = batch.Delete(rocks.content(), to_slice(hash.view()));
      if (status.ok() && batch.Count() >= kDeletesPerWrite) {
        status = rocks.db().Write(durable(), &batch);
        batch.Clear();
      }
      if (!status.ok()) return written(status, "removing content");
    }
    return written(rocks.db().Write(durable(), &batch), "removing content");
  }

  const std::filesystem::path& directory_;
  const PruneRequest& request_;
  Opened opened_;
  PruneReport report_;
  /// Content only old events refer to; true: at least one of them stays.
  std::map<core::Hash32, bool> old_;
};

}  // namespace

IoResult<PruneReport> prune_log(const std::filesystem::path& directory,
                                const PruneRequest& request) {
  auto opened = open_alone(directory, request.dry_run);
  if (!opened) return Unexpected{opened.error()};
  return Pruner(directory, request, std::move(opened).value()).run();
}

IoResult<std::uint32_t> redact_content(const std::filesystem::path& directory,
                                       const RedactRequest& request) {
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  };
  if (std::any_of(request.reason.begin(), request.reason.end(), is_control)) {
    return Unexpected{refusal(StorageError::kIo, {}, "the reason has control characters")};
  }
  const auto opened = open_alone(directory);
  if (!opened) return Unexpected{opened.error()};
  const Rocks& rocks = *opened->rocks;
  rocksdb::PinnableSlice value;
  const auto found =
      rocks.db().Get(point_read(), rocks.content(), to_slice(request.hash.view()), &value);
  const auto earlier = read_removed(rocks, request.hash);
  if (!found.ok() && !(found.IsNotFound() && earlier)) {
    if (!found.IsNotFound()) return Unexpected{rocks_failure(found, {}, "content")};
    return Unexpected{refusal(StorageError::kContentMissing, {}, "there is no such content")};
  }
  if (!found.ok() && earlier->cause == RemovalCause::kRedacted) return earlier->size_bytes;
  const std::uint32_t size =
      found.ok() ? static_cast<std::uint32_t>(value.size()) : earlier->size_bytes;
  rocksdb::WriteBatch batch;
  put_removed(rocks, request.hash,
              RemovedContent{RemovalCause::kRedacted, size, request.now, request.reason}, batch);
  auto status = batch.Delete(rocks.content(), to_slice(request.hash.view()));
  value.Reset();
  if (status.ok()) status = rocks.db().Write(durable(), &batch);
  if (auto done = written(status, "redaction"); !done) return Unexpected{done.error()};
  if (auto freed = reclaim(rocks); !freed) return Unexpected{freed.error()};
  return size;
}

}  // namespace preconf::storage
