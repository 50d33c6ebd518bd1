// Snapshots: equal or absent, never wrong.
#include "storage/snapshot_store.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "core/crypto/hash.hpp"
#include "tests/storage/log_fixture.hpp"

namespace preconf::storage {
namespace {

using core::Seq;
using tests::EventGenerator;
using tests::TemporaryDirectory;

Snapshot make(EventGenerator& generator, Seq seq, std::size_t size) {
  return {{seq, generator.fixed<32>()}, 7, generator.fixed<32>(), generator.bytes(size)};
}

void expect_equal(const std::optional<Snapshot>& loaded, const Snapshot& saved) {
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->position, saved.position);
  EXPECT_EQ(loaded->reducer_version, saved.reducer_version);
  EXPECT_EQ(loaded->state_hash, saved.state_hash);
  EXPECT_EQ(loaded->state, saved.state);
}

TEST(SnapshotStore, loads_what_was_saved) {
  TemporaryDirectory directory;
  EventGenerator generator(31);
  SnapshotStore store(directory.path() / "snapshots");
  EXPECT_TRUE(store.list().empty());
  EXPECT_FALSE(store.load(Seq{1}).has_value());
  const Snapshot empty = make(generator, Seq{0}, 0);
  const Snapshot large = make(generator, Seq{~std::uint64_t{0}}, 1'000'000);
  ASSERT_TRUE(store.save(empty).has_value());
  ASSERT_TRUE(store.save(large).has_value());
  expect_equal(store.load(Seq{0}), empty);
  expect_equal(store.load(large.position.seq), large);
  EXPECT_EQ(store.list(), (std::vector{Seq{0}, large.position.seq}));
  const Snapshot again = make(generator, Seq{0}, 10);
  ASSERT_TRUE(store.save(again).has_value());
  expect_equal(store.load(Seq{0}), again);
}

TEST(SnapshotStore, any_damage_means_absent) {
  TemporaryDirectory directory;
  EventGenerator generator(32);
  SnapshotStore store(directory.path());
  ASSERT_TRUE(store.save(make(generator, Seq{5}, 100)).has_value());
  const auto file = directory.path() / "00000000000000000005.snap";
  const std::uint64_t size = std::filesystem::file_size(file);
  ASSERT_EQ(size, 96u + 100u + 32u) << "as documented";
  for (std::uint64_t at = 0; at < size; ++at) {
    flip_byte(file, at);
    EXPECT_FALSE(store.load(Seq{5}).has_value()) << at;
    flip_byte(file, at);
  }
  EXPECT_TRUE(store.load(Seq{5}).has_value());
  std::filesystem::copy_file(file, directory.path() / "00000000000000000006.snap");
  EXPECT_FALSE(store.load(Seq{6}).has_value()) << "a snapshot of another event";
  for (const std::uint64_t cut :
       {size - 1, std::uint64_t{96}, std::uint64_t{3}, std::uint64_t{0}}) {
    std::filesystem::resize_file(file, cut);
    EXPECT_FALSE(store.load(Seq{5}).has_value()) << cut;
  }
}

TEST(SnapshotStore, prunes_the_oldest_and_ignores_strangers) {
  TemporaryDirectory directory;
  EventGenerator generator(33);
  SnapshotStore store(directory.path());
  for (const std::uint64_t seq : {30u, 10u, 20u}) {
    ASSERT_TRUE(store.save(make(generator, Seq{seq}, 10)).has_value());
  }
  for (const char* name : {"x.snap", "00000000000000000007.snap.tmp", "99999999999999999999.snap",
                           "0000000000000000000a.snap", "notes.txt"}) {
    std::ofstream(directory.path() / name) << "stranger";
  }
  EXPECT_EQ(store.list(), (std::vector{Seq{10}, Seq{20}, Seq{30}}));
  store.prune(5);
  EXPECT_EQ(store.list().size(), 3u);
  store.prune(1);
  EXPECT_EQ(store.list(), (std::vector{Seq{30}}));
  EXPECT_TRUE(std::filesystem::exists(directory.path() / "notes.txt"));
}

TEST(SnapshotStore, failure_to_save_is_reported) {
  TemporaryDirectory directory;
  std::ofstream(directory.path() / "file") << "not a directory";
  EventGenerator generator(34);
  SnapshotStore store(directory.path() / "file");
  const auto saved = store.save(make(generator, Seq{1}, 10));
  ASSERT_FALSE(saved.has_value());
  EXPECT_EQ(saved.error().code, StorageError::kIo);
}

}  // namespace
}  // namespace preconf::storage
