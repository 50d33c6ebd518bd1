// Replay of logs that are damaged, cut or were never a log: refused with the event, never an abort.
#include <gtest/gtest.h>

#include <sstream>

#include "replay/cli/tool.hpp"
#include "replay/replay.hpp"
#include "tests/replay/recorded_log.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
using core::Seq;
using tests::RealWorld;
using tests::RecordedLog;

int exit_code(const RecordedLog& log) {
  std::ostringstream out;
  std::ostringstream err;
  return run_tool(*find_tool("replay"), {log.path().string()}, Streams{out, err});
}

ReplayReport fold(const RecordedLog& log, bool verify = false) {
  ReplayOptions options;
  options.directory = log.path();
  options.verify = verify;
  return replay(options, {});
}

void record(RecordedLog& log, RealWorld& world) {
  for (std::uint64_t i = 0; i < 40; ++i) world.add_traffic(i);
  log.write(world);
}

TEST(ReplayDamage, damaged_record_is_named) {
  RecordedLog log;
  RealWorld world;
  record(log, world);
  const Seq at{57};
  log.spoil([at](storage::Rocks& rocks) {
    std::string value;
    const storage::SeqKey key(at);
    ASSERT_TRUE(rocks.db().Get({}, rocks.log(), key.slice(), &value).ok());
    value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 0x10);
    ASSERT_TRUE(rocks.db().Put({}, rocks.log(), key.slice(), value).ok());
  });
  const ReplayReport report = fold(log);
  EXPECT_EQ(report.result, ReplayResult::kDamaged);
  ASSERT_TRUE(report.trouble.has_value());
  EXPECT_EQ(report.trouble->seq, at);
  EXPECT_EQ(report.last_seq, Seq{at.value - 1});
  EXPECT_EQ(exit_code(log), 4);
}

TEST(ReplayDamage, gap_is_named) {
  RecordedLog log;
  RealWorld world;
  record(log, world);
  log.spoil([](storage::Rocks& rocks) {
    ASSERT_TRUE(rocks.db().Delete({}, rocks.log(), storage::SeqKey(Seq{33}).slice()).ok());
  });
  const ReplayReport report = fold(log, true);
  EXPECT_EQ(report.result, ReplayResult::kDamaged);
  ASSERT_TRUE(report.trouble.has_value());
  EXPECT_EQ(report.trouble->seq, Seq{33});
}

TEST(ReplayDamage, lost_tail_is_named) {
  RecordedLog log;
  RealWorld world;
  record(log, world);
  log.spoil([&world](storage::Rocks& rocks) {
    const storage::SeqKey last(world.state.last_seq);
    ASSERT_TRUE(rocks.db().Delete({}, rocks.log(), last.slice()).ok());
  });
  const ReplayReport report = fold(log);
  EXPECT_EQ(report.result, ReplayResult::kDamaged);
  ASSERT_TRUE(report.trouble.has_value());
  EXPECT_EQ(report.trouble->code, "tail_lost");
  EXPECT_EQ(exit_code(log), 4);
}

TEST(ReplayDamage, log_without_genesis_is_refused) {
  RecordedLog log;
  storage::EventBatch batch;
  core::Event event;
  event.seq = Seq{1};
  event.body = ev::BootStarted{};
  batch.events.push_back(event);
  const storage::EventBatch* batches[] = {&batch};
  ASSERT_TRUE(log.log().append(batches, {}, true).has_value());
  log.close();
  EXPECT_EQ(fold(log, true).result, ReplayResult::kDamaged);
}

TEST(ReplayDamage, log_of_an_unknown_reducer_version_is_refused) {
  for (const std::uint32_t version : {0u, core::kReducerVersion + 1}) {
    RecordedLog log;
    storage::EventBatch batch;
    core::Event event;
    event.seq = Seq{1};
    event.body = ev::GenesisRecorded{{}, {}, version};
    batch.events.push_back(event);
    event.seq = Seq{2};
    batch.events.push_back(event);
    const storage::EventBatch* batches[] = {&batch};
    ASSERT_TRUE(log.log().append(batches, {}, true).has_value());
    log.close();
    EXPECT_EQ(fold(log).result, ReplayResult::kDamaged);
  }
}

}  // namespace
}  // namespace preconf::replay
