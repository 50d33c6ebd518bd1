// The damage table of docs/log_format.md section 8, as far as reading finds it: the reader stops
// at the seq at fault.
#include "tests/storage/damaged_log.hpp"

namespace preconf::storage {
namespace {

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

// An auditor compares them: absent digests would be a weaker proof, and nobody would know.
TEST_F(DamagedLog, effects_digests_that_can_not_be_read_stop_the_reader) {
  std::vector<std::string> tables;
  {
    const auto log = open_log(path(), OpenMode::kWrite);
    const EffectsDigests digests[] = {
        {Seq{1}, std::vector<core::Hash32>(20, EventGenerator(5).fixed<32>())}};
    ASSERT_TRUE(log->append({}, digests, true).has_value());
  }
  {
    RawLog raw(path());
    raw.flush();
    tables = raw.tables(RawLog::kEffects);
  }
  ASSERT_EQ(tables.size(), 1U);
  flip_byte(path() / "log" / tables[0], 40);
  const auto log = open_log(path(), OpenMode::kReadOnly);
  ASSERT_NE(log, nullptr);
  const auto read = read_all(*log);
  ASSERT_TRUE(read.failure.has_value());
  EXPECT_EQ(read.failure->code, StorageError::kDamaged);
  EXPECT_EQ(read.failure->seq, Seq{1});
  EXPECT_NE(read.failure->detail.find("effects digest"), std::string::npos) << read.failure->detail;
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

}  // namespace
}  // namespace preconf::storage
