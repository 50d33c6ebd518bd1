// The damage table of docs/log_format.md section 8: every kind is found, and named with its seq.
#include <gtest/gtest.h>

#include "schemas/codec/event_codec.hpp"
#include "tests/storage/log_fixture.hpp"
#include "tests/support/storage_records.hpp"

namespace preconf::storage {
namespace {

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

TEST_F(DamagedLog, damaged_record_in_the_middle_stops_the_reader) {
  {
    RawLog raw(path());
    core::Bytes bytes = record(raw, 10);
    bytes[bytes.size() / 2] ^= 1;
    raw.put(RawLog::kLog, RawLog::key(Seq{10}), bytes);
  }
  expect_unreadable(StorageError::kDamaged, Seq{10});
}

TEST_F(DamagedLog, missing_record_stops_the_reader) {
  {
    RawLog raw(path());
    raw.remove(RawLog::kLog, RawLog::key(Seq{10}));
  }
  expect_unreadable(StorageError::kDamaged, Seq{10});
  const auto log = open_log(path(), OpenMode::kReadOnly);
  const auto from_after = read_all(*log, Seq{11});
  ASSERT_TRUE(from_after.failure.has_value()) << "the chain before 11 is unknown";
  EXPECT_EQ(from_after.failure->seq, Seq{10});
  EXPECT_EQ(read_all(*log, Seq{12}).events.size(), 9u);
}

TEST_F(DamagedLog, replaced_record_breaks_the_chain_at_the_next) {
  {
    RawLog raw(path());
    auto parts = tests::RecordParts(record(raw, 10));
    parts.header(16) ^= 1;
    raw.put(RawLog::kLog, RawLog::key(Seq{10}), parts.sealed());
  }
  expect_unreadable(StorageError::kDamaged, Seq{11});
}

TEST_F(DamagedLog, kind_of_a_newer_program_is_named) {
  {
    RawLog raw(path());
    auto parts = tests::RecordParts(record(raw, 10));
    parts.header(56) = 99;
    raw.put(RawLog::kLog, RawLog::key(Seq{10}), parts.sealed());
  }
  expect_unreadable(StorageError::kUnknownKind, Seq{10});
}

TEST_F(DamagedLog, payload_out_of_bounds_is_undecodable) {
  {
    RawLog raw(path());
    auto parts = tests::RecordParts(record(raw, 10));
    parts.header(60) = 99;  // lane
    raw.put(RawLog::kLog, RawLog::key(Seq{10}), parts.sealed());
  }
  expect_unreadable(StorageError::kUndecodable, Seq{10});
}

TEST_F(DamagedLog, flipped_byte_in_a_table_file_stops_the_reader) {
  { RawLog(path()).flush(); }
  for (const auto& entry : std::filesystem::directory_iterator(path() / "log")) {
    if (entry.path().extension() == ".sst" && entry.file_size() > 5000) {
      flip_byte(entry.path(), 2000);
    }
  }
  const auto log = EventLog::open(path(), OpenMode::kReadOnly);
  if (!log) {  // the block with the last event is the same one
    EXPECT_EQ(log.error().code, StorageError::kDamaged);
    return;
  }
  const auto read = read_all(**log);
  ASSERT_TRUE(read.failure.has_value());
  EXPECT_EQ(read.failure->code, StorageError::kDamaged);
  EXPECT_EQ(read.failure->seq, Seq{read.events.size() + 1});
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

TEST_F(DamagedLog, changed_content_is_absent) {
  EventGenerator generator(12);
  const Content content = tests::content_of(generator.bytes(6000));
  {
    const auto log = open_log(path(), OpenMode::kWrite);
    EventBatch batch = generator.batch(Seq{21}, 1);
    batch.contents = {content};
    append(*log, batch);
  }
  const core::BytesView hash = content.hash.view();
  const std::string key(hash.begin(), hash.end());
  {
    RawLog raw(path());
    core::Bytes changed = *content.bytes;
    changed[3000] ^= 1;
    raw.put(RawLog::kContent, key, changed);
  }
  const auto log = open_log(path(), OpenMode::kWrite);
  EXPECT_EQ(log->content(content.hash), nullptr);
  EventBatch again = generator.batch(Seq{22}, 1);
  again.contents = {content};
  append(*log, again);
  ASSERT_NE(log->content(content.hash), nullptr) << "offered again, it is stored again";
}

TEST(DamagedContent, missing_blob_file_is_noticed) {
  TemporaryDirectory directory;
  const auto golden = std::filesystem::path(PRECONF_TESTS_DIR) / "golden" / "log_v1";
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

TEST_F(DamagedLog, odd_digest_group_is_absent) {
  {
    RawLog raw(path());
    raw.put(RawLog::kEffects, RawLog::key(Seq{3}), core::Bytes(33));
    raw.put(RawLog::kEffects, "odd key", core::Bytes(32));
  }
  const auto log = open_log(path(), OpenMode::kReadOnly);
  const auto read = read_all(*log);
  ASSERT_EQ(read.events.size(), 20u);
  EXPECT_FALSE(read.events[2].effects_digest.has_value());
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
