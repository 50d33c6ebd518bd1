#include "storage/log_salvage.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <functional>

#include "core/crypto/hash.hpp"
#include "schemas/codec/event_codec.hpp"
#include "storage/event_log_impl.hpp"
#include "storage/little_endian.hpp"

namespace preconf::storage {

using core::Ok;
using core::Unexpected;

namespace {

constexpr std::size_t kBatchBytesMax = std::size_t{4} << 20;
constexpr std::size_t kDigestBytes = 32;
/// Files are looked at as a whole; RocksDB's are far smaller here.
constexpr std::size_t kFileBytesMax = std::size_t{1} << 30;

/// Column families by the number RocksDB gave them when the database was made.
enum Family : std::uint32_t { kLog = 1, kEffects = 2, kContent = 3, kMeta = 4 };

/// Takes pairs of key and value of any origin, and keeps what proves itself.
class Sieve {
 public:
  explicit Sieve(const Rocks& target) : target_(target) {}

  void put(std::uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) {
    if (!status_.ok()) return;
    switch (family) {
      case kLog:
        put_record(key, value);
        break;
      case kEffects:
        if (key.size() == 8 && value.size() % kDigestBytes == 0) {
          stage(target_.effects(), key, value);
        }
        break;
      case kContent: {
        const core::Hash32 hash = core::crypto::keccak256(to_view(value));
        if (to_slice(hash.view()) == key) stage(target_.content(), key, value);
        break;
      }
      case kMeta:
        stage(target_.meta(), key, value);
        break;
      default:
        break;
    }
  }

  [[nodiscard]] rocksdb::Status flush() {
    if (status_.ok()) status_ = target_.db().Write(rocksdb::WriteOptions(), &batch_);
    batch_.Clear();
    return status_;
  }
  [[nodiscard]] Salvage& found() { return found_; }

 private:
  void put_record(const rocksdb::Slice& key, const rocksdb::Slice& value) {
    const auto seq = SeqKey::parse(key);
    if (!seq) return;
    const auto error = schemas::decode_record_into(to_view(value), event_, hashes_);
    if (error || event_.seq != *seq) return;
    found_.highest = std::max(found_.highest, *seq);
    stage(target_.log(), key, value);
  }
  void stage(rocksdb::ColumnFamilyHandle* family, const rocksdb::Slice& key,
             const rocksdb::Slice& value) {
    status_ = batch_.Put(family, key, value);
    if (status_.ok() && batch_.GetDataSize() >= kBatchBytesMax) (void)flush();
  }

  const Rocks& target_;
  rocksdb::WriteBatch batch_;
  rocksdb::Status status_;
  Salvage found_;
  core::Event event_;
  schemas::RecordHashes hashes_;
};

/// All families of an open database; true: read to the end without an error.
bool sift_database(const Rocks& source, Sieve& sieve) {
  bool whole = true;
  rocksdb::ReadOptions options = scan_read();
  const auto sift = [&](std::uint32_t number, rocksdb::ColumnFamilyHandle* family) {
    const std::unique_ptr<rocksdb::Iterator> at(source.db().NewIterator(options, family));
    for (at->SeekToFirst(); at->Valid(); at->Next()) sieve.put(number, at->key(), at->value());
    if (at->status().ok()) return;
    whole = false;
    // A bad block in the middle ends a scan: what lies behind it is reached from the other end.
    for (at->SeekToLast(); at->Valid(); at->Prev()) sieve.put(number, at->key(), at->value());
  };
  sift(kLog, source.log());
  sift(kEffects, source.effects());
  sift(kContent, source.content());
  sift(kMeta, source.meta());
  return whole;
}

class BatchSifter final : public rocksdb::WriteBatch::Handler {
 public:
  explicit BatchSifter(Sieve& sieve) : sieve_(sieve) {}
  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    sieve_.put(family, key, value);
    return rocksdb::Status::OK();
  }
  // What was deleted is said by `meta`, and taken out at the end.
  rocksdb::Status DeleteCF(std::uint32_t /*family*/, const rocksdb::Slice& /*key*/) override {
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteRangeCF(std::uint32_t /*family*/, const rocksdb::Slice& /*begin*/,
                                const rocksdb::Slice& /*end*/) override {
    return rocksdb::Status::OK();
  }

 private:
  Sieve& sieve_;
};

/// A write-ahead log of RocksDB (its log_format.h): blocks of 32 KiB with fragments, each of
/// crc u32, length u16, type u8 (full, first, middle, last), data. Where a fragment makes no sense
/// the rest of its block is left out. Checksums are not looked at: what comes out proves itself.
void sift_wal(core::BytesView file, Sieve& sieve) {
  constexpr std::size_t kBlock = 32'768;
  constexpr std::size_t kHeader = 7;
  enum : std::uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };
  BatchSifter sifter(sieve);
  std::string logical;
  const auto finish = [&] {
    if (logical.size() >= 12) rocksdb::WriteBatch(logical).Iterate(&sifter).PermitUncheckedError();
    logical.clear();
  };
  for (std::size_t block = 0; block < file.size(); block += kBlock) {
    core::BytesView rest = file.subspan(block, std::min(kBlock, file.size() - block));
    while (rest.size() >= kHeader) {
      const std::size_t length = get_le<std::uint16_t>(rest.subspan(4));
      const std::uint8_t type = rest[6];
      if (type < kFull || type > kLast || length > rest.size() - kHeader) {
        logical.clear();
        break;
      }
      if (type == kFull || type == kFirst) logical.clear();
      logical.append(to_slice(rest.subspan(kHeader, length)).data(), length);
      if (type == kFull || type == kLast) finish();
      rest = rest.subspan(kHeader + length);
    }
  }
}

/// A blob file of RocksDB (its blob_log_format.h): a header of 30 bytes, then records of key size
/// u64, value size u64, expiration u64, two checksums u32, key, value.
void sift_blobs(core::BytesView file, Sieve& sieve) {
  constexpr std::size_t kFileHeader = 30;
  constexpr std::size_t kRecordHeader = 32;
  if (file.size() < kFileHeader) return;
  core::BytesView rest = file.subspan(kFileHeader);
  while (rest.size() >= kRecordHeader) {
    const auto key_size = get_le<std::uint64_t>(rest);
    const auto value_size = get_le<std::uint64_t>(rest.subspan(8));
    rest = rest.subspan(kRecordHeader);
    if (key_size > rest.size() || value_size > rest.size() - key_size) return;
    const auto key = rest.first(static_cast<std::size_t>(key_size));
    const auto value =
        rest.subspan(static_cast<std::size_t>(key_size), static_cast<std::size_t>(value_size));
    sieve.put(kContent, to_slice(key), to_slice(value));
    rest = rest.subspan(static_cast<std::size_t>(key_size + value_size));
  }
}

void sift_files(const std::filesystem::path& directory, const char* extension,
                void (*sift)(core::BytesView, Sieve&), Sieve& sieve) {
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() != extension) continue;
    const auto bytes = read_file(entry->path(), kFileBytesMax);
    if (bytes && bytes->has_value()) sift(**bytes, sieve);
  }
}

/// What RocksDB's own repair makes of the tables, on a copy.
void sift_repaired_copy(const std::filesystem::path& damaged, const std::filesystem::path& scratch,
                        Sieve& sieve) {
  std::error_code error;
  std::filesystem::remove_all(scratch, error);
  std::filesystem::copy(damaged, scratch, std::filesystem::copy_options::recursive, error);
  if (!error && Rocks::repair(scratch).ok()) {
    // Families without a table are forgotten by the repair: kCreate makes them again.
    const auto source = Rocks::open(scratch, RocksMode::kCreate, nullptr);
    if (source) (void)sift_database(**source, sieve);
  }
  std::filesystem::remove_all(scratch, error);
}

}  // namespace

IoResult<Salvage> salvage(const std::filesystem::path& damaged,
                          const std::filesystem::path& scratch, const Rocks& target) {
  Sieve sieve(target);
  {
    const auto source = Rocks::open(damaged, RocksMode::kReadOnlyUpToDamage, nullptr);
    if (source) sieve.found().was_read_whole = sift_database(**source, sieve);
  }
  if (!sieve.found().was_read_whole) {
    sift_repaired_copy(damaged, scratch, sieve);
    sift_files(damaged, ".blob", &sift_blobs, sieve);
  }
  // Also when the database opened: it stops at the first damaged record of a write-ahead log.
  sift_files(damaged, ".log", &sift_wal, sieve);
  if (const auto status = sieve.flush(); !status.ok()) {
    return Unexpected{rocks_failure(status, {}, "writing what was salvaged")};
  }
  return sieve.found();
}

}  // namespace preconf::storage
