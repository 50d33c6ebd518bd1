#include "storage/log_salvage.hpp"

#include <fcntl.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table_properties.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "core/crypto/hash.hpp"
#include "schemas/codec/event_codec.hpp"
#include "storage/event_log_impl.hpp"
#include "storage/little_endian.hpp"
#include "storage/raw_files.hpp"
#include "storage/table_check.hpp"
#include "storage/table_scan.hpp"

namespace preconf::storage {

using core::Ok;
using core::Unexpected;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatchBytesMax = std::size_t{4} << 20;
constexpr std::size_t kDigestBytes = 32;
/// Of a file that is larger, which RocksDB makes none of here, only the begin is looked at.
constexpr std::size_t kFileBytesMax = std::size_t{1} << 30;

/// Column families by the number RocksDB gave them when the database was made.
enum Family : std::uint32_t { kLog = 1, kEffects = 2, kContent = 3, kMeta = 4 };

/// Takes pairs of key and value of any origin, and keeps what proves itself.
class Sieve {
 public:
  explicit Sieve(const Rocks& target) : target_(target) {}

  void put_record(const rocksdb::Slice& key, const rocksdb::Slice& value) {
    const auto seq = SeqKey::parse(key);
    if (!seq || schemas::decode_record_into(to_view(value), event_, hashes_)) return;
    if (event_.seq != *seq) return;
    found_.highest = std::max(found_.highest, *seq);
    if (const auto* gap = std::get_if<core::events::LogGapRecorded>(&event_.body)) {
      std::vector<core::Seq>& records = found_.gaps[gap->from];
      if (std::find(records.begin(), records.end(), *seq) == records.end()) records.push_back(*seq);
    }
    stage(target_.log(), key, value);
  }
  void put_content(const rocksdb::Slice& key, const rocksdb::Slice& value) {
    if (key.size() != 32) return;
    const core::Hash32 hash = core::crypto::keccak256(to_view(value));
    if (to_slice(hash.view()) == key) stage(target_.content(), key, value);
  }
  /// The rest proves nothing of itself: only from where a checksum holds.
  void put_digests(const rocksdb::Slice& key, const rocksdb::Slice& value) {
    if (key.size() == 8 && value.size() % kDigestBytes == 0) stage(target_.effects(), key, value);
  }
  /// Nothing: the note was taken back. The newest version counts.
  void put_note(const rocksdb::Slice& key, std::uint64_t sequence,
                const std::optional<rocksdb::Slice>& value) {
    auto [at, is_new] = notes_.try_emplace(key.ToString());
    if (!is_new && at->second.sequence > sequence) return;
    at->second.sequence = sequence;
    at->second.value = value ? std::optional(value->ToString()) : std::nullopt;
  }

  [[nodiscard]] rocksdb::Status finish() {
    for (const auto& [key, note] : notes_) {
      if (note.value) stage(target_.meta(), key, *note.value);
    }
    return flush();
  }
  [[nodiscard]] const Salvage& found() const { return found_; }

 private:
  struct Note {
    std::uint64_t sequence = 0;
    std::optional<std::string> value;
  };

  rocksdb::Status flush() {
    if (status_.ok()) status_ = target_.db().Write(rocksdb::WriteOptions(), &batch_);
    batch_.Clear();
    return status_;
  }
  void stage(rocksdb::ColumnFamilyHandle* family, const rocksdb::Slice& key,
             const rocksdb::Slice& value) {
    if (!status_.ok()) return;
    status_ = batch_.Put(family, key, value);
    if (status_.ok() && batch_.GetDataSize() >= kBatchBytesMax) (void)flush();
  }

  const Rocks& target_;
  rocksdb::WriteBatch batch_;
  rocksdb::Status status_;
  Salvage found_;
  std::map<std::string, Note> notes_;
  core::Event event_;
  schemas::RecordHashes hashes_;
};

/// All families of an open database, whose reads verify checksums. A bad block in the middle ends a
/// scan: what lies behind it is reached from the other end.
void sift_database(const Rocks& source, Sieve& sieve) {
  const auto sift = [&](rocksdb::ColumnFamilyHandle* family, const auto& put) {
    const std::unique_ptr<rocksdb::Iterator> at(source.db().NewIterator(scan_read(), family));
    for (at->SeekToFirst(); at->Valid(); at->Next()) put(at->key(), at->value());
    if (at->status().ok()) return;
    for (at->SeekToLast(); at->Valid(); at->Prev()) put(at->key(), at->value());
  };
  using rocksdb::Slice;
  sift(source.log(), [&](const Slice& key, const Slice& value) { sieve.put_record(key, value); });
  sift(source.effects(),
       [&](const Slice& key, const Slice& value) { sieve.put_digests(key, value); });
  sift(source.content(),
       [&](const Slice& key, const Slice& value) { sieve.put_content(key, value); });
  sift(source.meta(), [&](const Slice& key, const Slice& value) { sieve.put_note(key, 0, value); });
}

/// What one logged write says.
class BatchSifter final : public rocksdb::WriteBatch::Handler {
 public:
  BatchSifter(Sieve& sieve, std::uint64_t sequence, bool is_checked)
      : sieve_(sieve), sequence_(sequence), is_checked_(is_checked) {}

  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    const std::uint64_t sequence = sequence_++;
    if (family == kLog) sieve_.put_record(key, value);
    if (family == kContent) sieve_.put_content(key, value);
    if (family == kEffects && is_checked_) sieve_.put_digests(key, value);
    if (family == kMeta && is_checked_) sieve_.put_note(key, sequence, value);
    return rocksdb::Status::OK();
  }
  // That events and content were removed is said by `meta`, and they are taken out at the end.
  rocksdb::Status DeleteCF(std::uint32_t family, const rocksdb::Slice& key) override {
    const std::uint64_t sequence = sequence_++;
    if (family == kMeta && is_checked_) sieve_.put_note(key, sequence, std::nullopt);
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteRangeCF(std::uint32_t /*family*/, const rocksdb::Slice& /*begin*/,
                                const rocksdb::Slice& /*end*/) override {
    ++sequence_;
    return rocksdb::Status::OK();
  }

 private:
  Sieve& sieve_;
  std::uint64_t sequence_;
  const bool is_checked_;
};

void sift_wal(core::BytesView file, Sieve& sieve) {
  scan_wal(file, [&sieve](const std::string& bytes, bool is_checked) {
    const auto sequence = get_le<std::uint64_t>(to_view(rocksdb::Slice(bytes)));
    BatchSifter sifter(sieve, sequence, is_checked);
    rocksdb::WriteBatch(bytes).Iterate(&sifter).PermitUncheckedError();
  });
}

void sift_blobs(core::BytesView file, Sieve& sieve) {
  scan_blobs(file, [&sieve](const rocksdb::Slice& key, const rocksdb::Slice& value) {
    sieve.put_content(key, value);
  });
}

/// Of a table that RocksDB opens and all of whose checksums hold.
struct WholeTable {
  std::string family;
  std::uint64_t data_bytes = 0;  ///< of its data blocks, which come first
};
std::optional<WholeTable> whole_table(const fs::path& path) {
  if (!check_table(*rocksdb::Env::Default(), path).ok()) return std::nullopt;
  rocksdb::SstFileReader reader{rocksdb::Options()};
  if (!reader.Open(path.string()).ok() || !reader.VerifyChecksum().ok()) return std::nullopt;
  const auto properties = reader.GetTableProperties();
  return WholeTable{properties->column_family_name, properties->data_size};
}

/// The same of the part of `file` that ends where a table ends: bytes may have been appended to it.
std::optional<WholeTable> whole_table_in(core::BytesView file, const fs::path& scratch) {
  constexpr std::uint8_t kMagic[] = {0xf7, 0xcf, 0xf4, 0x85, 0xb7, 0x41, 0xe2, 0x88};
  const auto found = std::find_end(file.begin(), file.end(), std::begin(kMagic), std::end(kMagic));
  if (found == file.end()) return std::nullopt;
  const auto size = static_cast<std::size_t>(found - file.begin()) + std::size(kMagic);
  if (size == file.size()) return std::nullopt;
  const fs::path copy = scratch / "table.sst";
  if (!write_file_atomically(copy, file.first(size))) return std::nullopt;
  return whole_table(copy);
}

void sift_table(core::BytesView file, const std::optional<WholeTable>& whole, Sieve& sieve) {
  const std::size_t size =
      whole ? static_cast<std::size_t>(std::min<std::uint64_t>(whole->data_bytes, file.size()))
            : file.size();
  scan_table(file.first(size), [&](const TableEntry& entry) {
    const bool is_of_meta = whole && whole->family == "meta";
    if (is_of_meta && entry.is_in_whole_block) {
      sieve.put_note(entry.key, entry.sequence,
                     entry.is_value ? std::optional(entry.value) : std::nullopt);
    }
    if (!entry.is_value || is_of_meta) return;
    if (whole && whole->family == "effects") {
      sieve.put_digests(entry.key, entry.value);
      return;
    }
    sieve.put_record(entry.key, entry.value);
    sieve.put_content(entry.key, entry.value);
  });
}

/// The file's bytes; nothing when there are none to be had: it is gone, a dangling link, or no
/// file.
IoResult<std::optional<core::Bytes>> bytes_of(const fs::path& path) {
  const auto file = open_file(path, O_RDONLY | O_NONBLOCK);
  if (!file) {
    if (errno == ENOENT || errno == ELOOP || errno == ENXIO) return std::optional<core::Bytes>();
    return Unexpected{file.error()};
  }
  struct stat info = {};
  if (::fstat(file->fd(), &info) != 0) return Unexpected{io_failure("stat " + path.string())};
  if (!S_ISREG(info.st_mode)) return std::optional<core::Bytes>();
  auto bytes = read_at(*file, 0, std::min(static_cast<std::size_t>(info.st_size), kFileBytesMax));
  if (!bytes) {
    return Unexpected{
        StorageFailure{StorageError::kIo, {}, path.string() + ": " + bytes.error().detail}};
  }
  return std::optional<core::Bytes>(std::move(bytes).value());
}

/// In order of their names, which count up: what is newer comes later.
std::vector<fs::path> files_of(const fs::path& directory) {
  std::vector<fs::path> out;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    out.push_back(entry->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

IoResult<Ok> sift_files(const fs::path& damaged, const fs::path& scratch, Sieve& sieve) {
  for (const fs::path& path : files_of(damaged)) {
    const std::string extension = path.extension();
    if (extension != ".sst" && extension != ".log" && extension != ".blob") continue;
    const auto bytes = bytes_of(path);
    if (!bytes) return Unexpected{bytes.error()};
    if (!bytes->has_value()) continue;
    if (extension == ".log") sift_wal(**bytes, sieve);
    if (extension == ".blob") sift_blobs(**bytes, sieve);
    if (extension != ".sst") continue;
    auto whole = whole_table(path);
    if (!whole) whole = whole_table_in(**bytes, scratch);
    sift_table(**bytes, whole, sieve);
  }
  return Ok{};
}

}  // namespace

IoResult<Ok> check_readable(const fs::path& directory) {
  for (const fs::path& path : files_of(directory)) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) continue;
    const auto file = open_file(path, O_RDONLY);
    if (!file && errno != ENOENT) return Unexpected{file.error()};
  }
  return Ok{};
}

IoResult<Salvage> salvage(const fs::path& damaged, const fs::path& scratch, const Rocks& target) {
  std::error_code error;
  fs::remove_all(scratch, error);
  fs::create_directories(scratch, error);
  Sieve sieve(target);
  {
    // As a whole it knows what the files alone do not say: which of them count.
    const auto source = Rocks::open(damaged, RocksMode::kReadOnlyUpToDamage, nullptr);
    if (source) sift_database(**source, sieve);
  }
  const auto sifted = sift_files(damaged, scratch, sieve);
  fs::remove_all(scratch, error);
  if (!sifted) return Unexpected{sifted.error()};
  if (const auto status = sieve.finish(); !status.ok()) {
    return Unexpected{rocks_failure(status, {}, "writing what was salvaged")};
  }
  return sieve.found();
}

}  // namespace preconf::storage
