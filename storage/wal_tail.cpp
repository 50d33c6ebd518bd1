#include "storage/wal_tail.hpp"

#include <rocksdb/env.h>

#include <string>

#include "storage/crc32c.hpp"

namespace preconf::storage {

namespace {

// The format of RocksDB's write-ahead log: blocks of 32 KiB, in them records of
// masked crc32c (4) | length (2) | type (1) | bytes, none across a block boundary. A write is one
// record or a run of first, middle.., last; its bytes begin with the sequence number (8).
constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::uint8_t kFull = 1;
constexpr std::uint8_t kFirst = 2;
constexpr std::uint8_t kLast = 4;
constexpr std::size_t kSequenceBytes = 8;

std::uint64_t get(core::BytesView bytes, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

std::size_t length_at(core::BytesView block, std::size_t at) {
  return static_cast<std::size_t>(get(block.subspan(at + 4), 2));
}

/// Where the records of a block stop to follow each other; its size when they fill it.
std::size_t end_of_records(core::BytesView block) {
  std::size_t at = 0;
  while (kBlockBytes - at >= kHeaderBytes && at < block.size()) {
    if (block.size() - at < kHeaderBytes) return at;
    const std::uint8_t type = block[at + 6];
    const std::size_t end = at + kHeaderBytes + length_at(block, at);
    if (type < kFull || type > kLast || end > block.size()) return at;
    at = end;
  }
  return block.size();
}

/// A whole record that begins a write newer than `sequence`, from `at` on in the block.
bool has_newer_record(core::BytesView block, std::size_t at, std::uint64_t sequence) {
  for (; at + kHeaderBytes + kSequenceBytes <= block.size(); ++at) {
    const std::uint8_t type = block[at + 6];
    if (type != kFull && type != kFirst) continue;
    const std::size_t length = length_at(block, at);
    if (length < kSequenceBytes || at + kHeaderBytes + length > block.size()) continue;
    if (get(block.subspan(at + kHeaderBytes), kSequenceBytes) <= sequence) continue;
    if (get(block.subspan(at), 4) == masked_crc32c(block.subspan(at + 6, length + 1))) return true;
  }
  return false;
}

/// The file's blocks, one at a time.
class Blocks {
 public:
  Blocks(rocksdb::Env& env, const std::string& path) : buffer_(kBlockBytes) {
    if (!env.NewRandomAccessFile(path, &file_, rocksdb::EnvOptions()).ok()) file_.reset();
  }
  /// Empty at the end of the file, or when it can not be read.
  [[nodiscard]] core::BytesView read(std::uint64_t index) {
    rocksdb::Slice result;
    if (file_ == nullptr) return {};
    if (!file_->Read(index * kBlockBytes, kBlockBytes, &result, buffer_.data()).ok()) return {};
    return to_view(result);
  }

 private:
  std::unique_ptr<rocksdb::RandomAccessFile> file_;
  std::vector<char> buffer_;
};

/// Offset at which the records stop to follow each other, when newer whole ones lie behind it.
std::optional<std::uint64_t> hidden_from(rocksdb::Env& env, const std::string& path,
                                         std::uint64_t sequence) {
  Blocks blocks(env, path);
  std::optional<std::uint64_t> stop;
  for (std::uint64_t index = 0;; ++index) {
    const core::BytesView block = blocks.read(index);
    if (block.empty()) return std::nullopt;
    std::size_t from = 0;
    if (!stop) {
      from = end_of_records(block);
      if (from < block.size()) stop = index * kBlockBytes + from;
    }
    if (stop && has_newer_record(block, from, sequence)) return stop;
  }
}

}  // namespace

bool has_records_behind_the_tail(const Rocks& rocks, const std::filesystem::path& directory) {
  rocksdb::Env& env = *rocks.db().GetEnv();
  const std::uint64_t sequence = rocks.db().GetLatestSequenceNumber();
  std::vector<std::string> names;
  if (!env.GetChildren(directory.string(), &names).ok()) return false;
  for (const std::string& name : names) {
    if (!name.ends_with(".log")) continue;
    const std::string path = (directory / name).string();
    const auto stop = hidden_from(env, path, sequence);
    // What a running writer was just writing is whole by the time that a record is behind it.
    if (stop && hidden_from(env, path, sequence) == stop) return true;
  }
  return false;
}

}  // namespace preconf::storage
