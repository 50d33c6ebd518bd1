// What release 2 of the schemas added must read back for ever, too (see golden_test.cpp).
//
// tests/golden/records_v2.hex    one record per line, chained: the shapes that release 2 added
// tests/golden/records_v2.jsonl  the same as golden_records_check.py reads them
// tests/golden/log_v2/           the same events as a data directory, one content redacted
#include <gtest/gtest.h>

#include <fstream>

#include "core/base/hex.hpp"
#include "schemas/codec/event_codec.hpp"
#include "storage/retention.hpp"
#include "tests/storage/log_fixture.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::storage {
namespace {

namespace events = core::events;
namespace fs = std::filesystem;
using core::Seq;

const fs::path kGolden = fs::path(preconf::tests::tests_dir()) / "golden";

template <std::size_t N>
core::FixedBytes<N> fixed(std::uint8_t first) {
  core::FixedBytes<N> out;
  for (std::size_t i = 0; i < N; ++i) out.bytes[i] = static_cast<std::uint8_t>(first + i);
  return out;
}

Content golden_content() { return tests::content_of(core::Bytes(5'000, 0x77)); }

std::vector<core::Event> golden_events() {
  events::TxListReceived list;
  list.facts.hash = golden_content().hash;
  list.facts.compressed_bytes = 5'000;
  std::vector<std::pair<std::uint64_t, core::EventBody>> bodies;
  bodies.emplace_back(1, events::GenesisRecorded{{}, {}, 1});
  bodies.emplace_back(2, events::BootStarted{fixed<16>(1), "preconf 0.2.0", std::nullopt});
  bodies.emplace_back(3, list);
  bodies.emplace_back(4, events::ReducerActivated{1, 2, fixed<32>(2)});
  bodies.emplace_back(5, events::BootStarted{fixed<16>(3), "", 0});
  bodies.emplace_back(6, events::LogGapRecorded{Seq{6}, Seq{5}, std::nullopt, "", false});
  bodies.emplace_back(1'001, events::LogGapRecorded{Seq{7}, Seq{1'000}, fixed<32>(4),
                                                    "tail_lost: the log ends", true});
  bodies.emplace_back(1'002, events::BootStarted{fixed<16>(5), "preconf 0.2.0", 1'234'567});
  bodies.emplace_back(1'003, events::ShutdownRequested{15});
  std::vector<core::Event> out;
  for (auto& [seq, body] : bodies) {
    core::Event event;
    event.seq = Seq{seq};
    event.wall.value = 1'760'000'000'000'000'000 + seq;
    event.mono.value = 1'000'000 * seq;
    event.lane = core::Lane::kCommitment;
    event.source = core::SourceKind::kRpc;
    event.source_id = 40 + seq;
    event.request.value = seq % 3;
    event.body = std::move(body);
    out.push_back(std::move(event));
  }
  return out;
}

std::vector<core::Bytes> golden_records() {
  std::ifstream file(kGolden / "records_v2.hex");
  std::vector<core::Bytes> out;
  for (std::string line; std::getline(file, line);) out.push_back(core::from_hex(line).value());
  return out;
}

TEST(GoldenV2, records_read_back_and_are_written_with_the_same_bytes) {
  const auto expected = golden_events();
  const auto records = golden_records();
  ASSERT_EQ(records.size(), expected.size());
  schemas::RecordEncoder encoder;
  core::Hash32 chain;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto decoded = schemas::decode_record(records[i]);
    ASSERT_TRUE(decoded.has_value()) << "line " << i + 1;
    EXPECT_EQ(decoded->event, expected[i]) << "line " << i + 1;
    EXPECT_EQ(decoded->prev_chain, chain) << "line " << i + 1;
    EXPECT_EQ(core::to_hex(encoder.encode(expected[i], chain).bytes), core::to_hex(records[i]));
    chain = decoded->chain;
  }
}

TEST(GoldenV2, directory_opens_and_reads) {
  const auto expected = golden_events();
  const auto log = open_log(kGolden / "log_v2", OpenMode::kReadOnly);
  ASSERT_NE(log, nullptr);
  const auto read = read_all(*log);
  EXPECT_FALSE(read.failure.has_value()) << read.failure->detail;
  ASSERT_EQ(read.events.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(read.events[i].event, expected[i]);
  const core::Hash32 hash = golden_content().hash;
  EXPECT_EQ(log->content(hash), nullptr);
  ASSERT_TRUE(log->removed(hash).has_value());
  EXPECT_EQ(log->removed(hash)->reason, "golden");
}

/// How the files were made, once.
TEST(GoldenV2, DISABLED_write) {
  ASSERT_FALSE(fs::exists(kGolden / "log_v2")) << "golden files are never rewritten";
  const auto all = golden_events();
  std::ofstream file(kGolden / "records_v2.hex");
  schemas::RecordEncoder encoder;
  core::Hash32 chain;
  for (const core::Event& event : all) {
    const schemas::EncodedRecord& record = encoder.encode(event, chain);
    file << core::to_hex(record.bytes) << "\n";
    chain = record.chain;
  }
  {
    const auto log = open_log(kGolden / "log_v2", OpenMode::kCreate);
    append(*log, EventBatch{all, {golden_content()}});
  }
  ASSERT_TRUE(redact_content(kGolden / "log_v2", {golden_content().hash, "golden", {7}}));
}

}  // namespace
}  // namespace preconf::storage
