// A log to be damaged, and what must be said about it.
#pragma once

#include <gtest/gtest.h>

#include "tests/storage/log_fixture.hpp"
#include "tests/support/storage_records.hpp"

namespace preconf::storage {

using core::Seq;
using tests::EventGenerator;
using tests::TemporaryDirectory;

/// Twenty events, each written on its own; remembers how long the write-ahead log was after each.
class DamagedLog : public ::testing::Test {
 protected:
  void SetUp() override {
    EventGenerator generator(11);
    const auto log = open_log(path(), OpenMode::kCreate);
    wal_sizes_.push_back(0);
    for (std::uint64_t seq = 1; seq <= 20; ++seq) {
      positions_.push_back(append(*log, generator.batch(Seq{seq}, 1), false));
      wal_sizes_.push_back(std::filesystem::file_size(wal_of(path())));
    }
  }
  void write_mark(Seq seq) {
    const auto log = open_log(path(), OpenMode::kWrite);
    ASSERT_TRUE(log->write_high_water_mark(positions_[seq.value - 1]).has_value());
  }
  /// Reopening moved the events to another write-ahead log only if it flushed; it must not have.
  [[nodiscard]] std::filesystem::path wal() const {
    for (const auto& entry : std::filesystem::directory_iterator(path() / "log")) {
      if (entry.path().extension() == ".log" && entry.file_size() >= wal_sizes_.back()) {
        return entry.path();
      }
    }
    ADD_FAILURE() << "no write-ahead log of the full size";
    return {};
  }
  void expect_refused(StorageError code, Seq seq) {
    for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kWrite, OpenMode::kCreate}) {
      const StorageFailure failure = open_failure(path(), mode);
      EXPECT_EQ(failure.code, code) << failure.detail;
      EXPECT_EQ(failure.seq, seq) << failure.detail;
      EXPECT_FALSE(failure.detail.empty());
    }
  }
  void expect_end(Seq seq) {
    const auto log = open_log(path(), OpenMode::kWrite);
    ASSERT_NE(log, nullptr);
    EXPECT_EQ(log->end().seq, seq);
    EXPECT_EQ(read_all(*log).events.size(), seq.value);
  }
  /// Reading stops before `seq` with `code`; opening is not disturbed.
  void expect_unreadable(StorageError code, Seq seq) {
    const auto log = open_log(path(), OpenMode::kReadOnly);
    ASSERT_NE(log, nullptr);
    const auto reader = log->read(Seq{1});
    for (std::uint64_t i = 1; i < seq.value; ++i) {
      const auto next = reader->next();
      ASSERT_TRUE(next.has_value()) << next.error().detail;
      ASSERT_TRUE(next->has_value());
    }
    for (int again = 0; again < 2; ++again) {
      const auto next = reader->next();
      ASSERT_FALSE(next.has_value());
      EXPECT_EQ(next.error().code, code) << next.error().detail;
      EXPECT_EQ(next.error().seq, seq) << next.error().detail;
    }
  }
  [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }
  [[nodiscard]] core::Bytes record(RawLog& raw, std::uint64_t seq) {
    return raw.get(RawLog::kLog, RawLog::key(Seq{seq}));
  }

  TemporaryDirectory directory_;
  std::vector<LogPosition> positions_;
  std::vector<std::uint64_t> wal_sizes_;
};

}  // namespace preconf::storage
