// One file of a small log damaged in every way, and then a repair: what it keeps is true, what the
// damage did not reach is kept, and the log is sound afterwards or the refusal has a name.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>

#include "storage/log_repair.hpp"
#include "tests/storage/attack_log.hpp"
#include "tests/storage/file_attack.hpp"
#include "tests/storage/log_fixture.hpp"

namespace preconf::storage {
namespace {

using core::Seq;
namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 78;

struct Damage {
  std::string name;
  std::function<void(const fs::path&)> apply;
};

void write_at(const fs::path& path, std::uint64_t offset, std::uint8_t byte) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte));
}

/// Every damage of a file of this many bytes that is tried.
std::vector<Damage> damages_of(const fs::path& path) {
  const core::Bytes bytes = read_bytes(path);
  const std::uint64_t flips = std::min<std::uint64_t>(bytes.size(), full_attack() ? 200 : 5);
  const std::uint64_t cuts = full_attack() ? 64 : 3;
  std::vector<Damage> out;
  for (std::uint64_t i = 0; i < flips && !bytes.empty(); ++i) {
    const std::uint64_t at = i * (bytes.size() - 1) / std::max<std::uint64_t>(flips - 1, 1);
    const auto byte = static_cast<std::uint8_t>(bytes[at] ^ 0x20);
    out.push_back({"flip at " + std::to_string(at),
                   [at, byte](const fs::path& file) { write_at(file, at, byte); }});
  }
  for (std::uint64_t i = 0; i < cuts && !bytes.empty(); ++i) {
    const std::uint64_t size = i * bytes.size() / cuts;
    out.push_back({"cut to " + std::to_string(size),
                   [size](const fs::path& file) { fs::resize_file(file, size); }});
  }
  out.push_back({"garbage behind", [](const fs::path& file) {
                   std::ofstream(file, std::ios::binary | std::ios::app) << std::string(500, 'g');
                 }});
  out.push_back({"all zeros", [](const fs::path& file) {
                   write_bytes(file, core::Bytes(fs::file_size(file)));
                 }});
  out.push_back({"gone", [](const fs::path& file) { fs::remove(file); }});
  out.push_back({"a link to nowhere", [](const fs::path& file) {
                   fs::remove(file);
                   fs::create_symlink("/nowhere/at/all", file);
                 }});
  out.push_back({"a directory", [](const fs::path& file) {
                   fs::remove(file);
                   fs::create_directory(file);
                 }});
  return out;
}

class RepairAttack : public ::testing::TestWithParam<AttackShape> {
 protected:
  void SetUp() override {
    std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
    log_ = make_attack_log(directory_.path() / "a", GetParam(), kSeed, Seq{kAttackEvents});
  }
  void attack(const fs::path& file, const Damage& damage) {
    SCOPED_TRACE(file.string() + ", " + damage.name);
    copy_log(log_.path, copy_);
    damage.apply(copy_ / file);
    const auto report = repair_log(copy_, {});
    if (!report) {
      ++refused_[row_of(file)];
      expect_fair_refusal(file, report.error());
      return;
    }
    ++repaired_[row_of(file)];
    EXPECT_GE(report->kept.seq, least(file)) << report->found->detail;
    expect_true(*report);
    const auto again = repair_log(copy_, {});
    ASSERT_TRUE(again.has_value()) << again.error().detail;
    EXPECT_TRUE(again->was_sound) << again->found->detail;
  }

  /// What damage of this file can not reach must be kept.
  [[nodiscard]] Seq least(const fs::path& file) const {
    const std::string row = row_of(file);
    const bool holds_events = row == "*.sst" || log_.path / file == log_.wal;
    if (!holds_events) return log_.last();
    if (row == "*.log" && GetParam() == AttackShape::kMixed) return Seq{kAttackEvents / 2};
    return Seq{0};
  }

  /// Nothing but events of this log, in order, and the record of the gap.
  void expect_true(const RepairReport& report) {
    const auto opened = open_log(copy_, OpenMode::kReadOnly);
    ASSERT_NE(opened, nullptr);
    const auto read = read_all(*opened);
    EXPECT_FALSE(read.failure.has_value()) << read.failure->detail;
    const std::uint64_t kept = report.kept.seq.value;
    ASSERT_LE(kept, log_.events.size());
    ASSERT_EQ(read.events.size(), kept + (report.was_sound ? 0 : 1));
    for (std::uint64_t i = 0; i < kept; ++i) {
      ASSERT_EQ(read.events[i].chain, log_.chains[i]);
      if (read.events[i].effects_digest) {
        EXPECT_EQ(*read.events[i].effects_digest, log_.digests[i]) << i;
      }
    }
    for (const Content& content : log_.contents) {
      const auto bytes = opened->content(content.hash);
      if (bytes != nullptr) {
        EXPECT_EQ(*bytes, *content.bytes);
      }
    }
    if (!report.was_sound) {
      EXPECT_TRUE(fs::exists(copy_ / report.set_aside) || report.set_aside.empty());
    }
  }

  static void expect_fair_refusal(const fs::path& file, const StorageFailure& failure) {
    const std::string row = row_of(file);
    EXPECT_FALSE(failure.detail.empty());
    const bool is_unprovable = failure.detail.find("not one event") != std::string::npos;
    EXPECT_TRUE(row == "VERSION" || row == "LOCK" ||
                (is_unprovable && (row == "*.sst" || row == "*.log")))
        << failure.detail;
  }

  tests::TemporaryDirectory directory_{attack_parent()};
  fs::path copy_ = directory_.path() / "copy";
  AttackLog log_;
  std::map<std::string, int> repaired_;
  std::map<std::string, int> refused_;
};

TEST_P(RepairAttack, keeps_what_the_damage_did_not_reach_and_nothing_else) {
  for (const fs::path& file : files_of(log_.path)) {
    for (const Damage& damage : damages_of(log_.path / file)) attack(file, damage);
  }
  for (const auto& [row, count] : repaired_) {
    std::printf("%-16s repaired %4d, refused %4d\n", row.c_str(), count, refused_[row]);
  }
  EXPECT_GT(repaired_["*.log"] + repaired_["*.sst"], 0);
}

INSTANTIATE_TEST_SUITE_P(Shapes, RepairAttack,
                         ::testing::Values(AttackShape::kWal, AttackShape::kTables,
                                           AttackShape::kMixed));

}  // namespace
}  // namespace preconf::storage
