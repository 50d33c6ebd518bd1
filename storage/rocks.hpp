// The RocksDB database of a log, configured for it. Private to storage/.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/result.hpp"
#include "core/types.hpp"

namespace preconf::storage {

enum class RocksMode : std::uint8_t {
  kCreate,
  kWrite,
  kReadOnly,
  kReadOnlyUpToDamage,  ///< for diagnosis: read-only, stops quietly at the first damaged record
};

/// An open database with its column families.
class Rocks {
 public:
  [[nodiscard]] static core::Result<std::unique_ptr<Rocks>, rocksdb::Status> open(
      const std::filesystem::path& directory, RocksMode mode, rocksdb::Env* env);
  ~Rocks();
  Rocks(const Rocks&) = delete;
  Rocks& operator=(const Rocks&) = delete;

  [[nodiscard]] rocksdb::DB& db() const { return *db_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* log() const { return handles_[1]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* effects() const { return handles_[2]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* content() const { return handles_[3]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* meta() const { return handles_[4]; }

 private:
  Rocks() = default;
  [[nodiscard]] rocksdb::Status check_content_files() const;

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

/// Point lookups: checksums verified.
[[nodiscard]] rocksdb::ReadOptions point_read();
/// Long forward scans: large read-ahead, and the block cache is left to others.
[[nodiscard]] rocksdb::ReadOptions scan_read();

/// A sequence number as a key: big-endian, so that byte order is numeric order.
class SeqKey {
 public:
  explicit SeqKey(core::Seq seq);
  [[nodiscard]] rocksdb::Slice slice() const { return {bytes_, sizeof(bytes_)}; }
  /// Nothing when `key` is not 8 bytes.
  [[nodiscard]] static std::optional<core::Seq> parse(const rocksdb::Slice& key);

 private:
  char bytes_[8];
};

[[nodiscard]] inline rocksdb::Slice to_slice(core::BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline core::BytesView to_view(const rocksdb::Slice& slice) {
  return {reinterpret_cast<const std::uint8_t*>(slice.data()), slice.size()};
}

}  // namespace preconf::storage
