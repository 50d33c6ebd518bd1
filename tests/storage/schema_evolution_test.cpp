// What a program does with records of newer and older programs (docs/log_format.md, sections 4, 9).
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "core/base/hex.hpp"
#include "schemas/codec/event_codec.hpp"
#include "schemas/codec/upcast.hpp"
#include "tests/storage/log_fixture.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::storage {
namespace {

namespace events = core::events;
using core::Seq;
using schemas::CodecError;

const std::filesystem::path kGolden = std::filesystem::path(preconf::tests::tests_dir()) / "golden";

std::map<std::string, core::Bytes> handmade() {
  std::map<std::string, core::Bytes> out;
  std::ifstream file(kGolden / "records_handmade.txt");
  for (std::string name, hex; file >> name >> hex;) out[name] = core::from_hex(hex).value();
  return out;
}

TEST(SchemaEvolution, unknown_kinds_are_refused_unless_they_say_that_they_may_be_ignored) {
  const auto records = handmade();
  const std::map<std::string, CodecError> refused = {
      {"unknown_kind", CodecError::kUnknownKind},
      {"unknown_outcome", CodecError::kUnknownKind},
      {"kind_zero", CodecError::kUnknownKind},
      {"ignorable_outcome", CodecError::kOutOfBounds},
      {"ignorable_with_cause", CodecError::kOutOfBounds},
      {"ignorable_bad_lane", CodecError::kOutOfBounds},
      {"ignorable_reserved_flag", CodecError::kOutOfBounds},
      {"kind_zero_ignorable", CodecError::kOutOfBounds},
      {"known_flagged_ignorable", CodecError::kOutOfBounds},
      {"known_reserved_flag", CodecError::kOutOfBounds},
      {"known_newer_version", CodecError::kUnknownVersion},
      {"known_version_zero", CodecError::kUnknownVersion},
      {"boot_newer_version", CodecError::kUnknownVersion}};
  const std::set<std::string> accepted = {"known", "ignorable", "ignorable_empty"};
  ASSERT_EQ(records.size(), refused.size() + accepted.size());
  for (const auto& [name, record] : records) {
    const auto decoded = schemas::decode_record(record);
    ASSERT_EQ(decoded.has_value(), accepted.contains(name)) << name;
    if (decoded) continue;
    EXPECT_EQ(decoded.error(), refused.at(name)) << name;
  }
}

TEST(SchemaEvolution, an_ignorable_event_keeps_position_origin_and_content) {
  const auto decoded = schemas::decode_record(handmade().at("ignorable"));
  ASSERT_TRUE(decoded.has_value());
  const core::Event& event = decoded->event;
  EXPECT_EQ(event.seq, Seq{1});
  EXPECT_EQ(event.source_id, 6u);
  const auto& body = std::get<events::IgnorableRecorded>(event.body);
  EXPECT_EQ(body.kind, 999);
  EXPECT_EQ(body.schema_version, 3);
  // SHA-256 of "content".
  const auto hash =
      core::fixed_from_hex<32>("ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73");
  ASSERT_TRUE(hash.has_value());
  const core::ContentRef ref{*hash, 77};
  EXPECT_EQ(core::content_refs(event.body), (std::vector{ref, ref}));
  EXPECT_EQ(core::kind_of(event.body), core::EventKind::kIgnorable);
  EXPECT_FALSE(schemas::encodable(event)) << "nobody writes what he does not know";
}

/// Payload bytes of a record.
core::Bytes payload_of(const core::Bytes& record) {
  // The payload is the vector behind field 1 of the envelope.
  const auto u32 = [&record](std::size_t at) {
    return static_cast<std::size_t>(record[at]) | static_cast<std::size_t>(record[at + 1]) << 8 |
           static_cast<std::size_t>(record[at + 2]) << 16 |
           static_cast<std::size_t>(record[at + 3]) << 24;
  };
  const std::size_t table = u32(0);
  const std::size_t vtable = table - u32(table);
  const std::size_t field = table + record[vtable + 6];
  const std::size_t vector = field + u32(field);
  const auto begin = record.begin() + static_cast<std::ptrdiff_t>(vector + 4);
  return {begin, begin + static_cast<std::ptrdiff_t>(u32(vector))};
}

core::BytesView aligned(std::vector<std::uint64_t>& words, const core::Bytes& bytes) {
  words.assign(bytes.size() / 8 + 1, 0);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::uint8_t*>(words.data()));
  return {reinterpret_cast<const std::uint8_t*>(words.data()), bytes.size()};
}

/// tests/golden/upcast_boot_started.txt: payload of version 1 as released, and what it becomes.
TEST(SchemaEvolution, boot_started_1_becomes_2_with_an_unknown_clock) {
  std::ifstream file(kGolden / "upcast_boot_started.txt");
  std::string old_hex;
  std::string new_hex;
  file >> old_hex >> new_hex;
  std::vector<std::uint64_t> words;
  const core::Bytes old_bytes = core::from_hex(old_hex).value();
  schemas::UpcastBuffers buffers;
  const auto made =
      schemas::upcast(core::EventKind::kBootStarted, 1, aligned(words, old_bytes), buffers);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(core::to_hex(*made), new_hex);

  std::ifstream records(kGolden / "records_v1.hex");
  std::string line;
  std::getline(records, line);
  std::getline(records, line);
  EXPECT_EQ(payload_of(core::from_hex(line).value()), old_bytes) << "as it was released";
  const auto decoded = schemas::decode_record(core::from_hex(line).value());
  ASSERT_TRUE(decoded.has_value());
  EXPECT_FALSE(std::get<events::BootStarted>(decoded->event.body).clock_error_ns.has_value());
}

TEST(SchemaEvolution, the_newest_version_is_left_as_it_is) {
  std::vector<std::uint64_t> words;
  const core::Bytes bytes(24, 9);
  schemas::UpcastBuffers buffers;
  const core::BytesView view = aligned(words, bytes);
  for (std::uint16_t kind = 1; kind <= core::kEventKindMax; ++kind) {
    const auto name = static_cast<core::EventKind>(kind);
    const auto same = schemas::upcast(name, schemas::newest_version(name), view, buffers);
    ASSERT_TRUE(same.has_value());
    EXPECT_EQ(same->data(), view.data());
  }
  EXPECT_FALSE(schemas::upcast(core::EventKind::kBootStarted, 1, view, buffers).has_value())
      << "not a buffer of version 1";
}

TEST(SchemaEvolution, clock_error_and_the_new_kinds_survive_writing) {
  core::Event event;
  event.seq = Seq{10};
  const core::Hash32 chain = tests::EventGenerator(1).fixed<32>();
  const std::vector<core::EventBody> bodies = {
      events::BootStarted{{}, "p", std::nullopt},
      events::BootStarted{{}, "p", 0},
      events::BootStarted{{}, "p", 1'500'000},
      events::LogGapRecorded{Seq{5}, Seq{9}, chain, "tail_lost", true},
      events::LogGapRecorded{Seq{10}, Seq{9}, std::nullopt, "", false},
      events::ReducerActivated{1, 2, chain}};
  schemas::RecordEncoder encoder;
  for (const core::EventBody& body : bodies) {
    event.body = body;
    ASSERT_TRUE(schemas::encodable(event));
    const auto decoded = schemas::decode_record(encoder.encode(event, chain).bytes);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->event, event);
  }
}

// ------------------------------------------------------------------------------------------ gaps

core::Event gap(Seq from, Seq to) {
  core::Event event;
  event.seq = core::next(to);
  event.body = events::LogGapRecorded{from, to, std::nullopt, "test", true};
  return event;
}

TEST(Gaps, only_a_gap_record_may_leave_seqs_out) {
  const core::Event right = gap(Seq{4}, Seq{8});
  EXPECT_TRUE(core::follows(Seq{3}, right));
  EXPECT_FALSE(core::follows(Seq{2}, right));
  EXPECT_FALSE(core::follows(Seq{4}, right));
  EXPECT_FALSE(core::follows(Seq{8}, right)) << "dense, but it says something else";
  EXPECT_TRUE(core::follows(Seq{3}, gap(Seq{4}, Seq{3}))) << "an empty gap: the end is not proved";
  core::Event moved = right;
  moved.seq = Seq{10};
  EXPECT_FALSE(core::follows(Seq{3}, moved));
  core::Event endless = gap(Seq{4}, Seq{~std::uint64_t{0}});
  EXPECT_FALSE(core::follows(Seq{3}, endless));
}

TEST(Gaps, are_read_from_every_position) {
  tests::TemporaryDirectory directory;
  const auto log = open_log(directory.path() / "n", OpenMode::kCreate);
  tests::EventGenerator generator(3);
  append(*log, generator.batch(Seq{1}, 3));
  append(*log, EventBatch{{gap(Seq{4}, Seq{8})}, {}});
  append(*log, generator.batch(Seq{10}, 2));
  for (std::uint64_t from = 0; from <= 12; ++from) {
    const auto read = read_all(*log, Seq{from});
    ASSERT_FALSE(read.failure.has_value()) << from << read.failure->detail;
    const std::uint64_t first = from <= 3 ? std::max<std::uint64_t>(from, 1) : from <= 9 ? 9 : from;
    ASSERT_EQ(read.events.empty(), from == 12) << from;
    if (read.events.empty()) continue;
    EXPECT_EQ(read.events.front().event.seq, Seq{first}) << from;
  }
  EXPECT_FALSE(log->chain_at(Seq{6}).has_value());
}

TEST(Gaps, missing_events_without_a_record_are_damage) {
  tests::TemporaryDirectory directory;
  {
    const auto log = open_log(directory.path() / "n", OpenMode::kCreate);
    tests::EventGenerator generator(4);
    const LogPosition end = append(*log, generator.batch(Seq{1}, 9));
    append(*log, EventBatch{{gap(Seq{10}, Seq{12})}, {}});
    ASSERT_EQ(end.seq, Seq{9});
  }
  RawLog(directory.path() / "n").remove(RawLog::kLog, RawLog::key(Seq{9}));
  const auto log = open_log(directory.path() / "n", OpenMode::kReadOnly);
  if (log == nullptr) return;
  const auto read = read_all(*log);
  ASSERT_TRUE(read.failure.has_value());
  EXPECT_EQ(read.failure->seq, Seq{9});
}

}  // namespace
}  // namespace preconf::storage
