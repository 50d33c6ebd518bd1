// The auditor against days it does not know: it finds everything that was planted, and nothing
// else.
#include <gtest/gtest.h>

#include <cstdio>

#include "replay/why/why.hpp"
#include "tests/audit/score.hpp"
#include "tests/fixture/dishonest_day.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::tests {
namespace {

namespace audit = replay::audit;

class DishonestDay : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(DishonestDay, EverythingPlantedIsFoundAndNothingElse) {
  const TemporaryDirectory directory;
  fixture::DayOptions day;
  day.events = 20'000;
  day.seed = GetParam();
  const fixture::DayResult result = make_dishonest_day(directory.path() / "day", day);
  audit::AuditOptions options;
  options.path = directory.path() / "day";
  const audit::AuditReport report = audit::audit(options, {});
  const auto scores = score(report, result.truth);
  std::printf("seed %llu\n%s", static_cast<unsigned long long>(day.seed), to_text(scores).c_str());
  EXPECT_TRUE(is_perfect(scores));
  EXPECT_EQ(report.result, audit::AuditResult::kDamaged);  // the tail is cut off
  EXPECT_EQ(report.coverage.facts.different, 0u);
  EXPECT_GT(report.coverage.facts.commitments, 0u);
  EXPECT_EQ(report.coverage.digests_different, 0u);
  for (const char* kind :
       {"equivocation", "withheld_txlist", "missing_eop", "invalid_eop", "wrong_signer",
        "late_commitment", "l1_contradiction", "reorg", "log_gap"}) {
    EXPECT_GT(scores.at(kind).planted, 0u) << kind;  // the day has every kind
  }
}

TEST_P(DishonestDay, WhyKnowsEveryReorgThatTheAuditFinds) {
  const TemporaryDirectory directory;
  fixture::DayOptions day;
  day.events = 10'000;
  day.seed = GetParam();
  day.truncate = false;
  static_cast<void>(make_dishonest_day(directory.path() / "day", day));
  const auto history = replay::open_history(directory.path() / "day");
  ASSERT_TRUE(history.has_value());
  audit::AuditOptions options;
  options.path = directory.path() / "day";
  const audit::AuditReport report = audit::audit(options, {});
  std::size_t asked = 0;
  for (const audit::Finding& finding : report.findings) {
    if (finding.kind != audit::Kind::kReorg) continue;
    replay::Question question;
    question.subject = replay::WhySubject::kReorg;
    question.block = finding.block_number.value();
    question.at = history->events->end().seq;
    const auto answer = replay::explain(*history, question, {});
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->found) << "seed " << day.seed << ", block " << question.block.value;
    ++asked;
  }
  EXPECT_GT(asked, 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, DishonestDay, ::testing::Values(1, 2, 3, 5, 8));

}  // namespace
}  // namespace preconf::tests
