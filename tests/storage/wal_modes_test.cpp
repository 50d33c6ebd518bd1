// Why the log runs RocksDB as it does: what each of its four recovery modes makes of a damaged
// write-ahead log whose every record was acknowledged after a sync, and what our log says to the
// same damages. (With the default, kPointInTimeRecovery, half of the log vanishes without a word.)
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <optional>

#include "tests/storage/attack_log.hpp"
#include "tests/storage/log_fixture.hpp"

namespace preconf::storage {
namespace {

using core::Seq;
using rocksdb::WALRecoveryMode;
using tests::EventGenerator;
using tests::TemporaryDirectory;

constexpr std::size_t kRecords = 1000;
constexpr std::size_t kValueBytes = 300;

enum class Damage : std::uint8_t { kTornTail, kFlipInTheMiddle, kZeros, kCutInside, kCutBetween };

/// What a damage does to a file whose records end at `ends`.
void damage(const std::filesystem::path& wal, const std::vector<std::uint64_t>& ends, Damage kind) {
  switch (kind) {
    case Damage::kTornTail:
      return std::filesystem::resize_file(wal, ends.back() - 100);
    case Damage::kFlipInTheMiddle:
      return flip_byte(wal, (ends[kRecords / 2 - 1] + ends[kRecords / 2]) / 2);
    case Damage::kZeros:
      return std::filesystem::resize_file(wal, ends.back() + 100);
    case Damage::kCutInside:
      return std::filesystem::resize_file(wal, ends[kRecords - 51] - 100);
    case Damage::kCutBetween:
      return std::filesystem::resize_file(wal, ends[kRecords - 52]);
  }
}

std::filesystem::path largest_wal(const std::filesystem::path& path) {
  std::filesystem::path out;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".log" && entry.file_size() > 0) out = entry.path();
  }
  return out;
}

std::string raw_key(std::size_t i) {
  char key[16];
  std::snprintf(key, sizeof(key), "%08zu", i);
  return key;
}

/// A bare database, each record written with sync = true.
class RawModes : public ::testing::Test {
 protected:
  void SetUp() override {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, made().string(), &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    rocksdb::WriteOptions sync;
    sync.sync = true;
    for (std::size_t i = 0; i < kRecords; ++i) {
      ASSERT_TRUE(db->Put(sync, raw_key(i), std::string(kValueBytes, 'v')).ok());
      ends_.push_back(std::filesystem::file_size(largest_wal(made())));
    }
  }
  /// Records present after opening, none when it refuses to open.
  std::optional<std::size_t> reopen(Damage kind, WALRecoveryMode mode) {
    const auto copy = directory_.path() / "copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(made(), copy, std::filesystem::copy_options::recursive);
    damage(largest_wal(copy), ends_, kind);
    rocksdb::Options options;
    options.wal_recovery_mode = mode;
    options.paranoid_checks = true;
    rocksdb::DB* raw = nullptr;
    if (!rocksdb::DB::Open(options, copy.string(), &raw).ok()) return std::nullopt;
    const std::unique_ptr<rocksdb::DB> db(raw);
    std::size_t present = 0;
    std::string value;
    holes_ = false;
    for (std::size_t i = 0; i < kRecords; ++i) {
      if (!db->Get(rocksdb::ReadOptions(), raw_key(i), &value).ok()) continue;
      holes_ = holes_ || present != i;
      ++present;
    }
    return present;
  }
  [[nodiscard]] std::filesystem::path made() const { return directory_.path() / "made"; }

  TemporaryDirectory directory_{attack_parent()};
  std::vector<std::uint64_t> ends_;
  bool holes_ = false;
};

constexpr auto kTolerant = WALRecoveryMode::kTolerateCorruptedTailRecords;
constexpr auto kAbsolute = WALRecoveryMode::kAbsoluteConsistency;
constexpr auto kPointInTime = WALRecoveryMode::kPointInTimeRecovery;
constexpr auto kSkipAny = WALRecoveryMode::kSkipAnyCorruptedRecords;
constexpr std::nullopt_t kRefuses = std::nullopt;

TEST_F(RawModes, torn_tail) {
  EXPECT_EQ(reopen(Damage::kTornTail, kTolerant), kRecords - 1);
  EXPECT_EQ(reopen(Damage::kTornTail, kAbsolute), kRefuses);
  EXPECT_EQ(reopen(Damage::kTornTail, kPointInTime), kRecords - 1);
  EXPECT_EQ(reopen(Damage::kTornTail, kSkipAny), kRecords - 1);
}

TEST_F(RawModes, flipped_bit_in_the_middle) {
  EXPECT_EQ(reopen(Damage::kFlipInTheMiddle, kTolerant), kRefuses);
  EXPECT_EQ(reopen(Damage::kFlipInTheMiddle, kAbsolute), kRefuses);
  EXPECT_EQ(reopen(Damage::kFlipInTheMiddle, kPointInTime), kRecords / 2) << "silently half";
  EXPECT_FALSE(holes_);
  const auto present = reopen(Damage::kFlipInTheMiddle, kSkipAny);
  ASSERT_TRUE(present.has_value());
  EXPECT_TRUE(holes_) << "silently a hole";
  EXPECT_GT(*present, kRecords / 2);
  EXPECT_LT(*present, kRecords);
}

TEST_F(RawModes, zeros_behind_the_end) {
  for (const auto mode : {kTolerant, kAbsolute, kPointInTime, kSkipAny}) {
    EXPECT_EQ(reopen(Damage::kZeros, mode), kRecords);
  }
}

TEST_F(RawModes, cut_inside_a_record) {
  EXPECT_EQ(reopen(Damage::kCutInside, kTolerant), kRecords - 51);
  EXPECT_EQ(reopen(Damage::kCutInside, kAbsolute), kRefuses);
  EXPECT_EQ(reopen(Damage::kCutInside, kPointInTime), kRecords - 51);
  EXPECT_EQ(reopen(Damage::kCutInside, kSkipAny), kRecords - 51);
}

TEST_F(RawModes, cut_between_records_is_seen_by_none) {
  for (const auto mode : {kTolerant, kAbsolute, kPointInTime, kSkipAny}) {
    EXPECT_EQ(reopen(Damage::kCutBetween, mode), kRecords - 51);
  }
}

/// The same damages to our log, every event of it below the mark, or none of the lost ones.
class OurLog : public ::testing::Test {
 protected:
  void SetUp() override {
    EventGenerator generator(5);
    const auto log = open_log(directory_.path(), OpenMode::kCreate);
    for (std::size_t i = 0; i < kRecords; ++i) {
      EventBatch batch;
      batch.events = {generator.event(Seq{i + 1}, 7)};
      positions_.push_back(append(*log, batch));
      ends_.push_back(std::filesystem::file_size(largest_wal(rocks())));
    }
    ASSERT_TRUE(log->write_high_water_mark(positions_[kLowMark - 1]).has_value());
  }
  void mark_all() {
    const auto log = open_log(directory_.path(), OpenMode::kWrite);
    ASSERT_TRUE(log->write_high_water_mark(positions_.back()).has_value());
  }
  void expect_refused(Damage kind, StorageError code, Seq seq) {
    damage(wal(), ends_, kind);
    for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kWrite}) {
      const StorageFailure failure = open_failure(directory_.path(), mode);
      EXPECT_EQ(failure.code, code) << failure.detail;
      EXPECT_EQ(failure.seq, seq) << failure.detail;
    }
  }
  void expect_end(Damage kind, Seq seq) {
    damage(wal(), ends_, kind);
    const auto log = open_log(directory_.path(), OpenMode::kWrite);
    ASSERT_NE(log, nullptr);
    EXPECT_EQ(log->end(), positions_[seq.value - 1]);
    EXPECT_EQ(read_all(*log).events.size(), seq.value);
  }
  [[nodiscard]] std::filesystem::path rocks() const { return directory_.path() / "log"; }
  [[nodiscard]] std::filesystem::path wal() const { return largest_wal(rocks()); }

  static constexpr std::size_t kLowMark = kRecords - 100;
  TemporaryDirectory directory_{attack_parent()};
  std::vector<LogPosition> positions_;
  std::vector<std::uint64_t> ends_;
};

TEST_F(OurLog, torn_tail_above_the_mark_is_dropped) {
  expect_end(Damage::kTornTail, Seq{kRecords - 1});
}
TEST_F(OurLog, torn_tail_below_the_mark_is_named) {
  mark_all();
  expect_refused(Damage::kTornTail, StorageError::kTailLost, Seq{kRecords - 1});
}
TEST_F(OurLog, flipped_bit_in_the_middle_is_named) {
  expect_refused(Damage::kFlipInTheMiddle, StorageError::kDamaged, Seq{kRecords / 2 + 1});
}
TEST_F(OurLog, zeros_behind_the_end_change_nothing) {
  mark_all();
  expect_end(Damage::kZeros, Seq{kRecords});
}
TEST_F(OurLog, cut_inside_a_record_below_the_mark_is_named) {
  mark_all();
  expect_refused(Damage::kCutInside, StorageError::kTailLost, Seq{kRecords - 51});
}
TEST_F(OurLog, cut_between_records_below_the_mark_is_named) {
  mark_all();
  expect_refused(Damage::kCutBetween, StorageError::kTailLost, Seq{kRecords - 51});
}
TEST_F(OurLog, cut_between_records_above_the_mark_can_not_be_told_from_the_end) {
  expect_end(Damage::kCutBetween, Seq{kRecords - 51});
}

}  // namespace
}  // namespace preconf::storage
