#include "storage/rocks.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <sys/resource.h>

#include "storage/table_check.hpp"

namespace preconf::storage {

using rocksdb::ColumnFamilyDescriptor;
using rocksdb::ColumnFamilyOptions;
using rocksdb::DBOptions;
using rocksdb::Status;

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
/// Bounds what a reopen after kill -9 must read back from the write-ahead log, and memory.
constexpr std::size_t kLogMemtableBytes = 16 * kMiB;
constexpr std::size_t kContentMemtableBytes = 16 * kMiB;
constexpr std::size_t kSmallMemtableBytes = 2 * kMiB;
constexpr std::uint64_t kWalBytesMax = 32 * kMiB;
constexpr std::size_t kBlockCacheBytes = 16 * kMiB;
constexpr std::size_t kScanReadaheadBytes = 4 * kMiB;
constexpr std::uint64_t kContentInlineBytesMax = 4096;
/// Attempts to catch the files of a running writer between two changes of its manifest.
constexpr int kReadOnlyAttempts = 20;

/// Discards RocksDB's own log: a read-only open must not create files.
class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, std::va_list /*arguments*/) override {}
};

DBOptions db_options(RocksMode mode, rocksdb::Env* env) {
  DBOptions options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = mode == RocksMode::kCreate;
  options.create_missing_column_families = mode == RocksMode::kCreate;
  options.wal_recovery_mode = mode == RocksMode::kReadOnlyUpToDamage
                                  ? rocksdb::WALRecoveryMode::kPointInTimeRecovery
                                  : rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.max_total_wal_size = kWalBytesMax;
  // Recovery keeps what it read in memory; writing it out first would only delay the start.
  options.avoid_flush_during_recovery = true;
  options.allow_concurrent_memtable_write = false;  // one writer
  options.avoid_unnecessary_blocking_io = true;
  options.max_background_jobs = 2;
  // RocksDB would start that many threads for each family, even when it has one table or none.
  options.max_file_opening_threads = 1;
  // All families leave the write-ahead log in one change of the manifest. Flushed one by one, a
  // manifest that lost its end could show every event and none of the content they refer to.
  options.atomic_flush = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  options.db_host_id = "";  // captured logs travel; table files need not name the machine
  if (mode == RocksMode::kReadOnly || mode == RocksMode::kReadOnlyUpToDamage) {
    // A writer may delete a file that this view still needs: hold all of them open.
    options.max_open_files = -1;
    options.info_log = std::make_shared<SilentLogger>();
  } else {
    options.max_open_files = 256;  // opening every table at start would cost time and memory
    options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    options.max_log_file_size = kMiB;
    options.keep_log_file_num = 2;
  }
  return options;
}

ColumnFamilyOptions sequential_family(const rocksdb::BlockBasedTableOptions& table,
                                      std::size_t memtable_bytes) {
  ColumnFamilyOptions options;
  options.write_buffer_size = memtable_bytes;
  options.max_write_buffer_number = 3;
  options.min_write_buffer_number_to_merge = 1;
  // Hashes and signatures do not shrink; equal settings on every level let compaction move tables
  // of ascending keys without rewriting them.
  options.compression = rocksdb::kNoCompression;
  options.target_file_size_base = 64 * kMiB;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

std::vector<ColumnFamilyDescriptor> families() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  table.block_size = 32 * 1024;
  table.format_version = 5;

  rocksdb::BlockBasedTableOptions content_table = table;
  content_table.block_size = 8 * 1024;
  content_table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  ColumnFamilyOptions content = sequential_family(content_table, kContentMemtableBytes);
  content.enable_blob_files = true;
  content.min_blob_size = kContentInlineBytesMax;
  content.blob_compression_type = rocksdb::kNoCompression;

  return {
      {rocksdb::kDefaultColumnFamilyName, sequential_family(table, kSmallMemtableBytes)},
      {"log", sequential_family(table, kLogMemtableBytes)},
      {"effects", sequential_family(table, kSmallMemtableBytes)},
      {"content", content},
      {"meta", sequential_family(table, kSmallMemtableBytes)},
  };
}

/// Read-only views hold every table open, and a writer shares the descriptors with its clients: the
/// log must not fail because many of them are connected.
void raise_file_limit() {
  struct rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Name and size of the current manifest: changes with every change of the set of live files.
std::string manifest_state(const std::filesystem::path& directory, rocksdb::Env* env) {
  std::string name;
  if (!rocksdb::ReadFileToString(env, (directory / "CURRENT").string(), &name).ok()) return {};
  while (!name.empty() && name.back() == '\n') name.pop_back();
  std::uint64_t size = 0;
  if (!env->GetFileSize((directory / name).string(), &size).ok()) return {};
  return name + ":" + std::to_string(size);
}

}  // namespace

core::Result<std::unique_ptr<Rocks>, Status> Rocks::open(const std::filesystem::path& directory,
                                                         RocksMode mode, rocksdb::Env* env) {
  raise_file_limit();
  const Status tables = check_tables(env != nullptr ? *env : *rocksdb::Env::Default(), directory);
  if (!tables.ok()) return core::Unexpected{tables};
  std::unique_ptr<Rocks> rocks(new Rocks());
  const DBOptions options = db_options(mode, env);
  const std::string name = directory.string();
  rocksdb::DB* db = nullptr;
  if (mode == RocksMode::kCreate || mode == RocksMode::kWrite) {
    Status status = rocksdb::DB::Open(options, name, families(), &rocks->handles_, &db);
    rocks->db_.reset(db);
    if (status.ok()) status = rocks->check_content_files();
    if (!status.ok()) return core::Unexpected{status};
    return rocks;
  }

  // Beside a running writer a flush may come between reading the manifest and reading the
  // write-ahead log, whose records are then in neither. A flush changes the manifest before the
  // old file goes away: an unchanged manifest proves that the view is whole.
  Status status;
  for (int attempt = 0; attempt < kReadOnlyAttempts; ++attempt) {
    rocks.reset(new Rocks());
    const std::string before = manifest_state(directory, options.env);
    db = nullptr;
    status = rocksdb::DB::OpenForReadOnly(options, name, families(), &rocks->handles_, &db);
    rocks->db_.reset(db);
    if (status.ok()) status = rocks->check_content_files();
    const bool unchanged = !before.empty() && before == manifest_state(directory, options.env);
    if (status.ok() && unchanged) return rocks;
    if (unchanged) return core::Unexpected{status};  // failed, and not because of a writer
  }
  if (status.ok()) status = Status::Busy("the writer changes the files too fast to be read beside");
  return core::Unexpected{status};
}

/// RocksDB opens tables, but looks for a blob file only when a value in it is read.
Status Rocks::check_content_files() const {
  rocksdb::ColumnFamilyMetaData metadata;
  db_->GetColumnFamilyMetaData(content(), &metadata);
  for (const rocksdb::BlobMetaData& file : metadata.blob_files) {
    const std::string path = file.blob_file_path + "/" + file.blob_file_name;
    std::uint64_t size = 0;
    if (!db_->GetEnv()->GetFileSize(path, &size).ok() || size < file.blob_file_size) {
      return Status::Corruption("blob file missing or cut", file.blob_file_name);
    }
    std::unique_ptr<rocksdb::RandomAccessFile> readable;
    const Status opened =
        db_->GetEnv()->NewRandomAccessFile(path, &readable, rocksdb::EnvOptions());
    if (!opened.ok()) return opened;
  }
  return Status::OK();
}

Rocks::~Rocks() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  db_->Close().PermitUncheckedError();
}

rocksdb::ReadOptions point_read() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  return options;
}

rocksdb::ReadOptions scan_read() {
  rocksdb::ReadOptions options = point_read();
  options.fill_cache = false;
  options.readahead_size = kScanReadaheadBytes;
  return options;
}

SeqKey::SeqKey(core::Seq seq) {
  for (std::size_t i = 0; i < sizeof(bytes_); ++i) {
    bytes_[i] = static_cast<char>(static_cast<std::uint8_t>(seq.value >> (8 * (7 - i))));
  }
}

std::optional<core::Seq> SeqKey::parse(const rocksdb::Slice& key) {
  if (key.size() != sizeof(bytes_)) return std::nullopt;
  core::Seq seq;
  for (const std::uint8_t byte : to_view(key)) seq.value = (seq.value << 8) | byte;
  return seq;
}

}  // namespace preconf::storage
