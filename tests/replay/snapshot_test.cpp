// Snapshots against the fold, and folds that begin with one.
#include <gtest/gtest.h>

#include <fstream>

#include "core/state_bytes.hpp"
#include "replay/replay.hpp"
#include "replay/snapshot_fold.hpp"
#include "tests/replay/recorded_log.hpp"

namespace preconf::replay {
namespace {

using core::Seq;
using tests::RealWorld;
using tests::RecordedLog;

ReplayReport fold(const RecordedLog& log, std::optional<Seq> from = std::nullopt) {
  ReplayOptions options;
  options.directory = log.path();
  options.from_snapshot = from;
  options.verify = true;
  return replay(options, {});
}

/// A log with snapshots after every ten blocks; returns them.
std::vector<storage::Snapshot> record(RecordedLog& log, RealWorld& world) {
  std::vector<storage::Snapshot> snapshots;
  for (std::uint64_t i = 0; i < 35; ++i) {
    world.add_traffic(i);
    if (i % 10 != 9) continue;
    log.write(world);
    snapshots.push_back(log.snapshot(world.state));
    log.save(snapshots.back());
  }
  log.write(world);
  return snapshots;
}

/// Changes the state in a snapshot so that only the fold can tell.
storage::Snapshot altered(const storage::Snapshot& snapshot, void (*change)(core::State&)) {
  core::State state;
  PRECONF_ASSERT(core::decode_state(snapshot.state, state));
  change(state);
  storage::Snapshot out = snapshot;
  out.state = core::encode_state(state);
  out.state_hash = core::state_hash(state);
  return out;
}

TEST(Snapshots, equal_ones_are_folded_from) {
  RecordedLog log;
  RealWorld world;
  const auto snapshots = record(log, world);
  log.close();
  const ReplayReport report = fold(log);
  EXPECT_EQ(report.result, ReplayResult::kClean) << to_text(report);
  ASSERT_EQ(report.snapshots.size(), 3u);
  for (const SnapshotCheck& check : report.snapshots) {
    EXPECT_EQ(check.health, SnapshotHealth::kEqual);
  }
}

TEST(Snapshots, altered_state_is_named_by_its_first_field) {
  RecordedLog log;
  RealWorld world;
  const auto snapshots = record(log, world);
  log.save(altered(snapshots[1], [](core::State& state) { ++state.heads.unsafe->gas_used; }));
  log.close();
  const ReplayReport report = fold(log);
  EXPECT_EQ(report.result, ReplayResult::kDivergence);
  ASSERT_EQ(report.divergences.size(), 1u) << to_text(report);
  const Divergence& divergence = report.divergences.front();
  EXPECT_EQ(divergence.check, Check::kSnapshot);
  EXPECT_EQ(divergence.seq, snapshots[1].position.seq);
  EXPECT_EQ(divergence.field, "state.heads.unsafe.gas_used");
  EXPECT_EQ(std::stoull(divergence.recorded), std::stoull(divergence.recomputed) + 1);
}

TEST(Snapshots, altered_map_entry_is_named_by_its_key) {
  RecordedLog log;
  RealWorld world;
  const auto snapshots = record(log, world);
  log.save(altered(snapshots[0], [](core::State& state) {
    state.book.held.begin()->second.phase = core::Phase::kInvalid;
  }));
  log.close();
  const ReplayReport report = fold(log);
  ASSERT_EQ(report.divergences.size(), 1u) << to_text(report);
  EXPECT_TRUE(report.divergences[0].field.starts_with("state.book.held[0x"));
  EXPECT_TRUE(report.divergences[0].field.ends_with("].phase"));
  EXPECT_EQ(report.divergences[0].recorded, "invalid");
}

TEST(Snapshots, wrong_state_hash_is_found) {
  RecordedLog log;
  RealWorld world;
  auto snapshots = record(log, world);
  snapshots[2].state_hash.bytes[0] ^= 1;
  log.save(snapshots[2]);
  log.close();
  const ReplayReport report = fold(log);
  ASSERT_EQ(report.divergences.size(), 1u) << to_text(report);
  EXPECT_EQ(report.divergences[0].field, "state_hash");
}

TEST(Snapshots, unusable_ones_are_reported_and_cost_nothing) {
  RecordedLog log;
  RealWorld world;
  auto snapshots = record(log, world);
  snapshots[0].position.chain.bytes[0] ^= 1;
  log.save(snapshots[0]);
  snapshots[1].reducer_version += 1;
  log.save(snapshots[1]);
  log.close();
  for (const auto& file : std::filesystem::directory_iterator(log.path() / "snapshots")) {
    const std::string name = file.path().filename().string();
    if (name.find(std::to_string(snapshots[2].position.seq.value)) == std::string::npos) continue;
    std::fstream(file.path(), std::ios::in | std::ios::out).seekp(200).put('x');
  }
  const ReplayReport report = fold(log);
  EXPECT_EQ(report.result, ReplayResult::kClean) << to_text(report);
  ASSERT_EQ(report.snapshots.size(), 3u);
  EXPECT_EQ(report.snapshots[0].health, SnapshotHealth::kForeign);
  EXPECT_EQ(report.snapshots[1].health, SnapshotHealth::kOtherVersion);
  EXPECT_EQ(report.snapshots[2].health, SnapshotHealth::kUnreadable);
  EXPECT_EQ(fold(log, snapshots[2].position.seq).result, ReplayResult::kFailed);
}

TEST(Snapshots, fold_from_one_reaches_the_same_state) {
  RecordedLog log;
  RealWorld world;
  const auto snapshots = record(log, world);
  log.close();
  for (const storage::Snapshot& snapshot : snapshots) {
    const ReplayReport report = fold(log, snapshot.position.seq);
    EXPECT_EQ(report.result, ReplayResult::kClean) << to_text(report);
    EXPECT_EQ(report.started_after, snapshot.position.seq);
    EXPECT_EQ(report.events, world.state.last_seq.value - snapshot.position.seq.value);
    EXPECT_EQ(report.state_hash, core::state_hash(world.state));
    EXPECT_GT(report.facts->commitments, 0u);  // judged under the snapshot's rules
  }
  EXPECT_EQ(fold(log, Seq{5}).result, ReplayResult::kFailed);
}

TEST(Snapshots, second_fold_notices_another_state) {
  RealWorld world;
  const auto from = world.state;
  const auto before = world.take();
  for (int i = 0; i < 3; ++i) world.add_block();
  auto run = std::make_shared<EventRun>();
  for (core::Event& event : world.take().batch.events) {
    run->push_back({std::move(event), {}, std::nullopt});
  }
  const auto expected = std::make_shared<const core::Bytes>(core::encode_state(world.state));
  {
    SnapshotFold second;
    second.start(std::make_unique<core::State>(from));
    second.fold(run, 0, run->size());
    second.expect(expected);
    EXPECT_FALSE(second.finish().has_value());
  }
  SnapshotFold second;
  auto changed = std::make_unique<core::State>(from);
  changed->boots = 7;
  second.start(std::move(changed));
  second.fold(run, 0, run->size());
  second.expect(expected);
  const auto mismatch = second.finish();
  ASSERT_TRUE(mismatch.has_value());
  EXPECT_EQ(mismatch->from, from.last_seq);
  EXPECT_EQ(mismatch->at, world.state.last_seq);
  EXPECT_EQ(mismatch->difference.path, "state.boots");
}

}  // namespace
}  // namespace preconf::replay
