// Logs written by schema version 1 must read back for ever (docs/log_format.md, section 9).
//
// tests/golden/records_v1.hex   one record per line, chained: one event of every shape
// tests/golden/log_v1/          the same events as a data directory; some in tables and blob files,
//                               some in the write-ahead log
//
// Both were written once, by DISABLED_write below, and are never written again. A new schema
// version adds files; it does not touch these.
#include <gtest/gtest.h>

#include <fstream>

#include "core/base/hex.hpp"
#include "schemas/codec/event_codec.hpp"
#include "storage/rocks.hpp"
#include "storage/snapshot_store.hpp"
#include "tests/storage/log_fixture.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::storage {
namespace {

using core::Seq;
namespace events = core::events;

const std::filesystem::path kGolden = std::filesystem::path(preconf::tests::tests_dir()) / "golden";

/// N bytes: first, first + 1, ...
template <std::size_t N>
core::FixedBytes<N> fixed(std::uint8_t first) {
  core::FixedBytes<N> out;
  for (std::size_t i = 0; i < N; ++i) out.bytes[i] = static_cast<std::uint8_t>(first + i);
  return out;
}
core::Bytes run(std::size_t size, std::uint8_t first) {
  core::Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(first + 3 * i);
  return out;
}

core::protocol::HeaderFacts header(std::uint8_t first) {
  return {{1'000'001},
          fixed<32>(first),
          fixed<32>(static_cast<std::uint8_t>(first + 1)),
          {1'760'000'002},
          fixed<20>(3),
          fixed<32>(4),
          core::U256::from_u64(5),
          30'000'006,
          21'007,
          10'000'008,
          run(7, 9)};
}

std::vector<core::EventBody> bodies() {
  std::vector<core::EventBody> out;
  out.emplace_back(events::GenesisRecorded{
      {167'001, fixed<32>(1), {2}, {~std::uint64_t{0}}, 3, 4, 5, 75, fixed<20>(6)},
      {fixed<32>(7), fixed<20>(8)},
      1});
  out.emplace_back(events::BootStarted{fixed<16>(9), "preconf 0.1.0"});
  out.emplace_back(events::ScheduleConfigured{
      {10, {{{100}, {200}, fixed<20>(11)}, {{200}, {300}, fixed<20>(12)}}}});
  out.emplace_back(
      events::IngressRejected{core::SourceKind::kGossip, "wrong_size", 13, fixed<32>(14)});
  out.emplace_back(events::L1SyncObserved{true, {15}, core::BlockNumber{0}});
  out.emplace_back(events::L1SyncObserved{false, {0}, std::nullopt});
  out.emplace_back(events::CommitmentReceived{run(core::protocol::kSignedCommitmentBytes, 16),
                                              {core::protocol::CommitmentDefect::kNone,
                                               fixed<32>(17),
                                               fixed<32>(18),
                                               fixed<32>(19),
                                               fixed<20>(20),
                                               true,
                                               {21},
                                               {22},
                                               23,
                                               fixed<20>(24),
                                               {25},
                                               fixed<32>(26),
                                               fixed<32>(27),
                                               {28},
                                               {29},
                                               fixed<20>(30)},
                                              1});
  out.emplace_back(
      events::TxListReceived{{tests::content_of(run(5'000, 31)).hash,
                              5'000,
                              core::protocol::TxListDefect::kNone,
                              32,
                              33,
                              fixed<32>(34),
                              {core::protocol::AnchorDefect::kNone, fixed<20>(35), fixed<20>(36),
                               37, 38, 39, core::U256::from_u64(40), core::U256::from_u64(41), true,
                               42, fixed<32>(43), fixed<32>(44)}},
                             1});
  out.emplace_back(events::TimerFired{core::TimerId::kApplyRetry, 45});
  const std::vector<events::EngineResult> results = {
      events::HeadsRead{167'001, header(46), core::BlockRef{{47}, fixed<32>(48)}, std::nullopt,
                        core::BlockNumber{49}},
      events::BlockRead{
          {50},
          std::nullopt,
          core::protocol::OriginRow{{51}, fixed<32>(52), {53}, fixed<32>(54), fixed<8>(55), true},
          std::nullopt},
      events::ForkchoiceAnswered{events::PayloadStatus::kValid, fixed<32>(56), fixed<8>(57), ""},
      events::PayloadTaken{header(58), {fixed<32>(59), 60}, 61},
      events::PayloadJudged{events::PayloadStatus::kInvalid, std::nullopt, "bad state root"},
      events::EngineFailed{events::EngineFailureKind::kRpcError, events::Certainty::kAnswered,
                           -38'003, "invalid attributes"}};
  for (const events::EngineResult& result : results) {
    out.emplace_back(events::EngineAnswered{{{7}, 2}, 1'234, result});
  }
  out.emplace_back(events::ShutdownRequested{15});
  return out;
}

EventBatch golden_events() {
  EventBatch out;
  for (core::EventBody& body : bodies()) {
    const std::uint64_t seq = out.events.size() + 1;
    core::Event event{{seq},
                      {1'760'000'000'000'000'000 + seq},
                      {1'000'000 * seq},
                      core::Lane::kCommitment,
                      core::SourceKind::kRpc,
                      40 + seq,
                      {seq % 3},
                      std::move(body)};
    out.events.push_back(std::move(event));
  }
  out.contents.push_back(tests::content_of(run(5'000, 31)));
  return out;
}

std::vector<core::Bytes> golden_records() {
  std::ifstream file(kGolden / "records_v1.hex");
  std::vector<core::Bytes> out;
  for (std::string line; std::getline(file, line);) out.push_back(core::from_hex(line).value());
  return out;
}

TEST(Golden, records_of_schema_1_read_back) {
  const EventBatch expected = golden_events();
  const std::vector<core::Bytes> records = golden_records();
  ASSERT_EQ(records.size(), expected.events.size());
  core::Hash32 chain;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto decoded = schemas::decode_record(records[i]);
    ASSERT_TRUE(decoded.has_value()) << "line " << i + 1;
    EXPECT_EQ(decoded->event, expected.events[i]) << "line " << i + 1;
    EXPECT_EQ(decoded->prev_chain, chain) << "line " << i + 1;
    chain = decoded->chain;
  }
}

/// Kinds of which version 1 is still what is written are written with the same bytes: a changed
/// byte means a changed schema, flatc or builder, and deserves a look.
TEST(Golden, schema_1_is_still_written_with_the_same_bytes) {
  const EventBatch expected = golden_events();
  const std::vector<core::Bytes> records = golden_records();
  ASSERT_EQ(records.size(), expected.events.size());
  schemas::RecordEncoder encoder;
  std::size_t compared = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const core::Event& event = expected.events[i];
    if (schemas::written_version(core::kind_of(event.body)) != 1) continue;
    const core::Hash32 prev_chain = schemas::decode_record(records[i])->prev_chain;
    const schemas::EncodedRecord& record = encoder.encode(event, prev_chain);
    EXPECT_EQ(core::to_hex(record.bytes), core::to_hex(records[i])) << "line " << i + 1;
    ++compared;
  }
  EXPECT_EQ(compared, records.size() - 1) << "all but boot_started";
}

TEST(Golden, directory_of_format_1_opens_and_reads) {
  const EventBatch expected = golden_events();
  const auto log = open_log(kGolden / "log_v1", OpenMode::kReadOnly);
  ASSERT_NE(log, nullptr);
  const auto read = read_all(*log);
  EXPECT_FALSE(read.failure.has_value()) << read.failure->detail;
  ASSERT_EQ(read.events.size(), expected.events.size());
  for (std::size_t i = 0; i < read.events.size(); ++i) {
    EXPECT_EQ(read.events[i].event, expected.events[i]);
    EXPECT_EQ(read.events[i].effects_digest.has_value(), i < 10);
  }
  EXPECT_EQ(read.events[9].effects_digest, fixed<32>(9));
  EXPECT_EQ(read.events.back().chain, schemas::decode_record(golden_records().back())->chain);
  const Content& content = expected.contents[0];
  ASSERT_NE(log->content(content.hash), nullptr);
  EXPECT_EQ(*log->content(content.hash), *content.bytes);
  const auto snapshot = SnapshotStore(kGolden / "log_v1" / "snapshots").load(Seq{10});
  ASSERT_TRUE(snapshot.has_value());
  EXPECT_EQ(snapshot->position.chain, read.events[9].chain);
  EXPECT_EQ(snapshot->state, run(50, 1));
}

/// A writer of this program takes an old directory over and goes on.
TEST(Golden, directory_of_format_1_can_be_continued) {
  tests::TemporaryDirectory directory;
  std::filesystem::copy(kGolden / "log_v1", directory.path() / "copy",
                        std::filesystem::copy_options::recursive);
  const std::size_t count = golden_events().events.size();
  {
    const auto log = open_log(directory.path() / "copy", OpenMode::kWrite);
    ASSERT_NE(log, nullptr);
    tests::EventGenerator generator(71);
    append(*log, generator.batch(Seq{count + 1}, 3));
  }
  const auto log = open_log(directory.path() / "copy", OpenMode::kReadOnly);
  EXPECT_EQ(read_all(*log).events.size(), count + 3);
}

/// How the golden files were made: --gtest_also_run_disabled_tests, once per schema version.
TEST(Golden, DISABLED_write) {
  ASSERT_FALSE(std::filesystem::exists(kGolden / "log_v1")) << "golden files are never rewritten";
  const EventBatch all = golden_events();
  {
    std::ofstream file(kGolden / "records_v1.hex");
    schemas::RecordEncoder encoder;
    core::Hash32 chain;
    for (const core::Event& event : all.events) {
      const schemas::EncodedRecord& record = encoder.encode(event, chain);
      file << core::to_hex(record.bytes) << "\n";
      chain = record.chain;
    }
  }
  EventBatch first{{all.events.begin(), all.events.begin() + 10}, all.contents};
  const EventBatch rest{{all.events.begin() + 10, all.events.end()}, {}};
  LogPosition at_ten;
  {
    const auto log = open_log(kGolden / "log_v1", OpenMode::kCreate);
    const EventBatch* batches[] = {&first};
    EffectsDigests digests{Seq{1}, {}};
    for (std::uint8_t i = 0; i < 10; ++i) digests.digests.push_back(fixed<32>(i));
    at_ten = *log->append(batches, std::span(&digests, 1), true);
  }
  {
    const auto rocks = Rocks::open(kGolden / "log_v1" / "log", RocksMode::kWrite, nullptr);
    for (auto* family : {(*rocks)->log(), (*rocks)->effects(), (*rocks)->content()}) {
      ASSERT_TRUE((*rocks)->db().Flush(rocksdb::FlushOptions(), family).ok());
    }
  }
  const auto log = open_log(kGolden / "log_v1", OpenMode::kWrite);
  const LogPosition end = append(*log, rest);
  ASSERT_TRUE(log->write_high_water_mark(end).has_value());
  SnapshotStore snapshots(kGolden / "log_v1" / "snapshots");
  ASSERT_TRUE(snapshots.save({at_ten, 1, fixed<32>(90), run(50, 1)}).has_value());
}

}  // namespace
}  // namespace preconf::storage
