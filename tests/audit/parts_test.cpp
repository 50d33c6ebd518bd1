// The parts of an audit on their own: chain view, latencies, formats, questions.
#include <gtest/gtest.h>

#include <sstream>

#include "replay/audit/chain_view.hpp"
#include "replay/audit/print.hpp"
#include "tests/audit/story.hpp"

namespace preconf::replay::audit {
namespace {

using core::BlockNumber;
using core::Seq;
using tests::address_number;
using tests::ModelEngine;
using tests::only;
using tests::Promise;
using tests::Story;
using tests::verdicts_of;

core::protocol::HeaderFacts header(std::uint64_t number, std::uint8_t fork, std::uint8_t parent) {
  core::protocol::HeaderFacts made;
  made.number = BlockNumber{number};
  made.hash.bytes[0] = fork;
  made.hash.bytes[1] = static_cast<std::uint8_t>(number);
  made.parent_hash.bytes[0] = parent;
  made.parent_hash.bytes[1] = static_cast<std::uint8_t>(number - 1);
  return made;
}

/// Blocks 1..count of fork 1, each the head of this node for a while.
ChainView chain_of(std::uint64_t count) {
  ChainView chain;
  for (std::uint64_t i = 1; i <= count; ++i) {
    EXPECT_FALSE(chain.move_head(header(i, 1, 1), Seq{i}));
  }
  return chain;
}

TEST(ChainView, AnExtensionIsNoReplacement) {
  ChainView chain = chain_of(3);
  EXPECT_FALSE(chain.move_head(header(4, 1, 1), Seq{9}));
  ASSERT_NE(chain.at(BlockNumber{2}), nullptr);
  EXPECT_EQ(chain.at(BlockNumber{5}), nullptr);
}

TEST(ChainView, AParentLinkShowsALowerReplacement) {
  ChainView chain = chain_of(5);
  chain.observe(header(5, 2, 2), Seq{10});       // 5 and 4 are others
  EXPECT_EQ(chain.at(BlockNumber{3}), nullptr);  // perhaps 3, too
  chain.observe(header(4, 2, 1), Seq{11});       // no: 3 is ours
  EXPECT_NE(chain.at(BlockNumber{3}), nullptr);
  const auto replaced = chain.move_head(header(5, 2, 2), Seq{11});
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->lowest, BlockNumber{4});
  EXPECT_EQ(replaced->highest, BlockNumber{5});
  EXPECT_FALSE(replaced->maybe_lower);
  EXPECT_EQ(replaced->seqs, (std::vector<Seq>{Seq{10}}));
}

TEST(ChainView, WithoutALinkTheLowestIsOnlyABound) {
  ChainView chain = chain_of(5);
  const auto replaced = chain.move_head(header(5, 2, 2), Seq{10});
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->lowest, BlockNumber{4});
  EXPECT_TRUE(replaced->maybe_lower);
}

TEST(ChainView, AHeadThatGoesBackDetachesAndTheSameBlocksComeBack) {
  ChainView chain = chain_of(5);
  const auto replaced = chain.move_head(header(3, 1, 1), Seq{10});
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->lowest, BlockNumber{4});
  EXPECT_EQ(chain.at(BlockNumber{4}), nullptr);
  EXPECT_FALSE(chain.move_head(header(4, 1, 1), Seq{11}));
  EXPECT_NE(chain.at(BlockNumber{4}), nullptr);
  // Another block in the place of one that left already is not a second replacement.
  EXPECT_FALSE(chain.move_head(header(5, 2, 1), Seq{12}));
}

TEST(ChainView, AJumpOverUnknownBlocksProvesNothingBelow) {
  ChainView chain = chain_of(3);
  EXPECT_FALSE(chain.move_head(header(9, 2, 2), Seq{10}));
  EXPECT_EQ(chain.at(BlockNumber{3}), nullptr);
  EXPECT_NE(chain.at(BlockNumber{8}), nullptr);  // by the parent link
  EXPECT_EQ(chain.at(BlockNumber{6}), nullptr);
}

// Of a log that begins with block 8 as its head, only that one's parent link is known.
TEST(ChainView, ABlockOfAnotherHeightIsNotWhatTookItsPlace) {
  ChainView chain;
  chain.begin_with(BlockNumber{8}, header(8, 1, 1).hash);
  const auto replaced = chain.move_head(header(8, 2, 2), Seq{10});
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->lowest, BlockNumber{8});
  EXPECT_EQ(replaced->new_hash, header(8, 2, 2).hash);
  EXPECT_TRUE(replaced->below_unknown);

  ChainView linked;
  EXPECT_FALSE(linked.move_head(header(8, 1, 1), Seq{1}));
  const auto lower = linked.move_head(header(8, 2, 2), Seq{10});
  ASSERT_TRUE(lower);
  EXPECT_EQ(lower->lowest, BlockNumber{7});  // the parent of our head was ours
  EXPECT_EQ(lower->old_hash, header(8, 1, 1).parent_hash);
  EXPECT_EQ(lower->new_hash, header(8, 2, 2).parent_hash);
  EXPECT_TRUE(lower->below_unknown);
  EXPECT_FALSE(lower->new_unknown);

  ChainView apart;
  apart.begin_with(BlockNumber{6}, header(6, 1, 1).hash);
  apart.begin_with(BlockNumber{7}, header(7, 1, 1).hash);
  apart.begin_with(BlockNumber{8}, header(8, 1, 1).hash);
  const auto bounded = apart.move_head(header(8, 2, 1), Seq{10});
  ASSERT_TRUE(bounded);
  EXPECT_EQ(bounded->lowest, BlockNumber{8});
  EXPECT_FALSE(bounded->below_unknown);
}

TEST(Latency, PercentilesAreNearestRankAndNeverBelowTheTruth) {
  Histogram histogram;
  for (std::uint64_t i = 1; i <= 100; ++i) histogram.add(0, i * 1'000'000);
  const Percentiles small = histogram.percentiles();
  EXPECT_EQ(small.p50, 50u);
  EXPECT_EQ(small.p90, 90u);
  EXPECT_EQ(small.p99, 99u);
  EXPECT_EQ(small.max, 100u);
  Histogram large;
  for (std::uint64_t i = 1; i <= 1'000; ++i) large.add(5, 5 + i * 1'000 * 1'000'000);
  const Percentiles wide = large.percentiles();
  EXPECT_GE(wide.p50, 500'000u);
  EXPECT_LE(wide.p50, 500'000u + 500'000u / 64 + 1);
  EXPECT_EQ(wide.max, 1'000'000u);
  large.add(10, 9);
  EXPECT_EQ(large.percentiles().early, 1u);
  Histogram extreme;
  extreme.add(0, ~std::uint64_t{0});
  EXPECT_EQ(extreme.percentiles().max, ~std::uint64_t{0} / 1'000'000);
}

Story dishonest() {
  Story story;
  story.block();
  const Promise rival = story.preconfer.variant(2, 1);
  story.block();
  story.tell_in_time(rival);
  story.go_to(Story::kFirstEnd);
  story.block();
  story.confirm(2);
  return story;
}

TEST(Formats, JsonIsCanonicalAndTheSameEveryTime) {
  const Story story = dishonest();
  const std::string json = to_json(story.audit());
  EXPECT_EQ(json, to_json(story.audit()));
  EXPECT_EQ(json.find("\"beyond_horizon\""), 1u);  // members are sorted
  EXPECT_LT(json.find("\"coverage\":{"), json.find("\"findings\":[{"));
  EXPECT_NE(json.find("\"taxonomy\":\"permissionless-2026-08/1\""), std::string::npos);
  EXPECT_NE(json.find("\"schema_version\":1"), std::string::npos);
}

TEST(Formats, JsonLinesHaveAHeadAndOneLinePerFinding) {
  const AuditReport report = dishonest().audit();
  const std::string lines = to_json_lines(report);
  EXPECT_EQ(static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n')),
            1 + report.findings.size());
}

TEST(Formats, TablesHaveOneRowPerPromiseAndPerWindow) {
  const Story story = dishonest();
  for (const Table table : {Table::kBlocks, Table::kWindows}) {
    std::ostringstream out;
    const Question question;
    CsvSink sink(out, table, question);
    AuditOptions options;
    options.sink = &sink;
    static_cast<void>(story.audit(options));
    std::istringstream in(out.str());
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    EXPECT_EQ(lines.size(), table == Table::kBlocks ? 5u : 3u);
    const auto columns = std::count(lines[0].begin(), lines[0].end(), ',');
    for (const std::string& line : lines) {
      EXPECT_EQ(std::count(line.begin(), line.end(), ','), columns) << line;
      EXPECT_EQ(line.back(), '\r');
    }
  }
}

TEST(Questions, EachShowsWhatBelongsToIt) {
  const Story story = dishonest();
  Question question;
  question.topic = Topic::kEquivocations;
  AuditReport report = story.audit();
  narrow(report, question);
  EXPECT_EQ(verdicts_of(report), std::vector<std::string>{"equivocation fault"});
  EXPECT_EQ(report.result, AuditResult::kFaults);
  question.signer = address_number(2);
  narrow(report, question);
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.result, AuditResult::kClean);
}

TEST(Questions, ABlockIsFoundByHeightAndByHash) {
  const Story story = dishonest();
  for (const bool by_hash : {false, true}) {
    Question question;
    question.topic = Topic::kBlock;
    if (by_hash) {
      question.hash = story.audit().blocks.at(0).preconf_hash;
    } else {
      question.number = BlockNumber{2};
    }
    BlockCollector collector(question, nullptr);
    AuditOptions options;
    options.sink = &collector;
    AuditReport report = story.audit(options);
    collector.give(report);
    narrow(report, question);
    EXPECT_EQ(report.blocks.size(), by_hash ? 1u : 2u);
    EXPECT_FALSE(to_text(report, Topic::kBlock).empty());
    EXPECT_FALSE(report.findings.empty());
  }
}

TEST(Questions, TheRulesOfTodayAreComparedDecisionByDecision) {
  AuditOptions options;
  options.compare_rules = core::kReducerVersion;
  const AuditReport report = dishonest().audit(options);
  ASSERT_TRUE(report.rules);
  EXPECT_EQ(report.rules->events, report.coverage.events);
  EXPECT_EQ(report.rules->events_changed, 0u);
  EXPECT_EQ(report.rules->digests_compared, report.coverage.events);
  EXPECT_EQ(report.rules->digests_different, 0u);
  options.compare_rules = core::kReducerVersion + 1;
  EXPECT_EQ(dishonest().audit(options).result, AuditResult::kFailed);
}

TEST(Questions, TheScheduleSaysWhoseTimeItWas) {
  AuditOptions options;
  options.schedule_at = core::UnixSeconds{Story::kFirstEnd};
  AuditReport report = dishonest().audit(options);
  ASSERT_TRUE(report.schedule_at);
  ASSERT_EQ(report.schedule_at->tables.size(), 1u);
  const ScheduleEntry& entry = report.schedule_at->tables[0];
  ASSERT_TRUE(entry.window && entry.next);
  EXPECT_EQ(entry.window->committer, address_number(1));  // the end belongs to the window
  EXPECT_EQ(entry.next->committer, address_number(2));
  EXPECT_TRUE(entry.in_force);
}

/// Windows of 100 s from `start` on, of these signers.
core::protocol::Schedule table(std::uint64_t version, std::uint64_t start,
                               const std::vector<std::uint8_t>& signers) {
  core::protocol::Schedule schedule;
  schedule.version = version;
  for (const std::uint8_t signer : signers) {
    schedule.windows.push_back(core::protocol::Window{
        core::UnixSeconds{start}, core::UnixSeconds{start + 100}, address_number(signer)});
    start += 100;
  }
  return schedule;
}

std::string schedule_text(const ScheduleAnswer& answer) {
  AuditReport report;
  report.schedule_at = answer;
  return to_text(report, Topic::kScheduleAt);
}

// They said "nobody, then nobody", and in the end that the tables do not agree.
TEST(Questions, ATableThatDoesNotCoverTheTimeSaysSoAndDisagreesWithNobody) {
  constexpr core::WallNanos kLater{3'000'000'000'000};
  ScheduleAnswer answer{core::UnixSeconds{1'150}, {}, true};
  note_table(answer, table(1, 800, {1, 2}), core::Seq{2}, core::WallNanos{800'000'000'000});
  note_table(answer, table(2, 1'000, {3, 4}), core::Seq{3}, core::WallNanos{900'000'000'000});
  note_table(answer, table(3, 1'200, {5}), core::Seq{4}, kLater);
  // Of the same signer, in a window that is cut otherwise.
  note_table(answer, table(4, 1'120, {4, 5}), core::Seq{5}, kLater);
  note_table(answer, core::protocol::Schedule{5, {}}, core::Seq{6}, kLater);
  EXPECT_TRUE(answer.tables_agree);
  std::string text = schedule_text(answer);
  for (const char* part :
       {"not covered by version 1, which has (800, 1000]", "(1100, 1200], then no further window",
        "not covered by version 3, which has (1200, 1300]",
        "not covered by version 5, which has "
        "nothing"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
  EXPECT_EQ(text.find("nobody"), std::string::npos) << text;
  EXPECT_EQ(text.find("do not agree"), std::string::npos) << text;

  note_table(answer, table(6, 1'000, {3, 7}), core::Seq{7}, kLater);
  EXPECT_FALSE(answer.tables_agree);
  text = schedule_text(answer);
  EXPECT_NE(text.find("do not agree"), std::string::npos) << text;
}

TEST(Predicates, TheContractsQuestionsAreAnsweredFromConfirmedBlocks) {
  const AuditReport report = dishonest().audit();
  // Of 2 and its rival, because 3 is not confirmed, and of 3 itself.
  EXPECT_EQ(report.predicates.at("MissingEOP").unknown, 3u);
  Story story = dishonest();
  story.confirm(3);
  const AuditReport later = story.audit();
  EXPECT_EQ(later.predicates.at("MissingEOP").is_true, 2u);
  EXPECT_EQ(later.predicates.at("MissedSubmission").is_true, 0u);
  // The rival has the same parent and window, and another list.
  EXPECT_EQ(later.predicates.at("RawTxListHashOrAnchorBlockMismatch").is_true, 1u);
}

TEST(Predicates, APromiseThatALaterWindowReplacedMissedItsSubmission) {
  Story story;
  story.block();
  const Promise unsent = story.preconfer.variant(2, 1);
  story.at(1004);
  story.tell(unsent.facts);  // its list never comes
  story.go_to(Story::kFirstEnd);
  story.block();  // the next signer builds block 2 on block 1
  story.confirm(2);
  const AuditReport report = story.audit();
  EXPECT_EQ(report.predicates.at("MissedSubmission").is_true, 1u);
  const Finding withheld = only(report, Kind::kWithheldTxList);
  EXPECT_EQ(withheld.actionability, Actionability::kEncodingNotSlashable);
}

}  // namespace
}  // namespace preconf::replay::audit
