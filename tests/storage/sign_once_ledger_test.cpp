// The sign-once ledger: one content per slot, whatever happens to the process or the log.
#include "storage/sign_once_ledger.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "storage/log_repair.hpp"
#include "storage/retention.hpp"
#include "tests/storage/ledger_entries.hpp"
#include "tests/storage/log_fixture.hpp"

namespace preconf::storage {
namespace {

namespace fs = std::filesystem;
using core::Seq;

using tests::content;
using tests::slot;

std::unique_ptr<SignOnceLedger> open(const fs::path& directory) {
  auto ledger = SignOnceLedger::open(directory);
  EXPECT_TRUE(ledger.has_value()) << (ledger ? "" : ledger.error().detail);
  return ledger ? std::move(ledger).value() : nullptr;
}

StorageError refused(const fs::path& directory) {
  const auto ledger = SignOnceLedger::open(directory);
  EXPECT_FALSE(ledger.has_value());
  return ledger ? StorageError::kIo : ledger.error().code;
}

TEST(Ledger, signs_one_content_per_slot) {
  tests::TemporaryDirectory directory;
  {
    const auto ledger = open(directory.path());
    EXPECT_EQ(ledger->record(slot(1), content(1)).value(), content(1));
    EXPECT_EQ(ledger->record(slot(1), content(1, 8)).value(), content(1, 7))
        << "the signature of the first time";
    const auto other = ledger->record(slot(1), content(2));
    ASSERT_FALSE(other.has_value());
    EXPECT_EQ(other.error().code, StorageError::kAlreadySigned);
    EXPECT_TRUE(ledger->record(slot(2), content(2)).has_value());
    SigningSlot elsewhere = slot(1);
    elsewhere.submission_window_end.value += 384;
    EXPECT_TRUE(ledger->record(elsewhere, content(3)).has_value());
    EXPECT_EQ(ledger->end().seq, Seq{3});
  }
  const auto ledger = open(directory.path());
  EXPECT_EQ(ledger->end().seq, Seq{3});
  EXPECT_EQ(ledger->find(slot(1)).value(), content(1));
  EXPECT_FALSE(ledger->find(slot(4)).value().has_value());
  EXPECT_FALSE(ledger->record(slot(2), content(9)).has_value());
}

TEST(Ledger, has_one_owner) {
  tests::TemporaryDirectory directory;
  const auto ledger = open(directory.path());
  EXPECT_EQ(refused(directory.path()), StorageError::kLocked);
}

TEST(Ledger, restored_from_an_older_backup_is_refused) {
  tests::TemporaryDirectory directory;
  (void)open(directory.path())->record(slot(1), content(1));
  fs::copy(directory.path() / "ledger", directory.path() / "backup", fs::copy_options::recursive);
  (void)open(directory.path())->record(slot(2), content(2));
  fs::remove_all(directory.path() / "ledger");
  EXPECT_EQ(refused(directory.path()), StorageError::kStale) << "removed";
  fs::rename(directory.path() / "backup", directory.path() / "ledger");
  EXPECT_EQ(refused(directory.path()), StorageError::kStale);
  EXPECT_EQ(refused(directory.path()), StorageError::kStale) << "looking does not heal it";
}

TEST(Ledger, of_another_node_is_refused) {
  tests::TemporaryDirectory directory;
  const fs::path ours = directory.path() / "a";
  const fs::path theirs = directory.path() / "b";
  fs::create_directories(ours);
  fs::create_directories(theirs);
  (void)open(ours)->record(slot(1), content(1));
  const auto other = open(theirs);
  (void)other->record(slot(1), content(2));
  (void)other->record(slot(2), content(2));
  fs::remove_all(ours / "ledger");
  fs::copy(theirs / "ledger", ours / "ledger", fs::copy_options::recursive);
  EXPECT_EQ(refused(ours), StorageError::kStale);
}

TEST(Ledger, without_its_mark_is_refused) {
  tests::TemporaryDirectory directory;
  (void)open(directory.path())->record(slot(1), content(1));
  fs::remove(directory.path() / "ledger_mark");
  EXPECT_EQ(refused(directory.path()), StorageError::kDamaged);
}

TEST(Ledger, keeps_what_it_returned_when_it_is_killed) {
  tests::TemporaryDirectory directory;
  std::uint64_t told = 0;
  for (std::uint64_t life = 1; life <= 20; ++life) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::execl(PRECONF_LEDGER_CHILD, PRECONF_LEDGER_CHILD, directory.path().c_str(),
              std::to_string(ends[1]).c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    const std::uint64_t until = told + 1 + life % 4;
    while (told < until) {
      std::uint64_t number = 0;
      ASSERT_EQ(::read(ends[0], &number, sizeof(number)), ssize_t{sizeof(number)});
      told = number;
    }
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    for (std::uint64_t number = 0; ::read(ends[0], &number, sizeof(number)) == sizeof(number);) {
      told = number;
    }
    ::close(ends[0]);
    const auto ledger = open(directory.path());
    ASSERT_NE(ledger, nullptr) << "life " << life;
    ASSERT_GE(ledger->end().seq.value, told);
    for (std::uint64_t number = 1; number <= told; ++number) {
      ASSERT_EQ(ledger->find(slot(number)).value(), content(static_cast<std::uint8_t>(number)));
    }
    told = ledger->end().seq.value;
  }
}

TEST(Ledger, survives_repair_and_the_loss_of_the_log) {
  tests::TemporaryDirectory directory;
  {
    const auto log = open_log(directory.path(), OpenMode::kCreate);
    append(*log, tests::EventGenerator(5).batch(Seq{1}, 10));
  }
  (void)open(directory.path())->record(slot(1), content(1));
  fs::remove(directory.path() / "high_water");
  ASSERT_TRUE(repair_log(directory.path(), {}).has_value());
  EXPECT_EQ(open(directory.path())->find(slot(1)).value(), content(1));
  fs::remove_all(directory.path() / "log");
  fs::remove_all(directory.path() / "snapshots");
  EXPECT_FALSE(open(directory.path())->record(slot(1), content(2)).has_value());
}

}  // namespace
}  // namespace preconf::storage
