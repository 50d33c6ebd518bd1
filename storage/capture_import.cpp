#include "storage/capture_import.hpp"

#include <cstdio>
#include <set>

#include "core/event_content.hpp"
#include "storage/data_directory.hpp"
#include "storage/event_log_impl.hpp"
#include "storage/log_meta.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::storage {

using core::Ok;
using core::Seq;
using core::Unexpected;

namespace {

/// One write to the database, bytes.
constexpr std::size_t kWriteBytes = std::size_t{4} << 20;
/// Digests are kept in groups; this many events of one group at most.
constexpr std::size_t kGroupEventsMax = 256;
constexpr const char* kSnapshotDirectory = "snapshots";

StorageFailure refused(std::string detail) {
  return StorageFailure{StorageError::kIo, {}, std::move(detail)};
}

/// Collects writes and hands them to the database in large pieces.
class Importer {
 public:
  explicit Importer(Rocks& rocks) : rocks_(rocks) {}

  IoResult<Ok> put(rocksdb::ColumnFamilyHandle* family, const rocksdb::Slice& key,
                   core::BytesView value) {
    const rocksdb::Status status = batch_.Put(family, key, to_slice(value));
    if (!status.ok()) return Unexpected{rocks_failure(status, {}, "import")};
    return batch_.GetDataSize() < kWriteBytes ? IoResult<Ok>(Ok{}) : write(false);
  }

  IoResult<Ok> add_digest(Seq seq, const std::optional<core::Hash32>& digest) {
    // A group is of consecutive events: the record of a gap begins one.
    const std::uint64_t behind = group_first_.value + group_.size() / core::Hash32{}.bytes.size();
    if (digest && !group_.empty() && seq.value != behind) {
      if (auto done = end_group(); !done) return done;
    }
    if (digest) {
      if (group_.empty()) group_first_ = seq;
      group_.insert(group_.end(), digest->bytes.begin(), digest->bytes.end());
      if (group_.size() < kGroupEventsMax * digest->bytes.size()) return Ok{};
    }
    return end_group();
  }

  /// What a redacted capture leaves out on purpose is not missing in the directory either. When it
  /// was left out nobody wrote down: the time is 0, not known.
  IoResult<Ok> note_redacted(const std::vector<core::ContentRef>& refs) {
    for (const core::ContentRef& ref : refs) {
      const RemovedContent removed{RemovalCause::kRedacted, ref.size_bytes, core::WallNanos{0},
                                   "left out of the capture"};
      put_removed(rocks_, ref.hash, removed, batch_);
    }
    return Ok{};
  }

  void note_removed(const core::Hash32& hash, const RemovedContent& removed) {
    put_removed(rocks_, hash, removed, batch_);
  }

  IoResult<Ok> finish() {
    if (auto done = end_group(); !done) return done;
    return write(true);
  }

 private:
  IoResult<Ok> end_group() {
    if (group_.empty()) return Ok{};
    auto done = put(rocks_.effects(), SeqKey(group_first_).slice(), group_);
    group_.clear();
    return done;
  }
  IoResult<Ok> write(bool sync) {
    rocksdb::WriteOptions options;
    options.sync = sync;
    const rocksdb::Status status = rocks_.db().Write(options, &batch_);
    batch_.Clear();
    if (!status.ok()) return Unexpected{rocks_failure(status, {}, "import")};
    return Ok{};
  }

  Rocks& rocks_;
  rocksdb::WriteBatch batch_;
  core::Bytes group_;
  Seq group_first_;
};

IoResult<Ok> copy_contents(const CaptureFile& capture, const Rocks& rocks, Importer& importer) {
  std::optional<StorageFailure> failure;
  const auto damage = capture.each_content([&](const core::Hash32& hash, core::BytesView bytes) {
    const auto done = importer.put(rocks.content(), to_slice(hash.view()), bytes);
    if (!done) failure = done.error();
    return done.has_value();
  });
  if (damage) return Unexpected{*damage};
  if (failure) return Unexpected{*failure};
  return Ok{};
}

IoResult<Ok> copy_records(const CaptureFile& capture, const Rocks& rocks, Importer& importer,
                          const std::function<void(Seq)>& on_event) {
  const auto reader = capture.read(Seq{1});
  LoggedEvent logged;
  for (;;) {
    const auto more = reader->next_into(logged);
    if (!more) return Unexpected{more.error()};
    if (!*more) return Ok{};
    const Seq seq = logged.event.seq;
    const auto record = capture.record(seq);
    if (!record) {
      return Unexpected{StorageFailure{StorageError::kDamaged, seq,
                                       "event " + std::to_string(seq.value) + " has vanished"}};
    }
    if (auto done = importer.put(rocks.log(), SeqKey(seq).slice(), *record); !done) return done;
    if (capture.omits_content()) {
      if (auto done = importer.note_redacted(core::contents_needed(logged.event.body)); !done) {
        return done;
      }
    }
    if (auto done = importer.add_digest(seq, logged.effects_digest); !done) return done;
    if (on_event) on_event(seq);
  }
}

/// What a pruned log has in place of the events before its first one.
IoResult<Ok> copy_base(const CaptureFile& capture, const Rocks& rocks,
                       const std::filesystem::path& directory) {
  const LogPosition base = capture.base();
  if (base.seq.value == 0) return Ok{};
  const auto state = capture.snapshots()->load(base.seq);
  if (!state || state->position != base) {
    return Unexpected{StorageFailure{StorageError::kDamaged, base.seq,
                                     "the state before the first event is damaged"}};
  }
  SnapshotStore states(directory / kSnapshotDirectory);
  if (auto done = states.save_base(*state); !done) return done;
  rocksdb::WriteBatch batch;
  put_base(rocks, BaseMeta{base, capture.log_id().value_or(core::Hash32{})}, batch);
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status status = rocks.db().Write(options, &batch);
  if (!status.ok()) return Unexpected{rocks_failure(status, {}, "import")};
  return Ok{};
}

/// What an import that was killed has left behind goes; anything else that is there stays.
IoResult<Ok> clear_unfinished(const std::filesystem::path& temporary) {
  namespace fs = std::filesystem;
  std::error_code error;
  const auto status = fs::symlink_status(temporary, error);
  if (!fs::exists(status)) return Ok{};
  const auto is_in_the_way = [&temporary] {
    return Unexpected{refused(temporary.string() + " exists, and no import has left it behind")};
  };
  if (!fs::is_directory(status)) return is_in_the_way();
  const std::set<std::string> known = {"LOCK",        kRocksDirectory, kBaseDirectory,
                                       "VERSION.tmp", kHighWaterFile,  "high_water.tmp",
                                       "VERSION"};
  fs::directory_iterator entry(temporary, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (!known.contains(entry->path().filename().string())) return is_in_the_way();
  }
  if (error) return Unexpected{refused(temporary.string() + ": " + error.message())};
  {
    const auto nobody_works = hold_directory(temporary);
    if (!nobody_works) return Unexpected{nobody_works.error()};
    fs::remove_all(temporary, error);
  }
  if (error) return Unexpected{refused(temporary.string() + ": " + error.message())};
  return Ok{};
}

IoResult<Ok> fill(const CaptureFile& capture, const std::filesystem::path& directory,
                  const std::function<void(Seq)>& on_event) {
  const auto lock = lock_directory(directory);
  if (!lock) return Unexpected{lock.error()};
  const auto opened = Rocks::open(directory / kRocksDirectory, RocksMode::kCreate, nullptr);
  if (!opened) return Unexpected{rocks_failure(opened.error(), {}, "a new log")};
  Rocks& rocks = **opened;
  Importer importer(rocks);
  // First: what ends the write-ahead log is what a damaged disk takes away.
  if (auto done = copy_base(capture, rocks, directory); !done) return done;
  if (auto done = copy_contents(capture, rocks, importer); !done) return done;
  if (auto damage =
          capture.each_removed([&](const core::Hash32& hash, const RemovedContent& removed) {
            importer.note_removed(hash, removed);
          })) {
    return Unexpected{*damage};
  }
  if (auto done = copy_records(capture, rocks, importer, on_event); !done) return done;
  if (auto done = importer.finish(); !done) return done;
  if (auto done = MarkWriter::create(directory / kHighWaterFile); !done) return done;
  const auto mark = read_mark(directory / kHighWaterFile);
  if (!mark) return Unexpected{refused("high_water can not be read back")};
  auto writer = MarkWriter::open(directory / kHighWaterFile, *mark);
  if (!writer) return Unexpected{writer.error()};
  if (auto done = writer->write(capture.end()); !done) return done;
  return write_version(directory);
}

}  // namespace

IoResult<LogPosition> import_capture(const CaptureFile& capture,
                                     const std::filesystem::path& directory,
                                     const std::function<void(Seq)>& on_event) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::absolute(directory, error);
  std::filesystem::path temporary = target;
  temporary += ".importing";
  if (std::filesystem::exists(std::filesystem::symlink_status(target, error))) {
    return Unexpected{refused(target.string() + " exists already")};
  }
  if (auto cleared = clear_unfinished(temporary); !cleared) return Unexpected{cleared.error()};
  std::filesystem::create_directories(temporary, error);
  if (error) return Unexpected{refused(temporary.string() + ": " + error.message())};
  if (auto done = fill(capture, temporary, on_event); !done) {
    std::filesystem::remove_all(temporary, error);
    return Unexpected{done.error()};
  }
  if (std::rename(temporary.c_str(), target.c_str()) != 0) {
    return Unexpected{io_failure("rename to " + target.string())};
  }
  if (auto done = sync_directory(target.parent_path()); !done) return Unexpected{done.error()};
  return capture.end();
}

}  // namespace preconf::storage
