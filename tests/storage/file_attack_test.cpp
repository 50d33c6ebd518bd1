// Whole files of a small log deleted, replaced by older ones or by those of another node; and what
// a writer that meets damage leaves behind: everything that it refuses stays as it was.
#include <gtest/gtest.h>

#include "tests/storage/attack_log.hpp"
#include "tests/storage/file_attack.hpp"
#include "tests/storage/log_fixture.hpp"

namespace preconf::storage {
namespace {

using core::Seq;
using tests::EventGenerator;
using tests::TemporaryDirectory;
namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 77;

class FileAttack : public ::testing::TestWithParam<AttackShape> {
 protected:
  void SetUp() override {
    std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
    log_ = make_attack_log(directory_.path() / "a", GetParam(), kSeed, Seq{kAttackEvents});
  }
  void TearDown() override {
    tally_.print(::testing::UnitTest::GetInstance()->current_test_info()->name());
  }
  /// A copy to damage.
  [[nodiscard]] const fs::path& fresh_copy() {
    copy_log(log_.path, copy_);
    return copy_;
  }
  Judgement look(const fs::path& file, OpenMode mode) {
    Judgement found = judge(log_, copy_, mode);
    tally_.add(row_of(file), found.verdict);
    EXPECT_NE(found.verdict, Verdict::kWrong) << file << ": " << found.why;
    EXPECT_NE(found.verdict, Verdict::kShorter) << file << ": " << found.why;
    return found;
  }
  void expect_goes_on();
  void expect_nothing_destroyed(const fs::path& file, const core::Bytes& damaged);

  TemporaryDirectory directory_{attack_parent()};
  fs::path copy_ = directory_.path() / "copy";
  AttackLog log_;
  Tally tally_;
};

/// What was opened with less than was written must still take events and give them back.
void FileAttack::expect_goes_on() {
  {
    const auto log = open_log(copy_, OpenMode::kWrite);
    ASSERT_NE(log, nullptr);
    EventGenerator generator(3);
    append(*log, generator.batch(core::next(log_.last()), 1));
  }
  const auto log = open_log(copy_, OpenMode::kReadOnly);
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->end().seq, core::next(log_.last()));
  EXPECT_EQ(read_all(*log).events.size(), log_.events.size() + 1);
}

struct Missing {
  StorageError code;
  Seq seq;
};

/// What the format page promises for a file that is gone; nothing: the log is whole.
std::optional<Missing> promised(const AttackLog& log, const fs::path& file) {
  const std::string row = row_of(file);
  if (row == "VERSION") return Missing{StorageError::kNotFound, {}};
  if (row == "high_water") return Missing{StorageError::kDamaged, log.last()};
  if (row == "*.sst" || row == "*.blob") return Missing{StorageError::kDamaged, {}};
  if (row == "log/CURRENT" || row == "log/MANIFEST") return Missing{StorageError::kDamaged, {}};
  if (row == "*.log" && log.path / file == log.wal && !log.ends.empty()) {
    return Missing{StorageError::kTailLost, Seq{log.ends.begin()->second.value - 1}};
  }
  return std::nullopt;
}

TEST_P(FileAttack, each_file_deleted) {
  for (const fs::path& file : files_of(log_.path)) {
    for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kWrite}) {
      fs::remove(fresh_copy() / file);
      const Judgement found = look(file, mode);
      const auto expected = promised(log_, file);
      EXPECT_EQ(found.verdict == Verdict::kAtOpen, expected.has_value()) << file << found.why;
      if (expected) {
        EXPECT_EQ(found.failure.code, expected->code) << file << ": " << found.why;
        EXPECT_EQ(found.failure.seq, expected->seq) << file << ": " << found.why;
      } else if (mode == OpenMode::kWrite) {
        expect_goes_on();
      }
    }
  }
}

TEST_P(FileAttack, an_older_mark_still_proves_its_part) {
  const auto write_older = [&](Seq seq) {
    const AttackLog other =
        make_attack_log(directory_.path() / std::to_string(seq.value), GetParam(), kSeed, seq);
    fs::copy_file(other.path / "high_water", fresh_copy() / "high_water",
                  fs::copy_options::overwrite_existing);
  };
  for (const std::uint64_t mark : {1u, 20u, 39u}) {
    write_older(Seq{mark});
    EXPECT_EQ(look("high_water", OpenMode::kReadOnly).verdict, Verdict::kHarmless) << mark;
    EXPECT_EQ(look("high_water", OpenMode::kWrite).verdict, Verdict::kHarmless) << mark;
    expect_goes_on();
  }
  if (log_.ends.empty()) return;
  write_older(Seq{30});
  const auto wal = copy_ / fs::relative(log_.wal, log_.path);
  for (const auto& [end, seq] : log_.ends) {
    if (seq.value == 29) fs::resize_file(wal, end);
  }
  const Judgement found = look("high_water", OpenMode::kWrite);
  EXPECT_EQ(found.failure.code, StorageError::kTailLost);
  EXPECT_EQ(found.failure.seq, Seq{29});
}

TEST_P(FileAttack, a_mark_of_the_future_is_a_lost_tail) {
  {
    const auto log = open_log(fresh_copy(), OpenMode::kWrite);
    EventGenerator generator(4);
    ASSERT_TRUE(
        log->write_high_water_mark(append(*log, generator.batch(core::next(log_.last()), 2)))
            .has_value());
  }
  const core::Bytes future = read_bytes(copy_ / "high_water");
  write_bytes(fresh_copy() / "high_water", future);
  const Judgement found = look("high_water", OpenMode::kWrite);
  EXPECT_EQ(found.failure.code, StorageError::kTailLost);
  EXPECT_EQ(found.failure.seq, log_.last());
}

/// The same kind of file, in the same place, of a log with other events.
TEST_P(FileAttack, each_file_swapped_with_another_node) {
  const AttackLog other =
      make_attack_log(directory_.path() / "b", GetParam(), kSeed + 1, Seq{kAttackEvents});
  const auto files = files_of(log_.path);
  ASSERT_EQ(files, files_of(other.path)) << "two nodes with the same files";
  for (const fs::path& file : files) {
    for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kWrite}) {
      fs::copy_file(other.path / file, fresh_copy() / file, fs::copy_options::overwrite_existing);
      const Judgement found = look(file, mode);
      const std::string row = row_of(file);
      if (row == "high_water" || (log_.path / file == log_.wal && !log_.ends.empty())) {
        EXPECT_EQ(found.failure.code, StorageError::kDamaged) << file << ": " << found.why;
        EXPECT_EQ(found.failure.seq, log_.mark) << file << ": " << found.why;
      }
      const bool has_tables = GetParam() != AttackShape::kWal;  // else all manifests are alike
      if (row == "*.sst" || (row == "log/MANIFEST" && has_tables)) {
        EXPECT_TRUE(found.verdict == Verdict::kAtOpen || found.verdict == Verdict::kAtReading)
            << file << ": " << found.why;
      }
    }
  }
}

/// A history of another node with the right mark: the chain breaks where the histories meet.
TEST(SwappedTables, break_the_chain_where_the_histories_meet) {
  TemporaryDirectory directory{attack_parent()};
  const auto make = [&](const char* name, std::uint64_t seed) {
    return make_attack_log(directory.path() / name, AttackShape::kWal, seed, Seq{kAttackEvents});
  };
  const AttackLog log = make("a", kSeed);
  const AttackLog other = make("b", kSeed + 1);
  {
    RawLog to(log.path);
    RawLog from(other.path);
    for (std::uint64_t seq = 1; seq <= 15; ++seq) {
      const std::string key = RawLog::key(Seq{seq});
      to.put(RawLog::kLog, key, from.get(RawLog::kLog, key));
    }
  }
  const auto opened = open_log(log.path, OpenMode::kReadOnly);
  ASSERT_NE(opened, nullptr);
  const auto read = read_all(*opened);
  ASSERT_TRUE(read.failure.has_value());
  EXPECT_EQ(read.failure->code, StorageError::kDamaged);
  EXPECT_EQ(read.failure->seq, Seq{16});
}

/// Opens for writing with `file` damaged. Refused: putting the bytes back must give all of the log
/// again. Opened: the log is judged as any other and goes on.
void FileAttack::expect_nothing_destroyed(const fs::path& file, const core::Bytes& damaged) {
  const core::Bytes whole = read_bytes(log_.path / file);
  write_bytes(fresh_copy() / file, damaged);
  const Judgement found = look(file, OpenMode::kWrite);
  if (found.verdict == Verdict::kAtOpen) {
    write_bytes(copy_ / file, whole);
    const Judgement restored = judge(log_, copy_, OpenMode::kWrite);
    EXPECT_EQ(restored.verdict, Verdict::kHarmless)
        << file << " was refused (" << found.why << "), restored, and then: " << restored.why;
  } else if (found.verdict != Verdict::kAtReading && found.verdict != Verdict::kWrong) {
    expect_goes_on();
  }
}

TEST_P(FileAttack, a_refused_writer_destroys_nothing) {
  std::mt19937_64 random(kSeed);
  const std::size_t rounds = full_attack() ? 500 : 3;
  for (const fs::path& file : files_of(log_.path)) {
    const core::Bytes whole = read_bytes(log_.path / file);
    if (whole.empty()) continue;
    for (std::size_t i = 0; i < rounds && !HasFailure(); ++i) {
      core::Bytes flipped = whole;
      flipped[random() % whole.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
      expect_nothing_destroyed(file, flipped);
      core::Bytes cut = whole;
      cut.resize(random() % whole.size());
      expect_nothing_destroyed(file, cut);
    }
  }
}

std::string shape_name(const ::testing::TestParamInfo<AttackShape>& shape) {
  constexpr const char* kNames[] = {"wal", "tables", "mixed"};
  return kNames[static_cast<std::size_t>(shape.param)];
}
INSTANTIATE_TEST_SUITE_P(log, FileAttack,
                         ::testing::Values(AttackShape::kWal, AttackShape::kTables,
                                           AttackShape::kMixed),
                         shape_name);

}  // namespace
}  // namespace preconf::storage
