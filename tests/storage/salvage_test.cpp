// What a repair finds in damaged files: everything that proves itself, whatever the other files are
// like, and nothing that does not.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "storage/capture_file.hpp"
#include "storage/capture_import.hpp"
#include "storage/losses.hpp"
#include "storage/retention.hpp"
#include "storage/snapshot_store.hpp"
#include "tests/storage/capture_fixture.hpp"
#include "tests/storage/repair_fixture.hpp"

namespace preconf::storage {
namespace {

namespace fs = std::filesystem;
using core::Seq;

class SalvageTest : public RepairTest {
 protected:
  [[nodiscard]] std::vector<fs::path> files(const std::string& extension) const {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(path() / "log")) {
      if (entry.path().extension() == extension) out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  void make_again(std::uint64_t seed) {
    fs::remove_all(path());
    generator_ = tests::EventGenerator(seed);
    before_.clear();
    make();
  }
  /// The kept events are those that were there; a digest is right or absent.
  void expect_true_prefix(std::uint64_t kept) {
    const auto log = open_log(path(), OpenMode::kReadOnly);
    ASSERT_NE(log, nullptr);
    const auto read = read_all(*log);
    EXPECT_FALSE(read.failure.has_value()) << read.failure->detail;
    ASSERT_EQ(read.events.size(), kept + 1);
    for (std::size_t i = 0; i < kept; ++i) {
      EXPECT_EQ(read.events[i].chain, before_[i].chain);
      if (read.events[i].effects_digest) {
        EXPECT_EQ(read.events[i].effects_digest, before_[i].effects_digest);
      }
    }
  }
};

void append_garbage(const fs::path& path) {
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << std::string(100, 'x');
}
void make_dangling(const fs::path& path) {
  fs::remove(path);
  fs::create_symlink("/nowhere/at/all", path);
}

TEST_F(SalvageTest, garbage_behind_a_table_costs_nothing) {
  make_again(21);
  const std::size_t count = files(".sst").size();
  ASSERT_GE(count, 3u);
  for (std::size_t i = 0; i < count; ++i) {
    make_again(21);
    append_garbage(files(".sst").at(i));
    SCOPED_TRACE(files(".sst").at(i).string());
    expect_repaired(repair(), kEvents, kEvents);
    EXPECT_NE(open_log(path(), OpenMode::kReadOnly)->content(large_.hash), nullptr);
  }
}

TEST_F(SalvageTest, a_cut_table_costs_what_was_cut_off) {
  make_again(22);
  const std::size_t count = files(".sst").size();
  std::uint64_t least = kEvents;
  for (std::size_t i = 0; i < count; ++i) {
    make_again(22);
    const fs::path table = files(".sst").at(i);
    fs::resize_file(table, fs::file_size(table) * 3 / 4);
    SCOPED_TRACE(table.string());
    const RepairReport report = repair();
    EXPECT_GT(report.kept.seq, Seq{8});
    least = std::min(least, report.kept.seq.value);
    expect_true_prefix(report.kept.seq.value);
  }
  EXPECT_LT(least, kEvents) << "one of them holds events";
}

TEST_F(SalvageTest, a_dangling_link_costs_one_table) {
  make_again(23);
  const std::size_t count = files(".sst").size();
  std::size_t whole = 0;
  for (std::size_t i = 0; i < count; ++i) {
    make_again(23);
    make_dangling(files(".sst").at(i));
    const auto report = repair_log(path(), {});
    if (!report) {
      EXPECT_NE(report.error().detail.find("not one event"), std::string::npos);
      continue;  // the events' own
    }
    ++whole;
    EXPECT_EQ(report->kept.seq, Seq{kEvents});
    expect_true_prefix(kEvents);
  }
  EXPECT_EQ(whole, count - 1);
}

/// A digest proves nothing of itself. One of a record whose checksum is wrong would make replay
/// report a divergence that is none.
TEST_F(SalvageTest, digests_of_a_damaged_write_are_not_believed) {
  make(false);
  const core::Hash32 digest = before_[7].effects_digest.value();
  std::size_t flipped = 0;
  for (const fs::path& wal : files(".log")) {
    const core::Bytes bytes = tests::read_bytes(wal);
    const auto found =
        std::search(bytes.begin(), bytes.end(), digest.bytes.begin(), digest.bytes.end());
    if (found == bytes.end()) continue;
    flip_byte(wal, static_cast<std::uint64_t>(found - bytes.begin()) + 3);
    ++flipped;
  }
  ASSERT_EQ(flipped, 1u);
  const RepairReport report = repair();
  EXPECT_EQ(report.kept.seq, Seq{kEvents}) << "the records prove themselves";
  expect_true_prefix(kEvents);
  const auto read = read_all(*open_log(path(), OpenMode::kReadOnly));
  EXPECT_FALSE(read.events[7].effects_digest.has_value());
  EXPECT_TRUE(read.events[30].effects_digest.has_value()) << "of a write that is whole";
}

TEST_F(SalvageTest, a_second_repair_keeps_what_lies_behind_the_first_gap) {
  make();
  damage_record(Seq{13});
  EXPECT_EQ(repair().kept.seq, Seq{12});
  go_on();
  for (const fs::path& table : files(".sst")) append_garbage(table);
  EXPECT_EQ(repair().kept.seq, Seq{kEvents + 4}) << "a gap's record and three events";
  EXPECT_TRUE(repair_again_says_sound());
}

/// Verify called such a log damaged and repair called it sound: there was no way out.
TEST_F(SalvageTest, lost_content_is_written_down_and_then_no_damage) {
  make();
  const Content content = tests::content_of(generator_.bytes(5'000));
  const std::string key(content.hash.bytes.begin(), content.hash.bytes.end());
  core::Event event;
  event.seq = Seq{kEvents + 1};
  core::events::TxListReceived list;
  list.facts.hash = content.hash;
  list.facts.compressed_bytes = 5'000;
  event.body = list;
  append(*open_log(path(), OpenMode::kWrite), EventBatch{{event}, {}});
  before_ = read_all(*open_log(path(), OpenMode::kReadOnly)).events;

  const RepairReport report = repair();
  ASSERT_TRUE(report.found.has_value());
  EXPECT_EQ(report.found->code, StorageError::kContentMissing);
  EXPECT_EQ(report.found->seq, event.seq);
  EXPECT_EQ(report.contents_lost_total, 1u);
  EXPECT_TRUE(report.gap->lost_known) << "no event is lost";
  expect_repaired(report, kEvents + 1, kEvents + 1);
  const auto removed = open_log(path(), OpenMode::kReadOnly)->removed(content.hash);
  ASSERT_TRUE(removed.has_value());
  EXPECT_EQ(removed->cause, RemovalCause::kLost);
  EXPECT_EQ(removed->size_bytes, 5'000u);

  // It may come again.
  const auto log = open_log(path(), OpenMode::kWrite);
  append(*log, EventBatch{{}, {content}});
  EXPECT_NE(log->content(content.hash), nullptr);
  EXPECT_FALSE(log->removed(content.hash).has_value());
}

TEST(SalvageCapture, an_imported_part_of_a_log_keeps_its_begin) {
  tests::TemporaryDirectory directory;
  const fs::path file = directory.path() / "part.pccap";
  const fs::path log = directory.path() / "node";
  LogPosition base{Seq{1'000}, {}};
  base.chain.bytes[0] = 9;
  tests::make_capture(file, 31, 60, base);
  const auto capture = CaptureFile::open(file);
  ASSERT_TRUE(capture.has_value());
  ASSERT_TRUE(import_capture(**capture, log, {}).has_value());
  const fs::path wal = wal_of(log);
  fs::resize_file(wal, fs::file_size(wal) - 200);
  const auto report = repair_log(log, {});
  ASSERT_TRUE(report.has_value()) << report.error().detail;
  EXPECT_EQ(report->base, base);
  EXPECT_GT(report->kept.seq, base.seq);
  EXPECT_EQ(open_log(log, OpenMode::kReadOnly)->base(), base);

  // Even when the log's own note of it is gone.
  fs::remove_all(log);
  ASSERT_TRUE(import_capture(**capture, log, {}).has_value());
  core::Bytes bytes = tests::read_bytes(wal_of(log));
  const std::string key = "base";
  const auto found = std::search(bytes.begin(), bytes.end(), key.begin(), key.end());
  ASSERT_NE(found, bytes.end());
  flip_byte(wal_of(log), static_cast<std::uint64_t>(found - bytes.begin()));
  const auto again = repair_log(log, {});
  ASSERT_TRUE(again.has_value()) << again.error().detail;
  EXPECT_EQ(again->base, base);
  EXPECT_EQ(again->kept.seq, Seq{1'060});
}

TEST(SalvageCapture, without_the_state_at_its_begin_a_log_is_damaged_and_no_repair_helps) {
  tests::TemporaryDirectory directory;
  const fs::path file = directory.path() / "part.pccap";
  const fs::path log = directory.path() / "node";
  LogPosition base{Seq{1'000}, {}};
  base.chain.bytes[0] = 9;
  tests::make_capture(file, 32, 20, base);
  ASSERT_TRUE(import_capture(**CaptureFile::open(file), log, {}).has_value());
  EXPECT_FALSE(check_base_state(log, base).has_value());
  const fs::path state = log / "base" / "00000000000000001000.snap";
  ASSERT_TRUE(fs::exists(state));
  for (const bool is_missing : {false, true}) {
    if (is_missing) {
      fs::remove(state);
    } else {
      flip_byte(state, 100);
    }
    const auto found = check_base_state(log, base);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->code, StorageError::kDamaged);
    EXPECT_EQ(found->seq, base.seq);
    const auto report = repair_log(log, {});
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, StorageError::kDamaged);
    EXPECT_NE(report.error().detail.find(is_missing ? "missing" : "damaged"), std::string::npos);
    EXPECT_FALSE(fs::exists(log / "log.damaged-1"));
  }
}

/// Name, type, size, time of change and bytes of everything below a directory.
std::map<std::string, std::string> everything_in(const fs::path& directory) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    struct stat info = {};
    ::lstat(entry.path().c_str(), &info);
    std::string about = std::to_string(info.st_mode) + " " + std::to_string(info.st_ino) + " " +
                        std::to_string(info.st_mtim.tv_sec) + "." +
                        std::to_string(info.st_mtim.tv_nsec) + " ";
    if (entry.is_regular_file()) {
      const core::Bytes bytes = tests::read_bytes(entry.path());
      about.append(bytes.begin(), bytes.end());
    }
    out[fs::relative(entry.path(), directory)] = about;
  }
  return out;
}

TEST_F(SalvageTest, dry_runs_write_nothing) {
  make();
  PruneRequest request;
  request.contents_to = Seq{10};
  const auto sound = everything_in(path());
  const auto pruned = prune_log(path(), request);
  EXPECT_TRUE(pruned.has_value()) << pruned.error().detail;
  EXPECT_TRUE(everything_in(path()) == sound) << "prune";

  cut_wal(100);
  fs::remove(path() / "LOCK");
  const auto damaged = everything_in(path());
  RepairOptions options;
  options.dry_run = true;
  EXPECT_EQ(repair(options).kept.seq, Seq{kEvents / 2});
  EXPECT_TRUE(everything_in(path()) == damaged) << "repair";
}

TEST_F(SalvageTest, a_directory_in_place_of_the_mark_is_moved_away) {
  make();
  fs::remove(path() / "high_water");
  fs::create_directories(path() / "high_water" / "inside");
  const RepairReport report = repair();
  EXPECT_TRUE(fs::exists(path() / "high_water.damaged-1" / "inside"));
  expect_repaired(report, kEvents, kEvents);
}

/// Acts as a user who may not read everything; root may always.
class OtherUser {
 public:
  OtherUser() : was_root_(::geteuid() == 0) {
    if (was_root_ && ::seteuid(65'534) != 0) throw std::runtime_error("seteuid");
  }
  ~OtherUser() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }
  OtherUser(const OtherUser&) = delete;
  OtherUser& operator=(const OtherUser&) = delete;

 private:
  const bool was_root_;
};

/// What may not be read is no damage: it is named, and nothing is given up.
TEST_F(SalvageTest, a_file_that_may_not_be_read_is_no_damage) {
  make();
  if (::geteuid() == 0) {
    for (const auto& entry : fs::recursive_directory_iterator(path())) {
      ASSERT_EQ(::chown(entry.path().c_str(), 65'534, 65'534), 0);
    }
    ASSERT_EQ(::chown(path().c_str(), 65'534, 65'534), 0);
    ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
  }
  std::vector<fs::path> all = files(".sst");
  for (const char* extension : {".log", ".blob"}) {
    for (const fs::path& file : files(extension)) all.push_back(file);
  }
  for (const char* name : {"VERSION", "high_water"}) all.push_back(path() / name);
  std::size_t refused = 0;
  for (const fs::path& file : all) {
    SCOPED_TRACE(file.string());
    fs::permissions(file, fs::perms::none);
    const auto before = everything_in(path() / "log");
    {
      const OtherUser user;
      const auto report = repair_log(path(), {});
      ASSERT_FALSE(report.has_value());
      EXPECT_EQ(report.error().code, StorageError::kIo) << report.error().detail;
      EXPECT_NE(report.error().detail.find(file.filename()), std::string::npos)
          << report.error().detail;
      const auto opened = EventLog::open(path(), OpenMode::kReadOnly);
      if (!opened) {
        EXPECT_EQ(opened.error().code, StorageError::kIo) << opened.error().detail;
        ++refused;
      }
    }
    EXPECT_TRUE(everything_in(path() / "log") == before);
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  }
  EXPECT_GE(refused, all.size() - 1) << "an empty write-ahead log may be passed over";
  const OtherUser user;
  EXPECT_TRUE(repair().was_sound);
}

}  // namespace
}  // namespace preconf::storage
