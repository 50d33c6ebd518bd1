// Group commit, durability reports and the high-water mark of the writer.
#include "storage/log_writer.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

#include "core/limits.hpp"
#include "storage/high_water_mark.hpp"
#include "tests/storage/log_fixture.hpp"
#include "tests/support/storage_faults.hpp"

namespace preconf::storage {
namespace {

using core::Seq;
using tests::EventGenerator;
using tests::TemporaryDirectory;

constexpr auto kDeadline = std::chrono::seconds(60);

/// Collects what the writer reports, and waits for it.
class Reports {
 public:
  [[nodiscard]] WriterCallbacks callbacks() {
    return {[this](LogPosition position) {
              const std::lock_guard lock(mutex_);
              durable_.push_back(position);
              changed_.notify_all();
            },
            [this](StorageFailure failure) {
              const std::lock_guard lock(mutex_);
              failures_.push_back(std::move(failure));
              changed_.notify_all();
            }};
  }
  [[nodiscard]] bool wait_durable(Seq seq) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kDeadline,
                             [&] { return !durable_.empty() && durable_.back().seq >= seq; });
  }
  [[nodiscard]] bool wait_failure() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kDeadline, [&] { return !failures_.empty(); });
  }
  [[nodiscard]] std::vector<LogPosition> durable() {
    const std::lock_guard lock(mutex_);
    return durable_;
  }
  [[nodiscard]] std::vector<StorageFailure> failures() {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<LogPosition> durable_;
  std::vector<StorageFailure> failures_;
};

/// A log on a file system whose next sync can be held.
class LogWriterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_ = open_log(directory_.path(), OpenMode::kCreate, env_.get());
    ASSERT_NE(log_, nullptr);
  }
  std::shared_ptr<const EventBatch> batch(std::size_t count) {
    auto out = std::make_shared<const EventBatch>(generator_.batch(next_, count));
    next_.value += count;
    return out;
  }
  /// The next sync stops until release(); returns after it has begun.
  void hold_next_sync() {
    held_ = std::make_shared<std::promise<void>>();
    released_ = std::make_shared<std::promise<void>>();
    const auto armed = std::make_shared<std::atomic<bool>>(true);
    files_->on_wal_sync([armed, held = held_, released = released_] {
      if (armed->exchange(false)) {
        held->set_value();
        released->get_future().wait();
      }
      return true;
    });
  }
  void wait_until_held() {
    ASSERT_EQ(held_->get_future().wait_for(kDeadline), std::future_status::ready);
  }
  void release() { released_->set_value(); }

  TemporaryDirectory directory_;
  std::shared_ptr<tests::FaultFileSystem> files_ = std::make_shared<tests::FaultFileSystem>();
  std::unique_ptr<rocksdb::Env> env_ = tests::make_env(files_);
  EventGenerator generator_{21};
  Seq next_{1};
  std::unique_ptr<EventLog> log_;
  Reports reports_;
  std::shared_ptr<std::promise<void>> held_;
  std::shared_ptr<std::promise<void>> released_;
};

TEST_F(LogWriterTest, what_queues_up_during_a_sync_shares_the_next_one) {
  const std::size_t before = files_->wal_syncs();
  hold_next_sync();
  LogWriter writer(*log_, reports_.callbacks());
  writer.submit(batch(1));
  wait_until_held();
  for (int i = 0; i < 20; ++i) writer.submit(batch(5));
  EXPECT_EQ(writer.backlog(), 101u);
  EXPECT_TRUE(reports_.durable().empty()) << "nothing is durable before its sync has returned";
  release();
  ASSERT_TRUE(reports_.wait_durable(Seq{101}));
  EXPECT_EQ(files_->wal_syncs(), before + 2);
  EXPECT_EQ(writer.backlog(), 0u);
  const auto durable = reports_.durable();
  ASSERT_EQ(durable.size(), 2u);
  EXPECT_EQ(durable[0].seq, Seq{1});
  EXPECT_EQ(durable[1], log_->end());
}

TEST_F(LogWriterTest, one_commit_is_bounded_in_events_and_bytes) {
  hold_next_sync();
  LogWriter writer(*log_, reports_.callbacks());
  writer.submit(batch(1));
  wait_until_held();
  const std::size_t limit = core::limits::kBatchEventsMax;
  for (std::size_t i = 0; i < 3 * limit; ++i) writer.submit(batch(1));
  // One batch alone may be larger than a commit.
  writer.submit(batch(2 * limit));
  auto heavy = generator_.batch(next_, 1);
  heavy.contents = {tests::content_of(generator_.bytes(2 * core::limits::kBatchBytesMax))};
  writer.submit(std::make_shared<const EventBatch>(std::move(heavy)));
  const Seq last{next_.value};
  release();
  ASSERT_TRUE(reports_.wait_durable(last));
  std::vector<std::uint64_t> ends;
  for (const LogPosition& position : reports_.durable()) ends.push_back(position.seq.value);
  const std::vector<std::uint64_t> expected = {
      1, 1 + limit, 1 + 2 * limit, 1 + 3 * limit, 1 + 5 * limit, 2 + 5 * limit};
  EXPECT_EQ(ends, expected);
}

TEST_F(LogWriterTest, digests_wait_for_their_events) {
  hold_next_sync();
  {
    LogWriter writer(*log_, reports_.callbacks());
    writer.submit(batch(2));
    wait_until_held();
    writer.submit(batch(3));
    writer.submit_digests({Seq{1}, {generator_.fixed<32>(), generator_.fixed<32>()}});
    writer.submit_digests({Seq{3}, {generator_.fixed<32>(), generator_.fixed<32>()}});
    release();
    ASSERT_TRUE(reports_.wait_durable(Seq{5}));
    writer.submit_digests({Seq{5}, {generator_.fixed<32>()}});
    writer.submit_digests({Seq{6}, {generator_.fixed<32>()}});  // of an event that never comes
    writer.submit_digests({});
  }
  EXPECT_TRUE(reports_.failures().empty());
  const auto read = read_all(*log_);
  ASSERT_EQ(read.events.size(), 5u);
  for (const LoggedEvent& logged : read.events) EXPECT_TRUE(logged.effects_digest.has_value());
}

TEST_F(LogWriterTest, digests_alone_cost_no_sync) {
  LogWriter writer(*log_, reports_.callbacks());
  writer.submit(batch(1));
  ASSERT_TRUE(reports_.wait_durable(Seq{1}));
  const std::size_t syncs = files_->wal_syncs();
  std::promise<void> written;
  files_->on_wal_append([&written, once = std::make_shared<std::once_flag>()] {
    std::call_once(*once, [&written] { written.set_value(); });
    return true;
  });
  writer.submit_digests({Seq{1}, {generator_.fixed<32>()}});
  ASSERT_EQ(written.get_future().wait_for(kDeadline), std::future_status::ready);
  EXPECT_EQ(files_->wal_syncs(), syncs);
}

TEST_F(LogWriterTest, closing_writes_everything_and_the_mark) {
  {
    LogWriter writer(*log_, reports_.callbacks());
    for (int i = 0; i < 1000; ++i) writer.submit(batch(3));
  }
  EXPECT_EQ(log_->end().seq, Seq{3000});
  ASSERT_FALSE(reports_.durable().empty());
  EXPECT_EQ(reports_.durable().back(), log_->end());
  const auto mark = read_mark(directory_.path() / "high_water");
  ASSERT_TRUE(mark.has_value());
  EXPECT_EQ(mark->position, log_->end());
}

TEST_F(LogWriterTest, mark_is_never_ahead_of_what_is_durable) {
  std::atomic<std::uint64_t> durable{0};
  std::atomic<int> checks{0};
  std::atomic<bool> ahead{false};
  files_->on_wal_sync([&] {
    // This sync has not happened yet: a mark may only name what earlier ones covered.
    const auto mark = read_mark(directory_.path() / "high_water");
    if (mark && mark->position.seq.value > durable) ahead = true;
    ++checks;
    return true;
  });
  {
    LogWriter writer(*log_, {[&](LogPosition position) { durable = position.seq.value; }, {}});
    for (int i = 0; i < 300; ++i) writer.submit(batch(50));
  }
  files_->on_wal_sync({});
  EXPECT_GT(checks, 10);
  EXPECT_FALSE(ahead);
}

TEST_F(LogWriterTest, mark_follows_without_a_close) {
  const int changes = ::inotify_init1(IN_CLOEXEC);
  ASSERT_GE(changes, 0);
  ASSERT_GE(::inotify_add_watch(changes, (directory_.path() / "high_water").c_str(), IN_MODIFY), 0);
  LogWriter writer(*log_, reports_.callbacks());
  writer.submit(batch(3));
  struct pollfd ready = {changes, POLLIN, 0};
  ASSERT_EQ(::poll(&ready, 1, 60'000), 1);
  const auto mark = read_mark(directory_.path() / "high_water");
  ASSERT_TRUE(mark.has_value());
  EXPECT_EQ(mark->position, log_->end());
  EXPECT_EQ(mark->position.seq, Seq{3});
  ::close(changes);
}

TEST_F(LogWriterTest, a_failed_sync_is_reported_once_and_ends_everything) {
  LogWriter writer(*log_, reports_.callbacks());
  writer.submit(batch(4));
  ASSERT_TRUE(reports_.wait_durable(Seq{4}));
  files_->on_wal_sync([] { return false; });
  writer.submit(batch(1));
  ASSERT_TRUE(reports_.wait_failure());
  files_->on_wal_sync({});
  writer.submit(batch(1));
  writer.submit_digests({Seq{1}, {core::Hash32{}}});
  const auto failures = reports_.failures();
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].code, StorageError::kIo);
  EXPECT_EQ(failures[0].seq, Seq{5});
  EXPECT_EQ(reports_.durable().back().seq, Seq{4});
  EXPECT_GE(writer.backlog(), 1u) << "what was not written stays undone";
}

TEST_F(LogWriterTest, submitting_never_waits_for_the_disk) {
  hold_next_sync();
  LogWriter writer(*log_, reports_.callbacks());
  writer.submit(batch(1));
  wait_until_held();
  // All of this happens while the disk stands still, or the test would never come to release().
  for (int i = 0; i < 5000; ++i) writer.submit(batch(1));
  EXPECT_EQ(writer.backlog(), 5001u);
  release();
  ASSERT_TRUE(reports_.wait_durable(Seq{5001}));
}

}  // namespace
}  // namespace preconf::storage
