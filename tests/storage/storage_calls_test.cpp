// The Nth call to the file system fails, for every N until none is left; and the power goes at the
// Nth call. What was acknowledged is never lost, and the log goes on once the disk works again.
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <condition_variable>
#include <mutex>

#include "storage/log_writer.hpp"
#include "storage/rocks.hpp"
#include "storage/snapshot_store.hpp"
#include "tests/storage/attack_log.hpp"
#include "tests/storage/log_fixture.hpp"
#include "tests/support/storage_calls.hpp"

namespace preconf::storage {
namespace {

using core::Seq;
using tests::EventGenerator;
using tests::Fault;
using tests::FaultPlan;
using tests::StorageCalls;
using tests::TemporaryDirectory;

constexpr std::uint64_t kSeed = 9;
constexpr std::uint64_t kSuiteStep = 7;  ///< the suite takes every so manieth call

/// What a life was told before the disk failed.
struct Told {
  std::vector<LogPosition> durable;
  std::size_t failures = 0;
  bool durable_after_failure = false;
};

/// Creates or opens the log, appends, marks and saves a snapshot, until something fails.
void live(const std::filesystem::path& path, StorageCalls& calls, Told& told) {
  EventGenerator generator(kSeed);
  auto log = EventLog::open(path, OpenMode::kCreate, calls.env());
  if (!log) {
    ++told.failures;
    EXPECT_FALSE(log.error().detail.empty());
    return;
  }
  SnapshotStore snapshots(path / "snapshots");
  for (std::uint64_t round = 0; round < 4; ++round) {
    EventBatch batch = generator.batch(core::next((*log)->end().seq), 3);
    if (round == 1) batch.contents.push_back(tests::content_of(generator.bytes(5'000)));
    const EventBatch* batches[] = {&batch};
    const EffectsDigests digests[] = {{batch.events[0].seq, std::vector<core::Hash32>(3)}};
    const auto position = (*log)->append(batches, digests, true);
    if (!position) {
      ++told.failures;
      EXPECT_FALSE((*log)->append(batches, digests, true).has_value()) << "stays refused";
      return;
    }
    told.durable.push_back(*position);
    if (round % 2 == 1 && !(*log)->write_high_water_mark(*position)) {
      ++told.failures;
      return;
    }
    // A snapshot that can not be saved costs time at the next start, no more.
    (void)snapshots.save({*position, 1, {}, generator.bytes(500)});
  }
}

/// The same through the writer with its two threads.
void live_with_writer(const std::filesystem::path& path, StorageCalls& calls, Told& told) {
  EventGenerator generator(kSeed);
  auto log = EventLog::open(path, OpenMode::kCreate, calls.env());
  if (!log) {
    ++told.failures;
    return;
  }
  std::mutex mutex;
  std::condition_variable changed;
  {
    LogWriter writer(**log, {[&](LogPosition durable) {
                               const std::lock_guard lock(mutex);
                               told.durable_after_failure |= told.failures > 0;
                               told.durable.push_back(durable);
                               changed.notify_all();
                             },
                             [&](const StorageFailure&) {
                               const std::lock_guard lock(mutex);
                               ++told.failures;
                               changed.notify_all();
                             }});
    Seq next{1};
    for (int round = 0; round < 5; ++round) {
      writer.submit(std::make_shared<const EventBatch>(generator.batch(next, 2)));
      writer.submit_digests({next, std::vector<core::Hash32>(2)});
      next.value += 2;
      std::unique_lock lock(mutex);
      ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(60), [&] {
        return told.failures > 0 ||
               (!told.durable.empty() && core::next(told.durable.back().seq) == next);
      }));
    }
  }
}

/// The disk works again: everything acknowledged is there, the log verifies and takes more.
void expect_whole(const std::filesystem::path& path, const Told& told, const std::string& where) {
  for (std::uint64_t again = 0; again < 2; ++again) {
    const auto log = EventLog::open(path, OpenMode::kCreate);
    ASSERT_TRUE(log.has_value()) << where << ": " << log.error().detail;
    const LogPosition last = told.durable.empty() ? LogPosition{} : told.durable.back();
    ASSERT_GE((*log)->end().seq, last.seq) << where;
    for (const LogPosition& position : told.durable) {
      ASSERT_EQ((*log)->chain_at(position.seq), position.chain) << where;
    }
    const auto read = read_all(**log);
    ASSERT_FALSE(read.failure.has_value()) << where << ": " << read.failure->detail;
    ASSERT_EQ(read.events.size(), (*log)->end().seq.value) << where;
    EventGenerator generator(again + 100);
    const LogPosition more = append(**log, generator.batch(core::next((*log)->end().seq), 1));
    ASSERT_TRUE((*log)->write_high_water_mark(more).has_value());
  }
}

using Workload = void (*)(const std::filesystem::path&, StorageCalls&, Told&);

/// Runs `workload` with the fault at call 1, 2, ... until it has fewer calls. Returns how many.
std::uint64_t strike_every_call(FaultPlan plan, Workload workload) {
  std::mt19937_64 random(kSeed);
  const std::uint64_t step = full_attack() ? 1 : kSuiteStep;
  std::uint64_t struck = 0;
  // The first start differs with the fault, so that several samples together see every call.
  const std::uint64_t first =
      full_attack() ? 1 : 1 + static_cast<std::uint64_t>(plan.fault) % kSuiteStep;
  for (plan.at = first;; plan.at += step) {
    TemporaryDirectory directory{attack_parent()};
    const auto path = directory.path() / "node";
    Told told;
    std::string hit;
    {
      StorageCalls calls;
      calls.plan(plan);
      workload(path, calls, told);
      hit = calls.hit();
      if (plan.fault == Fault::kPowerCut) calls.apply_power_cut(random);
    }
    if (hit.empty()) return struck;
    ++struck;
    const std::string where = "call " + std::to_string(plan.at) + ", " + hit;
    EXPECT_LE(told.failures, 1u) << where;
    EXPECT_FALSE(told.durable_after_failure) << where;
    expect_whole(path, told, where);
    if (::testing::Test::HasFailure()) return struck;
  }
}

void strike(const char* name, FaultPlan plan, Workload workload) {
  const std::uint64_t calls = strike_every_call(plan, workload);
  std::printf("seed %llu: %s, %llu calls struck%s\n", static_cast<unsigned long long>(kSeed), name,
              static_cast<unsigned long long>(calls), full_attack() ? "" : " (a sample)");
  EXPECT_GT(calls, 10u);
}

TEST(FailingCalls, io_error_once) { strike("EIO once", {Fault::kIoError}, live); }
TEST(FailingCalls, io_error_from_then_on) {
  strike("EIO from then on", {Fault::kIoError, 0, true}, live);
}
TEST(FailingCalls, disk_full_once) { strike("ENOSPC once", {Fault::kNoSpace}, live); }
TEST(FailingCalls, disk_full_until_space_is_back) {
  strike("ENOSPC from then on", {Fault::kNoSpace, 0, true}, live);
}
TEST(FailingCalls, short_write) {
  strike("short write", {Fault::kShortWrite, 0, true, true}, live);
}
TEST(FailingCalls, the_writer_reports_once_and_stops) {
  strike("ENOSPC, with writer", {Fault::kNoSpace, 0, true, true}, live_with_writer);
  strike("EIO once, with writer", {Fault::kIoError, 0, false, true}, live_with_writer);
}
TEST(PowerCut, loses_nothing_acknowledged_at_any_call) {
  strike("power cut", {Fault::kPowerCut, 0, true, true}, live);
}
TEST(PowerCut, loses_nothing_that_the_writer_reported) {
  strike("power cut, with writer", {Fault::kPowerCut, 0, true, true}, live_with_writer);
}

/// Tables, blob files and the manifest of a flush and a compaction.
TEST(FailingCalls, flush_and_compaction) {
  TemporaryDirectory directory{attack_parent()};
  const AttackLog log =
      make_attack_log(directory.path() / "a", AttackShape::kWal, kSeed, Seq{kAttackEvents});
  const auto copy = directory.path() / "copy";
  std::mt19937_64 random(kSeed);
  std::uint64_t struck = 0;
  for (const Fault fault : {Fault::kNoSpace, Fault::kShortWrite, Fault::kPowerCut}) {
    for (std::uint64_t at = 1 + static_cast<std::uint64_t>(fault);;
         at += full_attack() ? 1 : 5 * kSuiteStep) {
      std::filesystem::remove_all(copy);
      std::filesystem::copy(log.path, copy, std::filesystem::copy_options::recursive);
      std::string hit;
      {
        StorageCalls calls;
        calls.plan({fault, at, true, true});
        if (const auto rocks = Rocks::open(copy / "log", RocksMode::kWrite, calls.env())) {
          (void)(*rocks)->db().Flush(rocksdb::FlushOptions(),
                                     {(*rocks)->log(), (*rocks)->effects(), (*rocks)->content()});
          (void)(*rocks)->db().CompactRange(rocksdb::CompactRangeOptions(), (*rocks)->log(),
                                            nullptr, nullptr);
        }
        hit = calls.hit();
        if (fault == Fault::kPowerCut) calls.apply_power_cut(random);
      }
      if (hit.empty()) break;
      ++struck;
      const Judgement found = judge(log, copy, OpenMode::kWrite);
      ASSERT_EQ(found.verdict, Verdict::kHarmless) << "call " << at << ", " << hit << found.why;
    }
  }
  std::printf("seed %llu: %llu calls of flush and compaction struck\n",
              static_cast<unsigned long long>(kSeed), static_cast<unsigned long long>(struck));
  EXPECT_GT(struck, 10u);
}

}  // namespace
}  // namespace preconf::storage
