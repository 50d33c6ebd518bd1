// The shadow: agrees in silence, objects loudly, and writes snapshots that recovery accepts.
#include <gtest/gtest.h>

#include <future>

#include "node/loop/recover.hpp"
#include "node/loop/shadow.hpp"
#include "tests/node/history.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::tests {
namespace {

constexpr auto kDeadline = std::chrono::seconds(20);

struct ShadowTest : testing::Test {
  void SetUp() override {
    auto opened = storage::EventLog::open(dir.path(), storage::OpenMode::kCreate);
    ASSERT_TRUE(opened) << opened.error().detail;
    log = std::move(*opened);
    append(*log, history, 1, size(), size());
  }
  std::uint64_t size() const { return history.events.size(); }
  std::unique_ptr<node::Shadow> make(std::uint64_t snapshot_every) {
    return std::make_unique<node::Shadow>(
        std::make_unique<core::State>(), *log, snapshots, node::ShadowConfig{snapshot_every, 3},
        node::ShadowCallbacks{[this](node::Divergence found) { diverged.set_value(found); }, [] {},
                              [this](core::Seq seq) { saved.push_back(seq.value); },
                              [](const std::string& detail) { ADD_FAILURE() << detail; }});
  }
  /// Hands the history over in batches of `at_once`.
  void feed(node::Shadow& shadow, std::uint64_t at_once) {
    for (std::uint64_t first = 1; first <= size(); first += at_once) {
      auto batch = std::make_shared<storage::EventBatch>();
      storage::EffectsDigests digests{core::Seq{first}, {}};
      for (std::uint64_t seq = first; seq < first + at_once && seq <= size(); ++seq) {
        batch->events.push_back(history.events[seq - 1]);
        digests.digests.push_back(history.digests[seq - 1]);
      }
      shadow.submit(batch);
      shadow.submit_digests(digests);
      shadow.on_durable({batch->events.back().seq, {}});
    }
  }

  TemporaryDirectory dir;
  History history = make_history(6);
  std::unique_ptr<storage::EventLog> log;
  storage::SnapshotStore snapshots{dir.path() / "snapshots"};
  std::promise<node::Divergence> diverged;
  std::vector<std::uint64_t> saved;
};
using shadow = ShadowTest;

TEST_F(shadow, agrees_and_leaves_a_final_snapshot_that_recovery_takes) {
  const auto follower = make(1'000'000);
  feed(*follower, 5);
  follower->finish();
  EXPECT_EQ(follower->backlog(), 0U);
  EXPECT_EQ(saved, std::vector<std::uint64_t>{size()});
  const auto recovered = node::recover(*log, snapshots);
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered->snapshot_seq.value, size());
  EXPECT_EQ(core::state_hash(*recovered->state), core::state_hash(history.state));
}

TEST_F(shadow, writes_snapshots_on_its_way) {
  const auto follower = make(10);
  feed(*follower, 10);
  follower->finish();
  ASSERT_FALSE(saved.empty());
  EXPECT_EQ(saved.back(), size());
  EXPECT_LE(snapshots.list().size(), 4U) << "the newest 3, and the first of the run of events";
  const auto recovered = node::recover(*log, snapshots);
  ASSERT_TRUE(recovered);
  EXPECT_TRUE(recovered->unusable_snapshots.empty());
}

TEST_F(shadow, saves_nothing_that_is_not_durable) {
  const auto follower = make(10);
  auto batch = std::make_shared<storage::EventBatch>();
  batch->events = history.events;
  follower->submit(batch);
  follower->submit_digests({core::Seq{1}, history.digests});
  follower->on_durable({core::Seq{9}, {}});
  follower->finish();
  EXPECT_TRUE(saved.empty());
}

TEST_F(shadow, objects_to_other_effects_and_writes_no_snapshot_after) {
  history.digests[6].bytes[31] ^= 0x80;
  const auto follower = make(5);
  auto found = diverged.get_future();
  feed(*follower, 4);
  ASSERT_EQ(found.wait_for(kDeadline), std::future_status::ready);
  const node::Divergence divergence = found.get();
  EXPECT_EQ(divergence.seq.value, 7U);
  EXPECT_EQ(divergence.live, history.digests[6]);
  EXPECT_NE(divergence.live, divergence.shadow);
  follower->finish();
  for (const core::Seq seq : snapshots.list()) EXPECT_LT(seq.value, 7U);
}

}  // namespace
}  // namespace preconf::tests
