// A log to be repaired, and what must be left of it.
#pragma once

#include <gtest/gtest.h>

#include "storage/high_water_mark.hpp"
#include "storage/log_repair.hpp"
#include "storage/rocks.hpp"
#include "tests/storage/log_fixture.hpp"

namespace preconf::storage {

class RepairTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kEvents = 40;

  /// Half of the events in tables, half in the write-ahead log; large content in blob files.
  void make(bool flushed = true) {
    {
      const auto log = open_log(path(), OpenMode::kCreate);
      EventBatch first = batch(core::Seq{1}, kEvents / 2);
      large_ = tests::content_of(generator_.bytes(6'000));
      first.contents.push_back(large_);
      write(*log, first);
    }
    if (flushed) flush();
    const auto log = open_log(path(), OpenMode::kWrite);
    write(*log, batch(core::Seq{kEvents / 2 + 1}, kEvents / 2));
    ASSERT_TRUE(log->write_high_water_mark(log->end()).has_value());
    before_ = read_all(*log).events;
  }
  /// Events that refer to no content: what is not stored would be a loss of its own.
  EventBatch batch(core::Seq first, std::size_t count) {
    EventBatch out;
    for (core::Seq seq = first; out.events.size() < count; seq = core::next(seq)) {
      core::Event event = generator_.event(seq);
      while (!core::content_refs(event.body).empty()) event = generator_.event(seq);
      out.events.push_back(std::move(event));
    }
    return out;
  }
  void write(EventLog& log, const EventBatch& batch) {
    EffectsDigests digests{batch.events.front().seq, {}};
    for (std::size_t i = 0; i < batch.events.size(); ++i) {
      digests.digests.push_back(generator_.fixed<32>());
    }
    const EventBatch* batches[] = {&batch};
    ASSERT_TRUE(log.append(batches, std::span(&digests, 1), true).has_value());
  }
  /// Moves everything into tables and blob files, as the log makes them.
  void flush() {
    const auto rocks = Rocks::open(path() / "log", RocksMode::kWrite, nullptr);
    ASSERT_TRUE(rocks.has_value());
    ASSERT_TRUE((*rocks)
                    ->db()
                    .Flush(rocksdb::FlushOptions(), {(*rocks)->log(), (*rocks)->effects(),
                                                     (*rocks)->content(), (*rocks)->meta()})
                    .ok());
  }
  /// No file has the record as it was.
  void damage_record(core::Seq seq) {
    {
      RawLog raw(path());
      core::Bytes record = raw.get(RawLog::kLog, RawLog::key(seq));
      record[record.size() / 2] ^= 1;
      raw.put(RawLog::kLog, RawLog::key(seq), record);
    }
    flush();
    const auto rocks = Rocks::open(path() / "log", RocksMode::kWrite, nullptr);
    ASSERT_TRUE(rocks.has_value());
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE((*rocks)->db().CompactRange(options, (*rocks)->log(), nullptr, nullptr).ok());
  }
  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "node"; }

  RepairReport repair(RepairOptions options = {}) {
    options.now.value = 77;
    auto report = repair_log(path(), options);
    EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().detail);
    return report ? std::move(report).value() : RepairReport{};
  }

  /// The log is sound again: the old events up to `kept`, then the gap.
  void expect_repaired(const RepairReport& report, std::uint64_t kept, std::uint64_t to) {
    EXPECT_EQ(report.end.seq, core::Seq{to + 1});
    const auto log = open_log(path(), OpenMode::kReadOnly);
    ASSERT_NE(log, nullptr);
    const auto read = read_all(*log);
    EXPECT_FALSE(read.failure.has_value()) << read.failure->detail;
    ASSERT_EQ(read.events.size(), kept + 1);
    for (std::size_t i = 0; i < kept; ++i) {
      EXPECT_EQ(read.events[i].event, before_[i].event);
      EXPECT_EQ(read.events[i].chain, before_[i].chain);
      EXPECT_EQ(read.events[i].effects_digest, before_[i].effects_digest);
    }
    const core::Event& last = read.events.back().event;
    const auto& gap = std::get<core::events::LogGapRecorded>(last.body);
    EXPECT_EQ(last.seq, core::Seq{to + 1});
    EXPECT_EQ(last.wall.value, 77u);
    EXPECT_EQ(gap.from, core::Seq{kept + 1});
    EXPECT_EQ(gap.to, core::Seq{to});
    EXPECT_FALSE(read.events.back().effects_digest.has_value());
    EXPECT_EQ(read_mark(path() / "high_water")->position, log->end());
    EXPECT_FALSE(std::filesystem::exists(path() / "REPAIR"));
    EXPECT_FALSE(std::filesystem::exists(path() / "log.repairing"));
    EXPECT_FALSE(std::filesystem::exists(path() / "log.scratch"));
    EXPECT_TRUE(repair_again_says_sound());
  }
  bool repair_again_says_sound() {
    const RepairReport again = repair();
    return again.was_sound && !again.gap;
  }
  void go_on() {
    const auto log = open_log(path(), OpenMode::kWrite);
    ASSERT_NE(log, nullptr);
    append(*log, batch(core::next(log->end().seq), 3));
    EXPECT_FALSE(read_all(*log).failure.has_value());
  }
  void cut_wal(std::uint64_t left) { std::filesystem::resize_file(wal_of(path()), left); }

  tests::TemporaryDirectory directory_;
  tests::EventGenerator generator_{11};
  Content large_;
  std::vector<LoggedEvent> before_;
};

}  // namespace preconf::storage
