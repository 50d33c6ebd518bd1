// What the tests of the log share.
#pragma once

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <fstream>

#include "storage/event_log.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::storage {

inline std::unique_ptr<EventLog> open_log(const std::filesystem::path& path, OpenMode mode,
                                          rocksdb::Env* env = nullptr) {
  auto log = EventLog::open(path, mode, env);
  EXPECT_TRUE(log.has_value()) << (log ? "" : log.error().detail);
  return log ? std::move(log).value() : nullptr;
}

/// The failure of an opening that must fail.
inline StorageFailure open_failure(const std::filesystem::path& path, OpenMode mode) {
  const auto log = EventLog::open(path, mode);
  EXPECT_FALSE(log.has_value());
  return log ? StorageFailure{} : log.error();
}

inline LogPosition append(EventLog& log, const EventBatch& batch, bool sync = true) {
  const EventBatch* batches[] = {&batch};
  const auto position = log.append(batches, {}, sync);
  EXPECT_TRUE(position.has_value()) << (position ? "" : position.error().detail);
  return position ? *position : LogPosition{};
}

/// All events from `from` on, and the failure that ended the reading, if one did.
struct ReadOutcome {
  std::vector<LoggedEvent> events;
  std::optional<StorageFailure> failure;
};
inline ReadOutcome read_all(const EventLog& log, core::Seq from = core::Seq{1}) {
  ReadOutcome out;
  const auto reader = log.read(from);
  for (;;) {
    auto next = reader->next();
    if (!next) {
      out.failure = next.error();
      return out;
    }
    if (!next->has_value()) return out;
    out.events.push_back(std::move(**next));
  }
}

/// The one write-ahead log file of a log that was never flushed.
inline std::filesystem::path wal_of(const std::filesystem::path& directory) {
  std::filesystem::path out;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "log")) {
    if (entry.path().extension() == ".log" && entry.file_size() > 0) {
      EXPECT_TRUE(out.empty());
      out = entry.path();
    }
  }
  EXPECT_FALSE(out.empty());
  return out;
}

inline void flip_byte(const std::filesystem::path& path, std::uint64_t offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const int byte = file.get();
  ASSERT_NE(byte, EOF);
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ 0x20));
}

/// The RocksDB database of a closed log, to put damage into it that its own checksums do not see.
class RawLog {
 public:
  explicit RawLog(const std::filesystem::path& directory) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const char* name : {"default", "log", "effects", "content", "meta"}) {
      families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    }
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::Open(rocksdb::DBOptions(), (directory / "log").string(),
                                          families, &handles_, &db);
    EXPECT_TRUE(status.ok()) << status.ToString();
    db_.reset(db);
  }
  ~RawLog() {
    for (auto* handle : handles_) {
      EXPECT_TRUE(db_->DestroyColumnFamilyHandle(handle).ok());
    }
  }
  RawLog(const RawLog&) = delete;
  RawLog& operator=(const RawLog&) = delete;

  enum Family : std::size_t { kLog = 1, kEffects = 2, kContent = 3 };

  [[nodiscard]] static std::string key(core::Seq seq) {
    std::string out;
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(seq.value >> shift);
    return out;
  }
  [[nodiscard]] core::Bytes get(Family family, const std::string& key) {
    std::string value;
    const auto status = db_->Get(rocksdb::ReadOptions(), handles_[family], key, &value);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return {value.begin(), value.end()};
  }
  void put(Family family, const std::string& key, core::BytesView value) {
    const rocksdb::Slice slice(reinterpret_cast<const char*>(value.data()), value.size());
    EXPECT_TRUE(db_->Put(rocksdb::WriteOptions(), handles_[family], key, slice).ok());
  }
  void remove(Family family, const std::string& key) {
    EXPECT_TRUE(db_->Delete(rocksdb::WriteOptions(), handles_[family], key).ok());
  }
  /// Moves everything from the write-ahead log into table files.
  void flush() {
    for (auto* handle : handles_) {
      EXPECT_TRUE(db_->Flush(rocksdb::FlushOptions(), handle).ok());
    }
  }

  /// The table files of a family, by name.
  [[nodiscard]] std::vector<std::string> tables(Family family) const {
    std::vector<rocksdb::LiveFileMetaData> files;
    db_->GetLiveFilesMetaData(&files);
    std::vector<std::string> out;
    for (const auto& file : files) {
      if (file.column_family_name != handles_[family]->GetName()) continue;
      out.push_back(file.name.substr(1));  // behind a slash
    }
    return out;
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace preconf::storage
