// Long scans are shared by two threads, in pieces; short ones are not. Both must say the same about
// the same damage, and give the same events before it.
#include <functional>

#include "tests/storage/log_fixture.hpp"
#include "tests/support/storage_records.hpp"

namespace preconf::storage {
namespace {

using core::Seq;

constexpr std::uint64_t kEvents = 6'000;
constexpr std::uint64_t kDamagedAt = 5'555;
constexpr std::uint64_t kShortScanFrom = 5'000;

struct Damage {
  const char* name;
  std::function<void(RawLog&)> apply;
  StorageError code;
  std::uint64_t seq;
};

core::Bytes record(RawLog& raw, std::uint64_t seq) {
  return raw.get(RawLog::kLog, RawLog::key(Seq{seq}));
}
void put(RawLog& raw, std::uint64_t seq, const core::Bytes& bytes) {
  raw.put(RawLog::kLog, RawLog::key(Seq{seq}), bytes);
}
/// A record with one byte of its header changed, its hashes made right again.
std::function<void(RawLog&)> resealed(std::size_t header_byte, std::uint8_t value) {
  return [=](RawLog& raw) {
    const core::Bytes before = record(raw, kDamagedAt);
    core::Bytes refs;
    for (const core::ContentRef& ref :
         core::content_refs(schemas::decode_record(before)->event.body)) {
      refs.insert(refs.end(), ref.hash.bytes.begin(), ref.hash.bytes.end());
      for (int i = 0; i < 4; ++i) {
        refs.push_back(static_cast<std::uint8_t>(ref.size_bytes >> (8 * i)));
      }
    }
    auto parts = tests::RecordParts(before);
    parts.header(header_byte) = value;
    put(raw, kDamagedAt, parts.sealed(refs));
  };
}

const std::vector<Damage>& damages() {
  static const std::vector<Damage> list = {
      {"flipped byte",
       [](RawLog& raw) {
         core::Bytes bytes = record(raw, kDamagedAt);
         bytes[bytes.size() / 2] ^= 1;
         put(raw, kDamagedAt, bytes);
       },
       StorageError::kDamaged, kDamagedAt},
      {"missing", [](RawLog& raw) { raw.remove(RawLog::kLog, RawLog::key(Seq{kDamagedAt})); },
       StorageError::kDamaged, kDamagedAt},
      {"last missing", [](RawLog& raw) { raw.remove(RawLog::kLog, RawLog::key(Seq{kEvents - 1})); },
       StorageError::kDamaged, kEvents - 1},
      {"empty", [](RawLog& raw) { put(raw, kDamagedAt, {}); }, StorageError::kDamaged, kDamagedAt},
      {"too long", [](RawLog& raw) { put(raw, kDamagedAt, core::Bytes(3'000'000)); },
       StorageError::kUndecodable, kDamagedAt},
      {"another event's record",
       [](RawLog& raw) { put(raw, kDamagedAt, record(raw, kDamagedAt + 1)); },
       StorageError::kDamaged, kDamagedAt},
      {"changed and resealed", resealed(16, 0xee), StorageError::kDamaged, kDamagedAt + 1},
      {"unknown kind", resealed(56, 99), StorageError::kUnknownKind, kDamagedAt},
      {"lane out of bounds", resealed(60, 99), StorageError::kUndecodable, kDamagedAt},
      {"a key that is no seq",
       [](RawLog& raw) {
         std::string key(RawLog::key(Seq{kDamagedAt}));
         raw.put(RawLog::kLog, key + '\1', record(raw, kDamagedAt));
       },
       StorageError::kDamaged, kDamagedAt + 1},
      {"two damages, the later one in the same piece",
       [](RawLog& raw) {
         raw.remove(RawLog::kLog, RawLog::key(Seq{kDamagedAt}));
         put(raw, kDamagedAt + 3, core::Bytes(64));
       },
       StorageError::kDamaged, kDamagedAt},
  };
  return list;
}

void write_log(const std::filesystem::path& path) {
  tests::EventGenerator generator(21);
  const auto log = open_log(path, OpenMode::kCreate);
  append(*log, generator.batch(Seq{1}, kEvents), false);
}

/// The same as read_all, by runs.
ReadOutcome read_runs(const EventLog& log, std::size_t most) {
  ReadOutcome out;
  const auto reader = log.read(Seq{1});
  std::vector<LoggedEvent> run;
  for (;;) {
    const auto more = reader->next_run(run, most);
    if (!more) {
      out.failure = more.error();
      EXPECT_FALSE(reader->next_run(run, most).has_value()) << "a failure is forgotten";
      return out;
    }
    if (!*more) return out;
    EXPECT_LE(run.size(), most);
    out.events.insert(out.events.end(), run.begin(), run.end());
  }
}

void expect_same(const ReadOutcome& a, const ReadOutcome& b, std::size_t skipped) {
  ASSERT_EQ(a.events.size(), b.events.size() + skipped);
  for (std::size_t i = 0; i < b.events.size(); ++i) {
    ASSERT_EQ(a.events[i + skipped].event, b.events[i].event);
    ASSERT_EQ(a.events[i + skipped].chain, b.events[i].chain);
    ASSERT_EQ(a.events[i + skipped].effects_digest, b.events[i].effects_digest);
  }
  ASSERT_EQ(a.failure.has_value(), b.failure.has_value());
  if (!a.failure) return;
  EXPECT_EQ(a.failure->code, b.failure->code);
  EXPECT_EQ(a.failure->seq, b.failure->seq);
  EXPECT_EQ(a.failure->detail, b.failure->detail);
}

TEST(LongScan, says_about_damage_what_a_short_one_says) {
  for (const Damage& damage : damages()) {
    SCOPED_TRACE(damage.name);
    tests::TemporaryDirectory directory;
    write_log(directory.path());
    {
      RawLog raw(directory.path());
      damage.apply(raw);
    }
    const auto log = open_log(directory.path(), OpenMode::kReadOnly);
    ASSERT_NE(log, nullptr);
    const ReadOutcome whole = read_all(*log);
    ASSERT_TRUE(whole.failure.has_value());
    EXPECT_EQ(whole.failure->code, damage.code) << whole.failure->detail;
    EXPECT_EQ(whole.failure->seq, Seq{damage.seq}) << whole.failure->detail;
    EXPECT_EQ(whole.events.size(), damage.seq - 1);
    expect_same(whole, read_all(*log, Seq{kShortScanFrom}), kShortScanFrom - 1);
    for (const std::size_t most : {1u, 7u, 100u, 1'000u}) {
      expect_same(whole, read_runs(*log, most), 0);
    }
  }
}

TEST(LongScan, begins_behind_a_missing_event_only_where_the_chain_is_known) {
  tests::TemporaryDirectory directory;
  write_log(directory.path());
  {
    RawLog raw(directory.path());
    raw.remove(RawLog::kLog, RawLog::key(Seq{10}));
  }
  const auto log = open_log(directory.path(), OpenMode::kReadOnly);
  const ReadOutcome behind = read_all(*log, Seq{11});
  ASSERT_TRUE(behind.failure.has_value()) << "the chain before 11 is unknown";
  EXPECT_EQ(behind.failure->seq, Seq{10});
  EXPECT_TRUE(behind.events.empty());
  EXPECT_EQ(read_all(*log, Seq{12}).events.size(), kEvents - 11);
}

}  // namespace
}  // namespace preconf::storage
