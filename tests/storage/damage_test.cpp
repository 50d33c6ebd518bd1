// The damage table of docs/log_format.md section 8, as far as opening finds it: refused, and named
// with its seq.
#include "tests/storage/damaged_log.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::storage {
namespace {

TEST_F(DamagedLog, torn_tail_above_the_mark_is_what_a_crash_leaves) {
  write_mark(Seq{15});
  std::filesystem::resize_file(wal(), wal_sizes_[18] - 10);
  expect_end(Seq{17});
  // The torn file stays behind while newer ones are written: it must not disturb later openings.
  for (std::uint64_t seq = 18; seq < 24; seq += 3) {
    EventGenerator generator(seq);
    {
      const auto log = open_log(path(), OpenMode::kWrite);
      ASSERT_NE(log, nullptr);
      append(*log, generator.batch(Seq{seq}, 3));
    }
    expect_end(Seq{seq + 2});
  }
}

TEST_F(DamagedLog, zeros_after_the_tail_are_preallocated_space) {
  write_mark(Seq{20});
  std::filesystem::resize_file(wal(), wal_sizes_[20] + 100);
  expect_end(Seq{20});
}

TEST_F(DamagedLog, cut_inside_a_record_below_the_mark_is_a_lost_tail) {
  write_mark(Seq{15});
  std::filesystem::resize_file(wal(), wal_sizes_[13] - 10);
  expect_refused(StorageError::kTailLost, Seq{12});
}

TEST_F(DamagedLog, cut_between_records_below_the_mark_is_a_lost_tail) {
  write_mark(Seq{15});
  std::filesystem::resize_file(wal(), wal_sizes_[14]);
  expect_refused(StorageError::kTailLost, Seq{14});
}

TEST_F(DamagedLog, missing_write_ahead_log_is_a_lost_tail) {
  write_mark(Seq{1});
  std::filesystem::remove(wal());
  const StorageFailure failure = open_failure(path(), OpenMode::kReadOnly);
  EXPECT_EQ(failure.code, StorageError::kTailLost) << failure.detail;
  EXPECT_EQ(failure.seq, Seq{0});
}

TEST_F(DamagedLog, flipped_byte_inside_the_write_ahead_log_refuses_with_the_seq) {
  write_mark(Seq{5});
  flip_byte(wal(), (wal_sizes_[9] + wal_sizes_[10]) / 2);  // event 10, above the mark
  expect_refused(StorageError::kDamaged, Seq{10});
}

TEST_F(DamagedLog, another_history_at_the_mark_is_refused) {
  write_mark(Seq{20});
  {
    RawLog raw(path());
    auto parts = tests::RecordParts(record(raw, 20));
    parts.header(8) ^= 1;  // the time of the event: valid in itself, but not what was durable
    raw.put(RawLog::kLog, RawLog::key(Seq{20}), parts.sealed());
  }
  expect_refused(StorageError::kDamaged, Seq{20});
}

TEST_F(DamagedLog, damaged_last_record_refuses_to_open) {
  {
    RawLog raw(path());
    core::Bytes bytes = record(raw, 20);
    bytes[bytes.size() / 2] ^= 1;
    raw.put(RawLog::kLog, RawLog::key(Seq{20}), bytes);
  }
  expect_refused(StorageError::kDamaged, Seq{20});
}

TEST_F(DamagedLog, record_at_another_key_is_refused) {
  {
    RawLog raw(path());
    raw.put(RawLog::kLog, RawLog::key(Seq{21}), record(raw, 20));
  }
  expect_refused(StorageError::kDamaged, Seq{21});
}

TEST_F(DamagedLog, missing_table_file_refuses_to_open) {
  { RawLog(path()).flush(); }
  for (const auto& entry : std::filesystem::directory_iterator(path() / "log")) {
    if (entry.path().extension() == ".sst") std::filesystem::remove(entry.path());
  }
  for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kWrite}) {
    const StorageFailure failure = open_failure(path(), mode);
    EXPECT_EQ(failure.code, StorageError::kDamaged) << failure.detail;
  }
}

TEST_F(DamagedLog, missing_database_refuses_to_open) {
  std::filesystem::remove_all(path() / "log");
  for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kWrite, OpenMode::kCreate}) {
    EXPECT_EQ(open_failure(path(), mode).code, StorageError::kDamaged);
  }
}

TEST_F(DamagedLog, one_torn_slot_of_the_mark_costs_a_step) {
  write_mark(Seq{10});
  write_mark(Seq{15});
  flip_byte(path() / "high_water", 16);  // the slot of one of the two marks
  expect_end(Seq{20});
}

TEST_F(DamagedLog, the_older_slot_still_proves_its_part) {
  write_mark(Seq{10});  // generation 2, slot 0
  write_mark(Seq{15});  // generation 3, slot 1
  flip_byte(path() / "high_water", 4096 + 16);
  const auto file = wal();
  std::filesystem::resize_file(file, wal_sizes_[12]);
  expect_end(Seq{12});
  std::filesystem::resize_file(file, wal_sizes_[9]);
  expect_refused(StorageError::kTailLost, Seq{9});
}

TEST_F(DamagedLog, without_a_mark_nothing_proves_the_tail) {
  flip_byte(path() / "high_water", 16);
  flip_byte(path() / "high_water", 4096 + 16);
  expect_refused(StorageError::kDamaged, Seq{20});
  std::filesystem::remove(path() / "high_water");
  expect_refused(StorageError::kDamaged, Seq{20});
}

TEST_F(DamagedLog, unknown_or_missing_version_is_refused) {
  { std::ofstream(path() / "VERSION") << "preconf-log 2\n"; }
  expect_refused(StorageError::kFormat, Seq{0});
  std::filesystem::remove(path() / "VERSION");
  EXPECT_EQ(open_failure(path(), OpenMode::kWrite).code, StorageError::kNotFound);
  const StorageFailure failure = open_failure(path(), OpenMode::kCreate);
  EXPECT_EQ(failure.code, StorageError::kFormat) << "events without VERSION";
  EXPECT_FALSE(std::filesystem::exists(path() / "VERSION"));
}

TEST(DamagedContent, missing_blob_file_is_noticed) {
  TemporaryDirectory directory;
  const auto golden = std::filesystem::path(preconf::tests::tests_dir()) / "golden" / "log_v1";
  std::filesystem::copy(golden, directory.path() / "copy",
                        std::filesystem::copy_options::recursive);
  std::size_t removed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path() / "copy" / "log")) {
    if (entry.path().extension() == ".blob") removed += std::filesystem::remove(entry.path());
  }
  ASSERT_EQ(removed, 1u);
  for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kWrite}) {
    const StorageFailure failure = open_failure(directory.path() / "copy", mode);
    EXPECT_EQ(failure.code, StorageError::kDamaged) << failure.detail;
  }
}

TEST(InterruptedCreation, is_completed_by_the_next_opening) {
  TemporaryDirectory directory;
  { open_log(directory.path(), OpenMode::kCreate); }
  // As if killed before VERSION was written, and before that, before the database was there.
  std::filesystem::remove(directory.path() / "VERSION");
  { open_log(directory.path(), OpenMode::kCreate); }
  std::filesystem::remove(directory.path() / "VERSION");
  std::filesystem::remove_all(directory.path() / "log");
  std::filesystem::remove(directory.path() / "high_water");
  const auto log = open_log(directory.path(), OpenMode::kCreate);
  ASSERT_NE(log, nullptr);
  EventGenerator generator(13);
  EXPECT_EQ(append(*log, generator.batch(Seq{1}, 1)).seq, Seq{1});
}

}  // namespace
}  // namespace preconf::storage
