// Repair: what is proved stays, what is lost is named, the damaged files are kept, and a repair
// that was killed anywhere can be repeated.
#include <fstream>

#include "core/base/hex.hpp"
#include "tests/storage/repair_fixture.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::storage {
namespace {

namespace fs = std::filesystem;
using core::Seq;

constexpr RepairStep kSteps[] = {RepairStep::kBuild,     RepairStep::kWritePlan,
                                 RepairStep::kSetAside,  RepairStep::kPutInPlace,
                                 RepairStep::kWriteMark, RepairStep::kForgetPlan};

TEST_F(RepairTest, sound_log_is_left_as_it_is) {
  make();
  const RepairReport report = repair();
  EXPECT_TRUE(report.was_sound);
  EXPECT_EQ(report.end.seq, Seq{kEvents});
  for (const auto& entry : fs::directory_iterator(path())) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("log.")) << entry.path();
  }
}

TEST_F(RepairTest, lost_tail) {
  make();
  cut_wal(100);
  EXPECT_EQ(open_failure(path(), OpenMode::kWrite).code, StorageError::kTailLost);
  const RepairReport report = repair();
  ASSERT_TRUE(report.found.has_value());
  EXPECT_EQ(report.found->code, StorageError::kTailLost);
  EXPECT_FALSE(report.gap->lost_known);
  EXPECT_EQ(report.gap->chain_at_mark, before_.back().chain);
  EXPECT_EQ(report.kept.seq, Seq{kEvents / 2});
  EXPECT_EQ(report.set_aside, "log.damaged-1");
  EXPECT_TRUE(fs::exists(path() / "log.damaged-1" / "CURRENT"));
  expect_repaired(report, kEvents / 2, kEvents);
  go_on();
}

// One place said where the log ends for whoever opens it, another what was kept: two numbers for
// one cut, and nobody said why.
TEST_F(RepairTest, events_of_a_torn_write_are_kept_and_the_gap_says_so) {
  make();
  cut_wal(fs::file_size(wal_of(path())) / 2);
  const StorageFailure refused = open_failure(path(), OpenMode::kWrite);
  EXPECT_EQ(refused.code, StorageError::kTailLost);
  EXPECT_EQ(refused.seq, Seq{kEvents / 2}) << "the second half is one write";
  const RepairReport report = repair();
  EXPECT_EQ(report.found->seq, refused.seq);
  ASSERT_GT(report.kept.seq, refused.seq);
  const auto torn = found_behind_end(report);
  ASSERT_TRUE(torn.has_value());
  EXPECT_EQ(torn->from, core::next(refused.seq));
  EXPECT_EQ(torn->to, report.kept.seq);
  EXPECT_TRUE(report.gap->reason.ends_with("; a torn write had all up to " +
                                           std::to_string(report.kept.seq.value)))
      << report.gap->reason;
  EXPECT_EQ(report.gap->from, core::next(report.kept.seq));
}

TEST_F(RepairTest, a_cut_between_writes_is_counted_once) {
  make();
  cut_wal(100);
  EXPECT_FALSE(found_behind_end(repair()).has_value());
}

TEST_F(RepairTest, dry_run_changes_nothing) {
  make();
  cut_wal(100);
  RepairOptions options;
  options.dry_run = true;
  const RepairReport report = repair(options);
  EXPECT_EQ(report.gap->from, Seq{kEvents / 2 + 1});
  EXPECT_FALSE(fs::exists(path() / "log.damaged-1"));
  EXPECT_FALSE(fs::exists(path() / "log.repairing"));
  EXPECT_EQ(open_failure(path(), OpenMode::kWrite).code, StorageError::kTailLost);
}

TEST_F(RepairTest, record_in_the_middle) {
  make();
  damage_record(Seq{13});
  const RepairReport report = repair();
  EXPECT_EQ(report.found->code, StorageError::kDamaged);
  EXPECT_EQ(report.found->seq, Seq{13});
  EXPECT_EQ(report.readable_behind, kEvents - 13);
  EXPECT_TRUE(report.gap->lost_known);
  expect_repaired(report, 12, kEvents);
  go_on();
}

TEST_F(RepairTest, missing_high_water_mark_leaves_an_empty_gap) {
  make();
  fs::remove(path() / "high_water");
  const RepairReport report = repair();
  EXPECT_FALSE(report.gap->lost_known);
  EXPECT_FALSE(report.gap->chain_at_mark.has_value());
  expect_repaired(report, kEvents, kEvents);
  const auto log = open_log(path(), OpenMode::kReadOnly);
  EXPECT_NE(log->content(large_.hash), nullptr);
}

TEST_F(RepairTest, missing_manifest) {
  for (const bool flushed : {false, true}) {
    fs::remove_all(path());
    generator_ = tests::EventGenerator(12);
    make(flushed);
    for (const auto& entry : fs::directory_iterator(path() / "log")) {
      const std::string name = entry.path().filename();
      if (name.starts_with("MANIFEST") || name == "CURRENT") fs::remove(entry.path());
    }
    const RepairReport report = repair();
    expect_repaired(report, kEvents, kEvents);
    const auto log = open_log(path(), OpenMode::kReadOnly);
    ASSERT_NE(log->content(large_.hash), nullptr) << "flushed " << flushed;
  }
}

TEST_F(RepairTest, missing_table_loses_all_behind_it) {
  make();
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator(path() / "log")) {
    if (entry.path().extension() == ".sst") tables.push_back(entry.path());
  }
  ASSERT_FALSE(tables.empty());
  for (const fs::path& table : tables) fs::remove(table);
  const auto report = repair_log(path(), {});
  ASSERT_FALSE(report.has_value()) << "the first half was in it, nothing links the second one";
  EXPECT_NE(report.error().detail.find("not one event"), std::string::npos);
  EXPECT_FALSE(fs::exists(path() / "log.damaged-1"));
}

TEST_F(RepairTest, a_newer_programs_log_is_not_damage) {
  make();
  {
    RawLog raw(path());
    std::ifstream file(fs::path(preconf::tests::tests_dir()) / "golden" / "records_handmade.txt");
    for (std::string name, hex; file >> name >> hex;) {
      if (name == "unknown_kind") {
        raw.put(RawLog::kLog, RawLog::key(Seq{5}), core::from_hex(hex).value());
      }
    }
  }
  const auto report = repair_log(path(), {});
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, StorageError::kUnknownKind);
}

TEST_F(RepairTest, a_running_node_is_not_disturbed) {
  make();
  const auto log = open_log(path(), OpenMode::kWrite);
  const auto report = repair_log(path(), {});
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, StorageError::kLocked);
}

/// Killed before each step: the log is either still refused or sound, and the repeated repair ends
/// with the same log.
TEST_F(RepairTest, can_be_killed_at_every_step) {
  for (const RepairStep killed_at : kSteps) {
    SCOPED_TRACE(static_cast<int>(killed_at));
    fs::remove_all(path());
    generator_ = tests::EventGenerator(13);
    make();
    cut_wal(100);
    RepairOptions options;
    options.goes_on = [killed_at](RepairStep step) { return step != killed_at; };
    EXPECT_TRUE(repair(options).was_stopped);
    EXPECT_FALSE(EventLog::open(path(), OpenMode::kWrite).has_value())
        << "refused until the repair is finished";
    const RepairReport report = repair();
    EXPECT_EQ(report.was_resumed, killed_at >= RepairStep::kSetAside);
    expect_repaired(report, kEvents / 2, kEvents);
    EXPECT_TRUE(fs::exists(path() / "log.damaged-1" / "CURRENT"));
  }
}

}  // namespace
}  // namespace preconf::storage
