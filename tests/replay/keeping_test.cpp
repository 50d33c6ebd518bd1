// `log repair`, `log prune`, `log redact`, `log snapshot` on a real history: what is left is judged
// by the other tools.
#include <gtest/gtest.h>

#include <sstream>

#include "core/base/hex.hpp"
#include "core/state_bytes.hpp"
#include "replay/cli/tool.hpp"
#include "replay/history.hpp"
#include "replay/retention_plan.hpp"
#include "replay/snapshots.hpp"
#include "tests/replay/recorded_log.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
namespace fs = std::filesystem;
using core::Seq;
using tests::RealWorld;
using tests::RecordedLog;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

Ran run(const char* tool, std::vector<std::string> arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_tool(*find_tool(tool), arguments, Streams{out, err});
  return {code, out.str(), err.str()};
}

Ran log_tool(const RecordedLog& log, const char* tool, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.begin(), {tool, log.path().string()});
  return run("log", arguments);
}

void record(RecordedLog& log, RealWorld& world, std::uint64_t blocks) {
  for (std::uint64_t i = 0; i < blocks; ++i) world.add_traffic(i);
  log.write(world);
}

TEST(LogRepair, leaves_a_log_that_every_tool_takes_with_its_gap_as_coverage) {
  RecordedLog log;
  RealWorld world;
  record(log, world, 20);
  log.close();
  const Ran sound = log_tool(log, "repair");
  EXPECT_EQ(sound.code, 0);
  EXPECT_NE(sound.out.find("nothing was changed"), std::string::npos) << sound.out;

  log.spoil([](storage::Rocks& rocks) {
    ASSERT_TRUE(rocks.db().Delete({}, rocks.log(), storage::SeqKey(Seq{50}).slice()).ok());
    // Into tables: in the write-ahead log a repair would find the event.
    const std::vector<rocksdb::ColumnFamilyHandle*> all = {rocks.log(), rocks.effects(),
                                                           rocks.content(), rocks.meta()};
    ASSERT_TRUE(rocks.db().Flush(rocksdb::FlushOptions(), all).ok());
  });
  EXPECT_EQ(log_tool(log, "verify").code, 4);
  const Ran planned = log_tool(log, "repair", {"--dry-run"});
  EXPECT_EQ(planned.code, 4);
  EXPECT_NE(planned.out.find("kept       event 49 is the last one kept"), std::string::npos)
      << planned.out;
  const Ran repaired = log_tool(log, "repair", {"--json"});
  EXPECT_EQ(repaired.code, 0) << repaired.err;
  EXPECT_NE(repaired.out.find("\"result\":\"repaired\""), std::string::npos) << repaired.out;
  EXPECT_NE(repaired.out.find("\"from\":50"), std::string::npos) << repaired.out;

  EXPECT_NE(repaired.out.find("\"kept_until\":49"), std::string::npos) << repaired.out;

  const Ran verified = log_tool(log, "verify", {"--json"});
  EXPECT_EQ(verified.code, 0) << verified.out;
  EXPECT_NE(verified.out.find("\"gaps\":[{\"from\":50"), std::string::npos) << verified.out;
  const Ran replayed = run("replay", {log.path().string(), "--verify"});
  EXPECT_EQ(replayed.code, 0) << replayed.out << replayed.err;
  EXPECT_EQ(log_tool(log, "show", {"49"}).code, 0);

  const auto history = open_history(log.path()).value();
  const Seq end = history.events->end().seq;
  EXPECT_EQ(end.value, world.state.last_seq.value + 1);
  const auto lost = state_after(*history.events, *history.snapshots, Seq{60});
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ((*lost)->last_seq, Seq{49}) << "the last state that is known";
  const auto last = state_after(*history.events, *history.snapshots, end);
  ASSERT_TRUE(last.has_value());
  EXPECT_TRUE((*last)->in_flight.empty());
}

TEST(LogRedact, leaves_a_log_that_is_sound) {
  RecordedLog log;
  RealWorld world;
  world.add_block();
  const RealWorld::Record recorded = world.take();
  tests::append(log.log(), recorded);
  log.close();
  const std::string hash = core::to_hex0x(recorded.batch.contents.at(0).hash.view());
  EXPECT_EQ(log_tool(log, "redact", {hash}).code, 1) << "a reason is required";
  EXPECT_EQ(log_tool(log, "redact", {"0x12", "--reason", "x"}).code, 1);
  const Ran redacted = log_tool(log, "redact", {hash, "--reason", "asked for"});
  EXPECT_EQ(redacted.code, 0) << redacted.err;
  const Ran verified = log_tool(log, "verify");
  EXPECT_EQ(verified.code, 0) << verified.out;
  const Ran replayed = run("replay", {log.path().string(), "--verify"});
  EXPECT_EQ(replayed.code, 0) << replayed.out;
  EXPECT_EQ(log_tool(log, "redact", {core::to_hex0x(core::Hash32{}.view()), "--reason", "x"}).code,
            1);
}

/// A history whose engine reports `finalized`, and then goes on for a while.
RetentionPlan plan(const RecordedLog& log, std::uint64_t keep_events = 10) {
  RetentionOptions options;
  options.keep_events = keep_events;
  options.now.value = 4'000'000'000'000'000'000;  // long after
  auto made = plan_retention(open_history(log.path()).value(), options);
  EXPECT_TRUE(made.has_value()) << made.error().detail;
  return std::move(made).value();
}

const RetentionBound& bound(const RetentionPlan& plan, const std::string& name) {
  for (const RetentionBound& bound : plan.bounds) {
    if (bound.name == name) return bound;
  }
  throw std::runtime_error("no bound " + name);
}

TEST(LogPrune, nothing_is_final_before_the_engine_says_so) {
  RecordedLog log;
  RealWorld world;
  record(log, world, 20);
  log.close();
  const RetentionPlan made = plan(log);
  EXPECT_EQ(bound(made, "finality").to, Seq{0}) << bound(made, "finality").detail;
  EXPECT_EQ(made.request.to.seq, Seq{0});
  EXPECT_EQ(bound(made, "recent").to.value, world.state.last_seq.value - 10);
}

/// The log begins after event `to`, whatever the bounds say.
void prune_to(const RecordedLog& log, Seq to) {
  storage::PruneRequest request = plan(log).request;
  {
    const auto history = open_history(log.path()).value();
    const auto state = state_after(*history.events, *history.snapshots, to).value();
    request.to = {to, history.events->chain_at(to).value()};
    request.base = {request.to, state->reducer_version, core::state_hash(*state),
                    core::encode_state(*state)};
  }
  request.dry_run = false;
  const auto pruned = storage::prune_log(log.path(), request);
  ASSERT_TRUE(pruned.has_value()) << pruned.error().detail;
}

/// With two others it was the oldest of three, and nothing could be pruned any more.
TEST(LogPrune, the_state_at_the_begin_is_none_of_the_newest_snapshots) {
  RecordedLog log;
  RealWorld world;
  record(log, world, 10);
  const Seq base = world.state.last_seq;
  std::vector<Seq> saved;
  for (int i = 0; i < 2; ++i) {
    record(log, world, 5);
    log.save(log.snapshot(world.state));
    saved.push_back(world.state.last_seq);
  }
  log.close();
  EXPECT_EQ(bound(plan(log), "snapshots").to, saved[0]);
  prune_to(log, base);
  EXPECT_EQ(bound(plan(log), "snapshots").to, saved[0]);
  fs::remove_all(log.path() / "snapshots");
  const RetentionPlan without = plan(log);
  for (const RetentionBound& one : without.bounds) EXPECT_NE(one.name, "snapshots") << one.detail;
}

/// All but the plan's finality: the plan's other bounds are taken, then the log is begun there.
TEST(LogPrune, a_pruned_log_replays_from_its_base) {
  RecordedLog log;
  RealWorld world;
  record(log, world, 30);
  log.close();
  const core::Hash32 final_state = core::state_hash(world.state);
  storage::PruneRequest request = plan(log).request;
  const Seq to{60};
  {
    const auto history = open_history(log.path()).value();
    const auto state = state_after(*history.events, *history.snapshots, to).value();
    request.to = {to, history.events->chain_at(to).value()};
    request.base = {request.to, state->reducer_version, core::state_hash(*state),
                    core::encode_state(*state)};
  }
  request.dry_run = false;
  const auto pruned = storage::prune_log(log.path(), request);
  ASSERT_TRUE(pruned.has_value()) << pruned.error().detail;
  EXPECT_EQ(pruned->events, 60u);

  const auto history = open_history(log.path()).value();
  const Seq end = history.events->end().seq;
  const auto state = state_after(*history.events, *history.snapshots, end);
  ASSERT_TRUE(state.has_value()) << state.error().detail;
  EXPECT_EQ(core::state_hash(**state), final_state);
  const auto gone = state_after(*history.events, *history.snapshots, Seq{59});
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().code, storage::StorageError::kPruned);
  const Ran verified = log_tool(log, "verify", {"--json"});
  EXPECT_EQ(verified.code, 0) << verified.out;
  EXPECT_NE(verified.out.find("\"base\":60"), std::string::npos) << verified.out;
  const Ran replayed = run("replay", {log.path().string()});
  EXPECT_EQ(replayed.code, 0) << replayed.out << replayed.err;

  fs::remove_all(log.path() / "base");
  const auto without = open_history(log.path()).value();
  const auto lost = state_after(*without.events, *without.snapshots, end);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code, storage::StorageError::kDamaged) << "the base state is no cache";
}

/// Verify and repair called such a log sound, replay ended with 4, audit with 1.
TEST(LogPrune, every_tool_says_that_the_state_at_the_begin_is_gone) {
  RecordedLog log;
  RealWorld world;
  record(log, world, 30);
  log.close();
  prune_to(log, Seq{60});
  const std::string path = log.path().string();
  const Ran whole = run("audit", {path});
  // Two commitments of a wrong signer are in this history, of a time long before it began: no
  // fault, as another table may have been in force then. Nothing is damaged.
  EXPECT_EQ(whole.code, 0) << whole.out << whole.err;
  EXPECT_NE(whole.out.find("unknown wrong_signer"), std::string::npos) << whole.out;
  const fs::path state = log.path() / "base" / "00000000000000000060.snap";
  ASSERT_TRUE(fs::exists(state));
  for (const bool is_missing : {false, true}) {
    SCOPED_TRACE(is_missing);
    if (is_missing) fs::remove(state);
    if (!is_missing) fs::resize_file(state, fs::file_size(state) / 2);
    for (const Ran& ran :
         {log_tool(log, "verify"), log_tool(log, "repair"), log_tool(log, "repair", {"--dry-run"}),
          run("replay", {path}), run("audit", {path})}) {
      EXPECT_EQ(ran.code, 4) << ran.out << ran.err;
      EXPECT_NE((ran.out + ran.err).find("event 60"), std::string::npos) << ran.out << ran.err;
    }
  }
}

TEST(LogRepair, content_that_is_lost_is_written_down) {
  RecordedLog log;
  RealWorld world;
  record(log, world, 20);
  core::Hash32 lost;
  log.spoil([&lost](storage::Rocks& rocks) {
    const std::unique_ptr<rocksdb::Iterator> at(rocks.db().NewIterator({}, rocks.content()));
    at->SeekToFirst();
    ASSERT_TRUE(at->Valid());
    lost = core::Hash32::from(storage::to_view(at->key()));
    ASSERT_TRUE(rocks.db().Delete({}, rocks.content(), at->key()).ok());
    const std::vector<rocksdb::ColumnFamilyHandle*> all = {rocks.log(), rocks.effects(),
                                                           rocks.content(), rocks.meta()};
    ASSERT_TRUE(rocks.db().Flush(rocksdb::FlushOptions(), all).ok());
  });
  EXPECT_EQ(log_tool(log, "verify").code, 4);
  EXPECT_EQ(log_tool(log, "repair", {"--dry-run"}).code, 4);
  const Ran repaired = log_tool(log, "repair");
  EXPECT_EQ(repaired.code, 0) << repaired.out << repaired.err;
  EXPECT_NE(repaired.out.find("no event is lost"), std::string::npos) << repaired.out;
  const Ran verified = log_tool(log, "verify");
  EXPECT_EQ(verified.code, 0) << verified.out;
  EXPECT_NE(verified.out.find("lost       content " + core::to_hex0x(lost.view())),
            std::string::npos)
      << verified.out;
  EXPECT_NE(verified.out.find("1 lost"), std::string::npos) << verified.out;
  EXPECT_EQ(log_tool(log, "repair").out.substr(0, 5), "sound");
  EXPECT_EQ(run("replay", {log.path().string(), "--verify"}).code, 0);
  const Ran audited = run("audit", {log.path().string(), "--coverage"});
  EXPECT_NE(audited.out.find("content"), std::string::npos) << audited.out;
}

TEST(LogRedact, refuses_a_reason_that_is_no_line_of_text) {
  RecordedLog log;
  RealWorld world;
  record(log, world, 3);
  log.close();
  const std::string hash = core::to_hex0x(core::Hash32{}.view());
  const Ran refused = log_tool(log, "redact", {hash, "--reason", "a\x1b[2Jb"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("control characters"), std::string::npos) << refused.err;
}

TEST(LogPrune, dry_run_names_every_bound) {
  RecordedLog log;
  RealWorld world;
  record(log, world, 10);
  log.close();
  const Ran ran = log_tool(log, "prune", {"--dry-run", "--older-than", "1d", "--before", "30"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  for (const char* name : {"age", "before", "recent", "finality", "held"}) {
    EXPECT_NE(ran.out.find(name), std::string::npos) << ran.out;
  }
  EXPECT_EQ(log_tool(log, "prune", {"--older-than", "soon"}).code, 1);
}

TEST(LogSnapshot, makes_those_that_are_missing) {
  RecordedLog log;
  RealWorld world;
  while (world.state.last_seq.value < 2'100) world.add_block();
  log.write(world);
  log.close();
  const Ran made = log_tool(log, "snapshot", {"--every", "1000", "--json"});
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(made.out, "{\"written\":[1000,2000],\"usable_before\":0}\n");
  EXPECT_EQ(log_tool(log, "snapshot", {"--every", "1000", "--json"}).out,
            "{\"written\":[],\"usable_before\":2}\n");
  EXPECT_EQ(run("replay", {log.path().string()}).code, 0);
}

}  // namespace
}  // namespace preconf::replay
