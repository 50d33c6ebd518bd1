// Recovery: every road to the state of a log ends in the same state.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "core/state_bytes.hpp"
#include "node/loop/recover.hpp"
#include "tests/node/history.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::tests {
namespace {

using node::recover;
using node::RecoveryError;

struct RecoverTest : testing::Test {
  void open() {
    log.reset();
    auto opened = storage::EventLog::open(dir.path(), storage::OpenMode::kCreate);
    ASSERT_TRUE(opened) << opened.error().detail;
    log = std::move(*opened);
  }
  void write(std::uint64_t digested) {
    open();
    append(*log, history, 1, size(), digested);
  }
  std::uint64_t size() const { return history.events.size(); }
  void snapshot_at(std::uint64_t seq) {
    std::vector<core::Event> prefix(history.events.begin(),
                                    history.events.begin() + static_cast<std::ptrdiff_t>(seq));
    save(fold(prefix), core::kReducerVersion, log->chain_at(core::Seq{seq}).value());
  }
  void save(const core::State& state, std::uint32_t version, const core::Hash32& chain) {
    ASSERT_TRUE(snapshots.save({.position = {state.last_seq, chain},
                                .reducer_version = version,
                                .state_hash = core::state_hash(state),
                                .state = core::encode_state(state)}));
  }
  /// Recovers and expects the history's state.
  node::Recovered expect_state() {
    auto recovered = recover(*log, snapshots);
    EXPECT_TRUE(recovered) << recovered.error().detail;
    if (!recovered) return {};
    EXPECT_EQ(core::state_hash(*recovered->state), core::state_hash(history.state));
    EXPECT_EQ(recovered->end, log->end());
    return std::move(*recovered);
  }

  TemporaryDirectory dir;
  History history = make_history(6);
  std::unique_ptr<storage::EventLog> log;
  storage::SnapshotStore snapshots{dir.path() / "snapshots"};
};
using recovery = RecoverTest;

TEST_F(recovery, an_empty_log_is_the_initial_state) {
  open();
  const auto recovered = recover(*log, snapshots);
  ASSERT_TRUE(recovered);
  EXPECT_EQ(core::state_hash(*recovered->state), core::state_hash(core::State{}));
  EXPECT_EQ(recovered->events_replayed, 0U);
}

TEST_F(recovery, folds_the_whole_log) {
  write(size());
  const auto recovered = expect_state();
  EXPECT_EQ(recovered.events_replayed, size());
  EXPECT_EQ(recovered.snapshot_seq.value, 0U);
  EXPECT_TRUE(recovered.missing_digests.empty());
}

TEST_F(recovery, from_every_snapshot_it_is_the_same_state) {
  write(size());
  for (std::uint64_t seq = 1; seq <= size(); ++seq) {
    snapshot_at(seq);
    const auto recovered = expect_state();
    EXPECT_EQ(recovered.snapshot_seq.value, seq);
    EXPECT_EQ(recovered.events_replayed, size() - seq);
    snapshots.prune(0);
  }
}

TEST_F(recovery, deleted_snapshots_cost_time_only) {
  write(size());
  snapshot_at(5);
  snapshot_at(9);
  std::filesystem::remove_all(dir.path() / "snapshots");
  EXPECT_EQ(expect_state().events_replayed, size());
}

TEST_F(recovery, passes_over_unusable_snapshots_to_the_newest_good_one) {
  write(size());
  snapshot_at(5);
  // Each one is wrong in its own way; all are newer.
  const core::Hash32 chain = log->chain_at(core::Seq{7}).value();
  std::vector<core::Event> prefix(history.events.begin(), history.events.begin() + 7);
  const core::State state = fold(prefix);
  save(state, core::kReducerVersion + 1, chain);
  core::State other = state;
  other.last_seq = core::Seq{8};
  save(other, core::kReducerVersion, chain);
  core::State beyond = state;
  beyond.last_seq = core::Seq{size() + 1};
  save(beyond, core::kReducerVersion, chain);
  core::State tampered = state;
  tampered.last_seq = core::Seq{9};
  ASSERT_TRUE(snapshots.save({.position = {core::Seq{9}, log->chain_at(core::Seq{9}).value()},
                              .reducer_version = core::kReducerVersion,
                              .state_hash = core::state_hash(state),
                              .state = core::encode_state(tampered)}));
  ASSERT_TRUE(snapshots.save({.position = {core::Seq{10}, log->chain_at(core::Seq{10}).value()},
                              .reducer_version = core::kReducerVersion,
                              .state_hash = core::state_hash(state),
                              .state = core::Bytes(3)}));
  const auto recovered = expect_state();
  EXPECT_EQ(recovered.snapshot_seq.value, 5U);
  EXPECT_EQ(recovered.unusable_snapshots.size(), 5U);
}

/// Any subset of the snapshots deleted, any of the others flipped or cut: the same state.
TEST_F(recovery, damaged_snapshots_cost_time_only) {
  constexpr std::uint64_t kSeed = 41;
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  std::mt19937_64 random(kSeed);
  write(size());
  const std::vector<std::uint64_t> seqs = {3, 5, 9, size()};
  for (const std::uint64_t seq : seqs) snapshot_at(seq);
  std::vector<std::pair<std::filesystem::path, core::Bytes>> files;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path() / "snapshots")) {
    std::ifstream file(entry.path(), std::ios::binary);
    files.emplace_back(entry.path(), core::Bytes((std::istreambuf_iterator<char>(file)), {}));
  }
  ASSERT_EQ(files.size(), seqs.size());
  std::sort(files.begin(), files.end());
  for (int round = 0; round < 200; ++round) {
    std::uint64_t newest_whole = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
      core::Bytes bytes = files[i].second;
      const std::uint64_t fate = random() % 4;
      if (fate == 0)
        bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
      if (fate == 1) bytes.resize(random() % bytes.size());
      if (fate == 2) newest_whole = seqs[i];
      std::ofstream(files[i].first, std::ios::binary)
          .write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
      if (fate == 3) std::filesystem::remove(files[i].first);
    }
    const auto recovered = expect_state();
    EXPECT_EQ(recovered.snapshot_seq.value, newest_whole) << round;
    EXPECT_EQ(recovered.events_replayed, size() - newest_whole) << round;
  }
}

TEST_F(recovery, collects_the_digests_of_the_tail) {
  write(size() - 4);
  const auto recovered = expect_state();
  ASSERT_EQ(recovered.missing_digests.size(), 1U);
  EXPECT_EQ(recovered.missing_digests[0].first.value, size() - 3);
  EXPECT_EQ(recovered.missing_digests[0].digests,
            std::vector<core::Hash32>(history.digests.end() - 4, history.digests.end()));
  ASSERT_TRUE(log->append({}, recovered.missing_digests, false));
  EXPECT_TRUE(expect_state().missing_digests.empty());
}

TEST_F(recovery, refuses_at_the_first_event_with_other_effects) {
  const std::uint64_t wrong = size() / 2;
  history.digests[wrong - 1].bytes[0] ^= 1;
  history.digests[wrong + 2].bytes[0] ^= 1;
  write(size());
  const auto recovered = recover(*log, snapshots);
  ASSERT_FALSE(recovered);
  EXPECT_EQ(recovered.error().code, RecoveryError::kDivergence);
  EXPECT_EQ(recovered.error().seq.value, wrong);
  EXPECT_NE(recovered.error().detail.find("recorded"), std::string::npos);
}

TEST_F(recovery, refuses_a_log_that_does_not_begin_with_genesis) {
  open();
  core::Event event = history.events[1];
  event.seq = core::Seq{1};
  storage::EventBatch batch{{event}, {}};
  const storage::EventBatch* const batches[] = {&batch};
  ASSERT_TRUE(log->append(batches, {}, true));
  const auto recovered = recover(*log, snapshots);
  ASSERT_FALSE(recovered);
  EXPECT_EQ(recovered.error().code, RecoveryError::kNoGenesis);
}

TEST_F(recovery, refuses_a_log_of_a_later_reducer) {
  open();
  auto genesis = std::get<core::events::GenesisRecorded>(history.events[0].body);
  genesis.reducer_version = core::kReducerVersion + 1;
  history.events[0].body = genesis;
  storage::EventBatch batch{{history.events[0]}, {}};
  const storage::EventBatch* const batches[] = {&batch};
  ASSERT_TRUE(log->append(batches, {}, true));
  const auto recovered = recover(*log, snapshots);
  ASSERT_FALSE(recovered);
  EXPECT_EQ(recovered.error().code, RecoveryError::kReducerVersion);
}

}  // namespace
}  // namespace preconf::tests
