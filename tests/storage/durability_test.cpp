// What is synced, when, and what is left after a power cut or a failing disk.
#include <gtest/gtest.h>

#include "tests/storage/log_fixture.hpp"
#include "tests/support/storage_faults.hpp"

namespace preconf::storage {
namespace {

using core::Seq;
using tests::EventGenerator;
using tests::TemporaryDirectory;

TEST(Durability, syncs_exactly_when_told) {
  TemporaryDirectory directory;
  const auto files = std::make_shared<tests::FaultFileSystem>();
  const auto env = tests::make_env(files);
  EventGenerator generator(8);
  const auto log = open_log(directory.path(), OpenMode::kCreate, env.get());
  ASSERT_NE(log, nullptr);
  const std::size_t before = files->wal_syncs();
  append(*log, generator.batch(Seq{1}, 5), true);
  EXPECT_EQ(files->wal_syncs(), before + 1);
  append(*log, generator.batch(Seq{6}, 5), false);
  EXPECT_EQ(files->wal_syncs(), before + 1);
  const EffectsDigests digests[] = {{Seq{1}, {core::Hash32{}}}};
  ASSERT_TRUE(log->append({}, digests, false).has_value());
  EXPECT_EQ(files->wal_syncs(), before + 1);
  append(*log, generator.batch(Seq{11}, 300), true);
  EXPECT_EQ(files->wal_syncs(), before + 2);
}

TEST(Durability, what_was_synced_survives_a_power_cut) {
  TemporaryDirectory directory;
  const auto files = std::make_shared<tests::FaultFileSystem>();
  const auto env = tests::make_env(files);
  EventGenerator generator(9);
  {
    const auto log = open_log(directory.path(), OpenMode::kCreate, env.get());
    append(*log, generator.batch(Seq{1}, 10), true);
    append(*log, generator.batch(Seq{11}, 5), false);
    EXPECT_EQ(log->end().seq, Seq{15});
  }
  files->drop_unsynced();
  const auto log = open_log(directory.path(), OpenMode::kWrite);
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->end().seq, Seq{10});
  EXPECT_EQ(read_all(*log).events.size(), 10u);
  append(*log, generator.batch(Seq{11}, 1), true);
  EXPECT_EQ(read_all(*log).events.size(), 11u);
}

TEST(Durability, a_failed_write_or_sync_ends_the_object_and_not_the_log) {
  for (const bool fail_sync : {true, false}) {
    TemporaryDirectory directory;
    const auto files = std::make_shared<tests::FaultFileSystem>();
    const auto env = tests::make_env(files);
    EventGenerator generator(10);
    {
      const auto log = open_log(directory.path(), OpenMode::kCreate, env.get());
      append(*log, generator.batch(Seq{1}, 10), true);
      const auto refuse = [] { return false; };
      if (fail_sync) {
        files->on_wal_sync(refuse);
      } else {
        files->on_wal_append(refuse);
      }
      const EventBatch batch = generator.batch(Seq{11}, 1);
      const EventBatch* batches[] = {&batch};
      const auto failed = log->append(batches, {}, true);
      ASSERT_FALSE(failed.has_value());
      EXPECT_EQ(failed.error().code, StorageError::kIo);
      EXPECT_EQ(failed.error().seq, Seq{11});
      files->on_wal_sync({});
      files->on_wal_append({});
      EXPECT_FALSE(log->append(batches, {}, true).has_value());
      EXPECT_EQ(log->end().seq, Seq{10});
    }
    const auto log = open_log(directory.path(), OpenMode::kWrite);
    ASSERT_NE(log, nullptr);
    EXPECT_GE(log->end().seq, Seq{10});
    EXPECT_LE(log->end().seq, Seq{11});
  }
}

}  // namespace
}  // namespace preconf::storage
