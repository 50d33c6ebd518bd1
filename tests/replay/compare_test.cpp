// preconf bisect on scripted histories.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/base/hex.hpp"
#include "replay/cli/tool.hpp"
#include "replay/compare/bisect.hpp"
#include "tests/replay/recorded_log.hpp"
#include "tests/support/memory_history.hpp"

namespace preconf::replay {
namespace {

using core::Seq;
using tests::RealWorld;
using tests::RecordedLog;

BisectReport find(const History& history, const std::string& text, bool linear = false) {
  const auto predicate = Predicate::parse(text);
  EXPECT_TRUE(predicate.has_value());
  const auto report =
      bisect_predicate(history, *predicate, {Seq{1}, history.events->end().seq}, linear, {});
  EXPECT_TRUE(report.has_value());
  return report ? *report : BisectReport{};
}

/// A log with a snapshot after every block, and the first event with each head.
class Bisect : public testing::Test {
 protected:
  static constexpr std::uint64_t kBlocks = 40;
  void SetUp() override {
    for (std::uint64_t i = 1; i <= kBlocks; ++i) {
      world_.add_block();
      log_.write(world_);
      log_.save(log_.snapshot(world_.state));
      head_at_.push_back(world_.state.last_seq);
    }
    log_.close();
  }
  RecordedLog log_;
  RealWorld world_;
  std::vector<Seq> head_at_;
};

TEST_F(Bisect, finds_the_first_event_by_few_snapshots_and_one_interval) {
  const auto history = open_history(log_.path());
  ASSERT_TRUE(history.has_value());
  const BisectReport report = find(*history, "heads.unsafe.number >= 23");
  ASSERT_TRUE(report.found) << report.message;
  EXPECT_EQ(report.kind, "engine_answered");
  EXPECT_LE(*report.seq, head_at_[22]);
  EXPECT_GT(*report.seq, head_at_[21]);
  EXPECT_LE(report.probes, 7U);          // log2(40) and one
  EXPECT_LE(report.events_folded, 12U);  // one interval
  EXPECT_FALSE(report.delta.empty());
  const BisectReport linear = find(*history, "heads.unsafe.number >= 23", true);
  EXPECT_EQ(linear.seq, report.seq);
  EXPECT_GT(linear.events_folded, 22U * 5U);
  EXPECT_FALSE(find(*history, "heads.unsafe.number >= 1000").found);
}

TEST_F(Bisect, asks_every_event_when_the_event_matters) {
  const auto history = open_history(log_.path());
  ASSERT_TRUE(history.has_value());
  const BisectReport report =
      find(*history, "event.kind == \"txlist_received\" && heads.unsafe.number == 3");
  ASSERT_TRUE(report.found);
  EXPECT_EQ(report.kind, "txlist_received");
  EXPECT_GT(*report.seq, head_at_[2]);
}

TEST_F(Bisect, against_a_log_that_parts_and_against_digests) {
  const auto history = open_history(log_.path());
  ASSERT_TRUE(history.has_value());
  // The same events up to one of them, and a digest that differs before.
  std::vector<core::Event> events;
  std::vector<core::Hash32> digests;
  const auto reader = history->events->read(Seq{1});
  for (;;) {
    const auto next = reader->next();
    ASSERT_TRUE(next.has_value());
    if (!next->has_value()) break;
    events.push_back((**next).event);
    digests.push_back(*(**next).effects_digest);
  }
  const BisectRange all{Seq{1}, history->events->end().seq};
  const auto same = bisect_logs(*history, tests::history_of(events, digests), all, {});
  ASSERT_TRUE(same.has_value());
  EXPECT_FALSE(same->found) << same->message;
  auto changed = events;
  changed[99].wall.value += 1;
  const auto parted = bisect_logs(*history, tests::history_of(changed, digests), all, {});
  ASSERT_TRUE(parted.has_value());
  EXPECT_EQ(parted->seq, Seq{100});
  EXPECT_LE(parted->probes, 10U);
  digests[41].bytes[0] ^= 1;
  const auto digest = bisect_logs(*history, tests::history_of(changed, digests), all, {});
  ASSERT_TRUE(digest.has_value());
  EXPECT_EQ(digest->seq, Seq{42});
  EXPECT_NE(digest->ours, digest->theirs);
}

TEST_F(Bisect, against_a_program_that_answers_otherwise) {
  const auto history = open_history(log_.path());
  ASSERT_TRUE(history.has_value());
  const Seq end = history->events->end().seq;
  // What a reducer with one changed rule would answer: right hashes up to event 77, then others.
  const tests::TemporaryDirectory directory;
  const std::filesystem::path script = directory.path() / "other-preconf";
  std::filesystem::create_directory(directory.path() / "hashes");
  core::State state;
  core::Outcome outcome;
  const auto reader = history->events->read(Seq{1});
  for (Seq seq{1}; seq <= end; seq = core::next(seq)) {
    const auto next = reader->next();
    ASSERT_TRUE(next.has_value() && next->has_value());
    core::reduce(state, (**next).event, outcome);
    if (seq == Seq{77}) state.engine_epoch += 1;
    std::ofstream(directory.path() / "hashes" / std::to_string(seq.value))
        << "{\"state_hash\":\"" << core::to_hex0x(core::state_hash(state).view()) << "\"}\n";
  }
  // $1 state, $2 LOG, $3 --at, $4 SEQ, $5 --hash, $6 --json
  std::ofstream(script) << "#!/bin/sh\n[ \"$1 $3 $5 $6\" = 'state --at --hash --json' ] || exit 9\n"
                        << "IFS= read -r line < " << (directory.path() / "hashes").string()
                        << "/$4 && echo \"$line\"\n";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  const auto run = [&](const std::string& program, std::string& out) {
    std::ostringstream stream;
    std::ostringstream err;
    const int code =
        run_tool(*find_tool("bisect"), {log_.path().string(), "--against", program, "--json"},
                 Streams{stream, err});
    out = stream.str() + err.str();
    return code;
  };
  std::string out;
  EXPECT_EQ(run(script.string(), out), 3) << out;
  EXPECT_NE(out.find("\"seq\":77,"), std::string::npos) << out;
  std::ofstream(script) << "#!/bin/sh\nexit 3\n";
  EXPECT_EQ(run(script.string(), out), 1);
  EXPECT_NE(out.find("ended with code 3"), std::string::npos) << out;
  std::ofstream(script) << "#!/bin/sh\necho nonsense\n";
  EXPECT_EQ(run(script.string(), out), 1);
}

TEST(BisectTool, wrong_use_is_one) {
  RecordedLog log;
  RealWorld world;
  log.write(world);
  log.close();
  const auto run = [&](std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    arguments.insert(arguments.begin(), log.path().string());
    return run_tool(*find_tool("bisect"), arguments, Streams{out, err});
  };
  EXPECT_EQ(run({}), 1);
  EXPECT_EQ(run({"--pred", "gate.opem"}), 1);
  EXPECT_EQ(run({"--pred", "gate.open", "--from", "3", "--to", "2"}), 1);
  EXPECT_EQ(run({"--pred", "gate.open"}), 0);
  EXPECT_EQ(run({"--against", "no/such/thing"}), 1);
}

}  // namespace
}  // namespace preconf::replay
