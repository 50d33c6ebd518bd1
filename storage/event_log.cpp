#include "storage/event_log.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "core/crypto/hash.hpp"
#include "storage/data_directory.hpp"
#include "storage/event_log_impl.hpp"
#include "storage/wal_tail.hpp"

namespace preconf::storage {

using core::Ok;
using core::Seq;
using core::Unexpected;

namespace {

constexpr std::size_t kDigestBytes = 32;

std::string number(Seq seq) { return std::to_string(seq.value); }

/// The first event that a damaged database does not give back, 0 when even that is unknown.
Seq first_unreadable(const std::filesystem::path& directory, rocksdb::Env* env) {
  const auto rocks = Rocks::open(directory, RocksMode::kReadOnlyUpToDamage, env);
  if (!rocks) return Seq{};
  const std::unique_ptr<rocksdb::Iterator> last(
      (*rocks)->db().NewIterator(point_read(), (*rocks)->log()));
  last->SeekToLast();
  if (!last->Valid()) return last->status().ok() ? Seq{1} : Seq{};
  const auto seq = SeqKey::parse(last->key());
  return seq ? core::next(*seq) : Seq{};
}

/// The last event, its record verified.
IoResult<LogPosition> find_end(const Rocks& rocks, Seq mark) {
  const std::unique_ptr<rocksdb::Iterator> last(rocks.db().NewIterator(point_read(), rocks.log()));
  last->SeekToLast();
  if (!last->Valid()) {
    if (last->status().ok()) {
      const auto base = read_base(rocks);
      return base ? IoResult<LogPosition>(base->position) : Unexpected{base.error()};
    }
    return Unexpected{rocks_failure(last->status(), mark, "the end of the log is not readable")};
  }
  const auto seq = SeqKey::parse(last->key());
  if (!seq) {
    return Unexpected{StorageFailure{StorageError::kDamaged, mark, "a key is not a seq"}};
  }
  const auto record = read_record(rocks, *seq);
  if (!record) return Unexpected{record.error()};
  if (!record->has_value()) {
    return Unexpected{StorageFailure{StorageError::kDamaged, *seq, "the last event has vanished"}};
  }
  return LogPosition{*seq, (*record)->chain};
}

/// Does the log still hold everything that the mark witnesses?
IoResult<Ok> check_mark(const Rocks& rocks, const LogPosition& end, const LogPosition& mark) {
  if (mark.seq > end.seq) {
    return Unexpected{StorageFailure{StorageError::kTailLost, end.seq,
                                     "the log ends at event " + number(end.seq) + ", but event " +
                                         number(mark.seq) + " was durable"}};
  }
  if (mark.seq.value == 0 || mark == end) return Ok{};
  const auto record = read_record(rocks, mark.seq);
  if (!record) return Unexpected{record.error()};
  if (!record->has_value() || (*record)->chain != mark.chain) {
    return Unexpected{
        StorageFailure{StorageError::kDamaged, mark.seq,
                       "event " + number(mark.seq) + " is not the one that was durable"}};
  }
  return Ok{};
}

IoResult<Ok> make_directory(const std::filesystem::path& directory) {
  std::error_code error;
  if (!std::filesystem::create_directories(directory, error)) {
    if (error) {
      return Unexpected{
          StorageFailure{StorageError::kIo, {}, directory.string() + ": " + error.message()}};
    }
    return Ok{};
  }
  return sync_directory(std::filesystem::absolute(directory).parent_path());
}

StorageFailure not_found(const std::filesystem::path& directory) {
  return StorageFailure{StorageError::kNotFound, {}, "no log in " + directory.string()};
}

struct Opened {
  std::unique_ptr<Rocks> rocks;
  LogPosition end;
};

StorageFailure open_failed(const std::filesystem::path& directory, const rocksdb::Status& status,
                           rocksdb::Env* env) {
  const Seq at = status.IsCorruption() ? first_unreadable(directory / kRocksDirectory, env) : Seq{};
  return rocks_failure(status, at, "the log can not be opened");
}

/// Opens the database and checks that its end can be read and is not below the mark.
IoResult<Opened> open_checked(const std::filesystem::path& directory, RocksMode mode,
                              rocksdb::Env* env, const std::optional<Mark>& mark) {
  auto rocks = Rocks::open(directory / kRocksDirectory, mode, env);
  if (!rocks) return Unexpected{open_failed(directory, rocks.error(), env)};
  const auto end = find_end(**rocks, mark ? mark->position.seq : Seq{});
  if (!end) return Unexpected{end.error()};
  if (!mark) {
    return Unexpected{StorageFailure{
        StorageError::kDamaged, end->seq,
        "high_water is missing or damaged: nothing proves that the log is complete"}};
  }
  if (mode == RocksMode::kReadOnly &&
      has_records_behind_the_tail(**rocks, directory / kRocksDirectory)) {
    const Seq lost = core::next(end->seq);
    return Unexpected{
        StorageFailure{StorageError::kDamaged, lost,
                       "event " + number(lost) + " can not be read, and whole records follow it"}};
  }
  if (const auto whole = check_mark(**rocks, *end, mark->position); !whole) {
    return Unexpected{whole.error()};
  }
  return Opened{std::move(rocks).value(), *end};
}

/// What may not be read is not damaged.
IoResult<Ok> expect_readable(const std::filesystem::path& path) {
  const auto file = open_file(path, O_RDONLY);
  if (file || (errno != EACCES && errno != EPERM && errno != EIO)) return Ok{};
  return Unexpected{file.error()};
}

/// VERSION comes last: a directory without it holds no events, or something is wrong with it.
/// An interrupted creation leaves half a database, which does not open and is completed.
IoResult<Ok> expect_no_events(const std::filesystem::path& directory, rocksdb::Env* env) {
  if (!std::filesystem::exists(directory / kRocksDirectory / "CURRENT")) return Ok{};
  const auto rocks = Rocks::open(directory / kRocksDirectory, RocksMode::kReadOnly, env);
  if (!rocks) {
    if (!rocks.error().IsCorruption()) return Ok{};
    return Unexpected{open_failed(directory, rocks.error(), env)};
  }
  const auto end = find_end(**rocks, Seq{});
  if (!end) return Unexpected{end.error()};
  if (end->seq.value == 0) return Ok{};
  return Unexpected{StorageFailure{StorageError::kFormat, end->seq,
                                   "VERSION is missing in " + directory.string()}};
}

/// Takes the lock (writers) and checks VERSION. True: the directory is ready for a new log.
IoResult<bool> enter_directory(const std::filesystem::path& directory, OpenMode mode,
                               rocksdb::Env* env, File& lock) {
  if (mode == OpenMode::kCreate) {
    if (const auto made = make_directory(directory); !made) return Unexpected{made.error()};
  }
  if (!std::filesystem::is_directory(directory)) return Unexpected{not_found(directory)};
  if (mode != OpenMode::kReadOnly) {
    auto locked = lock_directory(directory);
    if (!locked) return Unexpected{locked.error()};
    lock = std::move(locked).value();
  }
  const auto version = has_version(directory);
  if (!version) return Unexpected{version.error()};
  if (std::filesystem::exists(directory / kRepairFile)) {
    return Unexpected{StorageFailure{
        StorageError::kDamaged,
        {},
        "a repair was interrupted; repeat: preconf log repair " + directory.string()}};
  }
  if (*version) return false;
  if (mode != OpenMode::kCreate) return Unexpected{not_found(directory)};
  if (const auto empty = expect_no_events(directory, env); !empty) {
    return Unexpected{empty.error()};
  }
  if (!read_mark(directory / kHighWaterFile)) {
    const auto made = MarkWriter::create(directory / kHighWaterFile);
    if (!made) return Unexpected{made.error()};
  }
  return true;
}

}  // namespace

EventLog::EventLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventLog::~EventLog() = default;

core::Result<std::unique_ptr<EventLog>, StorageFailure> EventLog::open(
    const std::filesystem::path& directory, OpenMode mode, rocksdb::Env* env) {
  auto impl = std::make_unique<Impl>();
  const auto is_new = enter_directory(directory, mode, env, impl->lock);
  if (!is_new) return Unexpected{is_new.error()};

  if (const auto good = expect_readable(directory / kHighWaterFile); !good) {
    return Unexpected{good.error()};
  }
  // The mark is read before the log: beside a running writer the log may only be newer.
  const auto mark = read_mark(directory / kHighWaterFile);
  const bool writes = mode != OpenMode::kReadOnly;
  if (writes && !*is_new) {
    // RocksDB opened for writing deletes what its manifest does not name and writes out what it
    // recovered: a damaged log must be refused before that, or it can not be restored any more.
    const auto looked = open_checked(directory, RocksMode::kReadOnly, env, mark);
    if (!looked) return Unexpected{looked.error()};
  }
  const RocksMode rocks_mode = !writes   ? RocksMode::kReadOnly
                               : *is_new ? RocksMode::kCreate
                                         : RocksMode::kWrite;
  auto opened = open_checked(directory, rocks_mode, env, mark);
  if (!opened) return Unexpected{opened.error()};
  impl->rocks = std::move(opened->rocks);
  impl->end = opened->end;
  const auto base = read_base(*impl->rocks);
  if (!base) return Unexpected{base.error()};
  impl->base = *base;
  if (writes) {
    auto writer = MarkWriter::open(directory / kHighWaterFile, *mark);
    if (!writer) return Unexpected{writer.error()};
    impl->mark = std::move(writer).value();
  }
  if (*is_new) {
    if (const auto done = write_version(directory); !done) return Unexpected{done.error()};
  }
  return std::unique_ptr<EventLog>(new EventLog(std::move(impl)));
}

LogPosition EventLog::base() const { return impl_->base.position; }

std::optional<core::Hash32> EventLog::log_id() const {
  return impl_->base.position.seq.value == 0 ? chain_at(Seq{1}) : impl_->base.log_id;
}

std::vector<PrunedRange> EventLog::pruned() const { return read_pruned(*impl_->rocks); }

std::optional<RemovedContent> EventLog::removed(const core::Hash32& hash) const {
  return read_removed(*impl_->rocks, hash);
}

LogPosition EventLog::end() const {
  const std::lock_guard lock(impl_->end_mutex);
  return impl_->end;
}

namespace {

/// Stages `content` unless the store has these very bytes already.
std::optional<StorageFailure> stage_content(const Rocks& rocks, const Content& content, Seq seq,
                                            rocksdb::WriteBatch& batch) {
  if (content.bytes == nullptr || core::crypto::keccak256(*content.bytes) != content.hash) {
    return StorageFailure{StorageError::kContentMissing, seq, "content does not have its hash"};
  }
  const rocksdb::Slice key = to_slice(content.hash.view());
  const rocksdb::Slice value = to_slice(*content.bytes);
  rocksdb::PinnableSlice present;
  const rocksdb::Status found = rocks.db().Get(point_read(), rocks.content(), key, &present);
  if (found.ok() && present == value) return std::nullopt;
  drop_removed(rocks, content.hash, batch);
  if (const auto status = batch.Put(rocks.content(), key, value); !status.ok()) {
    return rocks_failure(status, seq, "content");
  }
  return std::nullopt;
}

/// Stages the contents and records of `batch`; moves `position` on.
std::optional<StorageFailure> stage_events(EventLog::Impl& impl, const EventBatch& batch,
                                           LogPosition& position) {
  for (const Content& content : batch.contents) {
    const Seq seq = batch.events.empty() ? position.seq : batch.events.front().seq;
    if (auto failure = stage_content(*impl.rocks, content, seq, impl.batch)) return failure;
  }
  for (const core::Event& event : batch.events) {
    if (!core::follows(position.seq, event)) {
      return StorageFailure{
          StorageError::kDamaged, event.seq,
          "event " + number(event.seq) + " does not follow " + number(position.seq)};
    }
    if (!schemas::encodable(event)) {
      return StorageFailure{StorageError::kUndecodable, event.seq,
                            "event " + number(event.seq) + " is out of bounds"};
    }
    const schemas::EncodedRecord& record = impl.encoder.encode(event, position.chain);
    const auto status =
        impl.batch.Put(impl.rocks->log(), SeqKey(event.seq).slice(), to_slice(record.bytes));
    if (!status.ok()) return rocks_failure(status, event.seq, "append");
    position = LogPosition{event.seq, record.chain};
  }
  return std::nullopt;
}

/// Stages one group of digests; they never reach beyond `end`.
std::optional<StorageFailure> stage_digests(EventLog::Impl& impl, const EffectsDigests& group,
                                            Seq end) {
  const std::size_t count = group.digests.size();
  if (count == 0) return std::nullopt;
  if (group.first.value == 0 || count > end.value || group.first.value > end.value - count + 1) {
    return StorageFailure{StorageError::kDamaged, group.first, "digests of events that are not"};
  }
  impl.digest_bytes.clear();
  impl.digest_bytes.reserve(count * kDigestBytes);
  for (const core::Hash32& digest : group.digests) {
    impl.digest_bytes.append(to_slice(digest.view()).data(), kDigestBytes);
  }
  const auto status =
      impl.batch.Put(impl.rocks->effects(), SeqKey(group.first).slice(), impl.digest_bytes);
  if (!status.ok()) return rocks_failure(status, group.first, "digests");
  return std::nullopt;
}

}  // namespace

std::optional<core::Bytes> EventLog::record(Seq seq) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      impl_->rocks->db().Get(point_read(), impl_->rocks->log(), SeqKey(seq).slice(), &value);
  if (!status.ok()) return std::nullopt;
  const core::BytesView bytes = to_view(value);
  return core::Bytes(bytes.begin(), bytes.end());
}

core::Result<LogPosition, StorageFailure> EventLog::append(
    std::span<const EventBatch* const> batches, std::span<const EffectsDigests> digests,
    bool sync) {
  Impl& impl = *impl_;
  PRECONF_ASSERT(impl.mark.has_value());  // read-only logs are not appended to
  if (impl.failed) return Unexpected{*impl.failed};

  impl.batch.Clear();
  LogPosition position = impl.end;
  for (const EventBatch* batch : batches) {
    impl.failed = stage_events(impl, *batch, position);
    if (impl.failed) return Unexpected{*impl.failed};
  }
  for (const EffectsDigests& group : digests) {
    impl.failed = stage_digests(impl, group, position.seq);
    if (impl.failed) return Unexpected{*impl.failed};
  }
  rocksdb::WriteOptions options;
  options.sync = sync;
  const rocksdb::Status status = impl.rocks->db().Write(options, &impl.batch);
  if (!status.ok()) {
    impl.failed = rocks_failure(status, core::next(impl.end.seq), "append");
    return Unexpected{*impl.failed};
  }
  const std::lock_guard lock(impl.end_mutex);
  impl.end = position;
  return position;
}

core::Result<Ok, StorageFailure> EventLog::write_high_water_mark(const LogPosition& position) {
  PRECONF_ASSERT(impl_->mark.has_value());
  PRECONF_ASSERT(position.seq <= end().seq);
  const std::lock_guard lock(impl_->mark_mutex);
  return impl_->mark->write(position);
}

std::unique_ptr<LogReader> EventLog::read(Seq from) const {
  return std::make_unique<LogReader>(
      std::make_unique<RecordScanner>(*impl_->rocks, from, base(), end()));
}

std::optional<core::Hash32> EventLog::chain_at(Seq seq) const {
  if (seq == impl_->base.position.seq) return impl_->base.position.chain;
  const auto record = read_record(*impl_->rocks, seq);
  if (!record || !record->has_value()) return std::nullopt;
  return (*record)->chain;
}

std::shared_ptr<const core::Bytes> EventLog::content(const core::Hash32& hash) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      impl_->rocks->db().Get(point_read(), impl_->rocks->content(), to_slice(hash.view()), &value);
  if (!status.ok()) return nullptr;
  const core::BytesView bytes = to_view(value);
  if (core::crypto::keccak256(bytes) != hash) return nullptr;
  return std::make_shared<const core::Bytes>(bytes.begin(), bytes.end());
}

}  // namespace preconf::storage
